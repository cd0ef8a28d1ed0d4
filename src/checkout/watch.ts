import { startLoop } from '../background-loop.ts'
import type { AppContext } from '../context.ts'
import { makeDue } from '../orders/queries/due-orders.ts'
import { sweepDueList } from './sweep-lists.ts'
import { lookAtDueOrders } from './watch-orders.ts'
import { lookAtDueRefunds } from './watch-refunds.ts'

/**
 * Looks after everything that may still change, on every instance: due orders, refunds whose end is
 * not known, and JustiFi's own lists. After a restart nobody knows what was missed, so every open
 * order is due at once.
 *
 * @returns a function that stops it, after the rounds under way
 */
export async function watch(ctx: AppContext, intervalMs: number): Promise<() => Promise<void>> {
  await makeDue(ctx.db, ['awaiting_payment', 'failed', 'processing'], ctx.clock.now())

  const { log } = ctx
  const stops = [
    startLoop(() => lookAtDueOrders(ctx), { name: 'orders', intervalMs, log }),
    startLoop(() => lookAtDueRefunds(ctx), { name: 'refunds', intervalMs, log }),
    startLoop(() => sweepDueList(ctx), { name: 'lists', intervalMs, log }),
  ]
  return async () => {
    await Promise.all(stops.map((stop) => stop()))
  }
}
