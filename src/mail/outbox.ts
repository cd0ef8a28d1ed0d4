import { timestamp } from '../clock.ts'
import { compiled } from '../db/compiled.ts'
import type { Transaction } from '../db/database.ts'
import type { NewRow } from '../db/schema.ts'
import { newId } from '../ids.ts'

/** What a mail tells, and whom. Each has its words in the message files. */
export type MailKind = CustomerMailKind | MerchantMailKind

/** To the address that the order has when the mail goes out. */
export const CUSTOMER_MAIL_KINDS = [
  'order_placed',
  'order_paid',
  'bank_payment_pending',
  'payment_failed',
  'refund_requested',
  'refund_made',
  'refund_failed',
  'order_link',
] as const
export type CustomerMailKind = (typeof CUSTOMER_MAIL_KINDS)[number]

/** To the merchant's support address. */
export const MERCHANT_MAIL_KINDS = [
  'merchant_order_paid',
  'merchant_needs_review',
  'merchant_dispute',
  'merchant_refund_failed',
] as const
export type MerchantMailKind = (typeof MERCHANT_MAIL_KINDS)[number]

export type NewMail = {
  kind: MailKind
  /** Names the effect: however often it is told, one mail with this key is made. */
  key: string
  orderId: string
  merchantId: string
  /**
   * What the order itself does not tell: `amountCents` of a refund or dispute, `reason` of a
   * review. No personal data, which is taken from the order when the mail is made.
   */
  data: Record<string, string | number | null>
}

const put = compiled((db, mails: NewRow<'outbox'>[]) =>
  db
    .insertInto('outbox')
    .values(mails)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id'),
)

/**
 * Puts mails down to be sent, in the transaction of what they tell: both are kept, or neither. A
 * mail whose key is already there is not put down again.
 *
 * @returns how many were put down
 */
export async function enqueueMails(
  trx: Transaction,
  mails: readonly NewMail[],
  at: Date,
): Promise<number> {
  if (mails.length === 0) return 0
  const added = await put(
    trx,
    mails.map((mail) => ({
      id: newId(),
      key: mail.key,
      kind: mail.kind,
      order_id: mail.orderId,
      merchant_id: mail.merchantId,
      data: JSON.stringify(mail.data),
      due_at: timestamp(at),
      attempts: 0,
      leased_until: null,
      sent_at: null,
      last_error: null,
      created_at: timestamp(at),
    })),
  )
  return added.length
}
