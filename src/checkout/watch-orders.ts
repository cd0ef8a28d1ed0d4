import type { Round } from '../background-loop.ts'
import { later, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { type Order, STATUS_RULES } from '../orders/order.ts'
import { scheduleLook } from '../orders/queries/ask.ts'
import { changeOrderWith } from '../orders/queries/change-order.ts'
import { leaseDueOrders } from '../orders/queries/due-orders.ts'
import { getOrder } from '../orders/queries/find-order.ts'
import { nextCheckAt, retryAt } from './check-schedule.ts'
import { linkIntent } from './open-checkout.ts'
import { settleOrder } from './settle-order.ts'
import { UNOPENED_LIFE } from './settlement.ts'

/** Orders taken at once. Small, so that a lease outlives the looks at its orders. */
const BATCH = 4
/** Longer than a look can last. An instance that dies holds its orders for no longer. */
const LEASE = 60 * SECOND

/**
 * Looks at orders that are due: it works with no webhook and no returning customer. The work that
 * is due is a column of the order, so there is no queue to lose, and every instance may do this.
 */
export async function lookAtDueOrders(ctx: AppContext): Promise<Round & { looked: number }> {
  const now = ctx.clock.now()
  const due = await leaseDueOrders(ctx.db, BATCH, now, later(now, LEASE))
  const looks = await Promise.all(due.map((order) => lookAt(ctx, order)))
  return { looked: due.length, more: due.length === BATCH, answered: looks.every(Boolean) }
}

async function lookAt(ctx: AppContext, order: Order): Promise<boolean> {
  let isAnswered = false
  try {
    if (order.intentId === null) await resumeOrGiveUp(ctx, order)
    const { justifiTime, order: settled } = await settleOrder(ctx, order.id, { source: 'watcher' })
    isAnswered = justifiTime !== undefined || settled.intentId === null
  } catch (err) {
    ctx.log.warn({ err, order: order.number }, 'an order could not be looked at; it stays due')
  }
  const now = ctx.clock.now()
  const after = await getOrder(ctx.db, order.id)
  const looks = after.version === order.version ? order.checkCount + 1 : after.checkCount
  const next = isAnswered ? nextCheckAt({ ...after, checkCount: looks }, now) : retryAt(looks, now)
  await scheduleLook(ctx.db, order.id, next, looks)
  return isAnswered
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
