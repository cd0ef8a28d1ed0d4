import { setTimeout as sleep } from 'node:timers/promises'
import { later, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { type Order, STATUS_RULES } from '../orders/order.ts'
import { scheduleLook } from '../orders/queries/ask.ts'
import { changeOrderWith } from '../orders/queries/change-order.ts'
import { leaseDueOrders, makeDue } from '../orders/queries/due-orders.ts'
import { getOrder } from '../orders/queries/find-order.ts'
import { nextCheckAt } from './check-schedule.ts'
import { linkIntent } from './open-checkout.ts'
import { settleOrder } from './settle-order.ts'
import { UNOPENED_LIFE } from './settlement.ts'

/** Orders taken at once. Small, so that a lease outlives the looks at its orders. */
const BATCH = 4
/** Longer than a look can last. An instance that dies holds its orders for no longer. */
const LEASE = 60 * SECOND

/**
 * Looks after every order that may still change: it works with no webhook and no returning
 * customer. The work that is due is a column of the order, so there is no queue to lose, and every
 * instance may run this.
 *
 * @returns a function that stops it, after the looks under way
 */
export async function watchOrders(
  ctx: AppContext,
  intervalMs: number,
): Promise<() => Promise<void>> {
  await makeDue(ctx.db, ['awaiting_payment', 'failed', 'processing'], ctx.clock.now())

  const stopping = new AbortController()
  const watching = watch(ctx, intervalMs, stopping.signal)

  return () => {
    stopping.abort()
    return watching
  }
}

async function watch(ctx: AppContext, intervalMs: number, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      while (!stopping.aborted && (await lookAtDueOrders(ctx)) === BATCH);
    } catch (err) {
      ctx.log.error({ err }, 'the watcher could not look for due orders; it tries again')
    }
    await sleep(intervalMs, undefined, { signal: stopping }).catch(() => {})
  }
}

/** One round of the watcher. Answers how many orders it looked at. */
export async function lookAtDueOrders(ctx: AppContext): Promise<number> {
  const now = ctx.clock.now()
  const due = await leaseDueOrders(ctx.db, BATCH, now, later(now, LEASE))
  await Promise.all(due.map((order) => lookAt(ctx, order)))
  return due.length
}

async function lookAt(ctx: AppContext, order: Order): Promise<void> {
  try {
    if (order.intentId === null) await resumeOrGiveUp(ctx, order)
    await settleOrder(ctx, order.id, { source: 'watcher' })
  } catch (err) {
    ctx.log.warn({ err, order: order.number }, 'an order could not be looked at; it stays due')
  }
  const now = ctx.clock.now()
  const after = await getOrder(ctx.db, order.id)
  const looks = after.version === order.version ? order.checkCount + 1 : after.checkCount
  await scheduleLook(ctx.db, order.id, nextCheckAt({ ...after, checkCount: looks }, now), looks)
}

/**
 * An order whose payment intent was never answered for: the answer is fetched, so that no intent
 * is left unknown. After a day it is over; without an intent, nothing can have been paid.
 */
async function resumeOrGiveUp(ctx: AppContext, order: Order): Promise<void> {
  const now = ctx.clock.now()
  if (now < later(order.createdAt, UNOPENED_LIFE)) {
    await linkIntent(ctx, order, 'watcher')
    return
  }
  if (!STATUS_RULES[order.status].payable || order.status === 'expired') return
  await changeOrderWith(
    ctx.db,
    order,
    { status: 'expired' },
    [{ kind: 'status', data: { from: order.status, to: 'expired', reason: null } }],
    { source: 'watcher' },
    now,
  )
}
