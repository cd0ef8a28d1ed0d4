import { stockFollows } from '../catalog/stock.ts'
import { timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { STATUS_RULES } from '../orders/order.ts'
import { changeOrder } from '../orders/queries/change-order.ts'
import { recordTimeline, type Witness } from '../orders/timeline.ts'
import { settleOrder } from './settle-order.ts'
import { justReturned } from './settlement.ts'

/** `unknown`: JustiFi could not be asked, so nothing was changed. */
export type Cancelled = 'cancelled' | 'not_cancellable' | 'unknown'

/**
 * Gives an order up, after JustiFi has said that it is unpaid. JustiFi cannot withdraw a page that
 * is open, so the order stays watched: money that comes later is `paid_after_cancel`.
 *
 * @throws OrderNotFoundError
 */
export async function cancelOrder(
  ctx: AppContext,
  orderId: string,
  witness: Witness,
): Promise<Cancelled> {
  const { order, confirmed } = await settleOrder(ctx, orderId, witness)
  const now = ctx.clock.now()

  if (order.status === 'cancelled') return 'cancelled'
  if (!STATUS_RULES[order.status].cancellable || justReturned(order, now)) return 'not_cancellable'
  if (!confirmed) return 'unknown'

  const change = { status: 'cancelled', cancelled_at: timestamp(now), check_count: 0 }
  const data = { from: order.status, to: 'cancelled', reason: null } as const
  const won = await inTransaction(ctx.db, async (trx) => {
    if (!(await changeOrder(trx, order, change, now))) return false
    await recordTimeline(trx, order, [{ kind: 'status', data }], witness, now)
    await stockFollows(trx, order, 'cancelled')
    return true
  })
  return won ? 'cancelled' : cancelOrder(ctx, orderId, witness)
}
