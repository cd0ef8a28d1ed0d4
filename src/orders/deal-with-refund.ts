import type { Clock } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { markDealtWith } from './queries/desk-order.ts'
import type { Refund } from './refund.ts'
import { recordTimeline, type Witness } from './timeline.ts'

/**
 * A person has dealt with a refund that failed, or whose outcome nobody knows: it needs no attention
 * any more. It changes nothing about the money.
 *
 * @returns whether this caller won: false where the refund was dealt with before, or needs nobody
 */
export function dealWithRefund(
  ctx: { db: Db; clock: Clock },
  refund: Pick<Refund, 'id' | 'orderId' | 'merchantId' | 'amountCents'>,
  note: string,
  witness: Witness,
): Promise<boolean> {
  return inTransaction(ctx.db, async (trx) => {
    const now = ctx.clock.now()
    if (!(await markDealtWith(trx, refund, now))) return false
    const { id, orderId, merchantId, amountCents } = refund
    const data = { refundId: id, amountCents, note }
    const entry = { kind: 'refund_dealt_with', data } as const
    await recordTimeline(trx, { id: orderId, merchantId }, [entry], witness, now)
    return true
  })
}
