import { timestamp } from '../../clock.ts'
import type { Transaction } from '../../db/database.ts'

export type Dispute = {
  /** `dp_…` */
  id: string
  paymentId: string
  status: string
  amountCents: number
  currency: string
  reason: string | null
  dueDate: string | null
  createdAt: Date
  updatedAt: Date
}

/** Statuses of a dispute that needs no answer any more. Lost can still become won. */
export const DECIDED: readonly string[] = ['won', 'lost']

/**
 * Mirrors a dispute of an order, unless what is known of it is as new.
 *
 * @returns whether it was news
 */
export async function mirrorDispute(
  trx: Transaction,
  order: { id: string; merchantId: string },
  dispute: Dispute,
): Promise<boolean> {
  const facts = {
    status: dispute.status,
    amount_cents: dispute.amountCents,
    currency: dispute.currency,
    reason: dispute.reason,
    due_date: dispute.dueDate,
    updated_at: timestamp(dispute.updatedAt),
  }
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('disputes')
    .values({
      id: dispute.id,
      order_id: order.id,
      merchant_id: order.merchantId,
      payment_id: dispute.paymentId,
      created_at: timestamp(dispute.createdAt),
      ...facts,
    })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet(facts)
        .where('disputes.order_id', '=', order.id)
        .where('disputes.updated_at', '<', facts.updated_at),
    )
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}
