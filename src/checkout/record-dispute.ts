import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import type { ObservedDispute } from '../justifi/observed.ts'
import { enqueueMails } from '../mail/outbox.ts'
import type { Order } from '../orders/order.ts'
import { DECIDED, mirrorDispute } from '../orders/queries/disputes.ts'
import { makeOrderDue } from '../orders/queries/due-orders.ts'
import { recordTimeline, type Witness } from '../orders/timeline.ts'
import { settleOrder } from './settle-order.ts'

/**
 * Brings the shop's record of a dispute up to JustiFi's, and then the order's payments, whose sums
 * change with it. Opened, won, lost, and won after all: the newest form counts.
 *
 * @throws OrderNotFoundError
 */
export async function recordDispute(
  ctx: AppContext,
  order: Order,
  seen: ObservedDispute,
  witness: Witness,
): Promise<void> {
  const now = ctx.clock.now()
  const isNews = await inTransaction(ctx.db, async (trx) => {
    if (!(await mirrorDispute(trx, order, seen))) return false
    // Should the process end here, or JustiFi not answer now, the watcher settles the order.
    await makeOrderDue(trx, order.id, now)
    const { id: disputeId, amountCents, status, reason } = seen
    const data = { disputeId, amountCents, status, reason }
    await recordTimeline(trx, order, [{ kind: 'dispute', data }], witness, now)
    // That one has opened is told with the order's new status; that it is over, nothing else tells.
    if (DECIDED.includes(status)) {
      const mail = { kind: 'merchant_dispute', key: `dispute:${disputeId}:${status}` } as const
      const { id: orderId, merchantId } = order
      await enqueueMails(
        trx,
        [{ ...mail, orderId, merchantId, data: { amountCents, status } }],
        now,
      )
    }
    return true
  })
  if (isNews) await settleOrder(ctx, order.id, witness)
}
