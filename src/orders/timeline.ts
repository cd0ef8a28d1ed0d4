import { timestamp } from '../clock.ts'
import { compiled } from '../db/compiled.ts'
import type { Db } from '../db/database.ts'
import type { NewRow } from '../db/schema.ts'
import { newId } from '../ids.ts'
import type { Source } from './order.ts'

/** Something that happened to an order. `data` holds no personal data and no secrets. */
export type TimelineEntry =
  | { kind: 'placed'; data: { totalCents: number; currency: string } }
  | { kind: 'contact_changed'; data: Record<string, never> }
  | { kind: 'intent_created'; data: { intentId: string } }
  | { kind: 'page_opened'; data: { ordinal: number; expiresAt: string } }
  | { kind: 'returned'; data: Record<string, never> }
  | { kind: 'payment'; data: PaymentNews }
  | { kind: 'refund'; data: RefundNews }
  | { kind: 'dispute'; data: DisputeNews }
  | { kind: 'review_accepted'; data: { reason: string; note: string } }
  | { kind: 'fulfilled' | 'unfulfilled'; data: Record<string, never> }
  | { kind: 'refund_dealt_with'; data: { refundId: string; amountCents: number; note: string } }
  | { kind: 'checked'; data: { confirmed: boolean } }
  | { kind: 'cancel_tried'; data: { outcome: 'not_cancellable' | 'unknown' } }
  | { kind: 'mail_resent'; data: { mail: string } }
  | { kind: 'status'; data: { from: string; to: string; reason: string | null } }

export type PaymentNews = {
  paymentId: string
  status: string
  amountCents: number
  currency: string
  refundedCents: number
  disputedCents: number
  errorCode: string | null
  /** When JustiFi last changed the payment, by its own account. */
  at: string
}

export type RefundNews = {
  /** The shop's id, or JustiFi's for a refund that was made there. */
  refundId: string
  amountCents: number
  outcome: string
  errorCode: string | null
}

export type DisputeNews = {
  disputeId: string
  amountCents: number
  status: string
  reason: string | null
}

/** Through which door the news came, and which person or system acted. */
export type Witness = { source: Source; actor?: string }

const append = compiled((db, entries: NewRow<'timeline'>[]) =>
  db.insertInto('timeline').values(entries),
)

/** Appends to an order's timeline, in the order given. Inside the transaction of what it tells. */
export async function recordTimeline(
  db: Db,
  order: { id: string; merchantId: string },
  entries: readonly TimelineEntry[],
  { source, actor }: Witness,
  at: Date,
): Promise<void> {
  if (entries.length === 0) return
  await append(
    db,
    entries.map((entry) => ({
      id: newId(),
      order_id: order.id,
      merchant_id: order.merchantId,
      at: timestamp(at),
      kind: entry.kind,
      source,
      actor: actor ?? null,
      data: JSON.stringify(entry.data),
    })),
  )
}
