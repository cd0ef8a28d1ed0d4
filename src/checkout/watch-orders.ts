import type { Round } from '../background-loop.ts'
import { stockFollows } from '../catalog/stock.ts'
import { later, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { isAnswer, JustifiError } from '../justifi/errors.ts'
import { type Order, STATUS_RULES } from '../orders/order.ts'
import { endLook, recordSilence } from '../orders/queries/ask.ts'
import { changeOrder } from '../orders/queries/change-order.ts'
import { leaseDueOrders } from '../orders/queries/due-orders.ts'
import { recordTimeline } from '../orders/timeline.ts'
import { retryAt } from './check-schedule.ts'
import { linkIntent } from './link-intent.ts'
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
  return { looked: due.length, more: due.length === BATCH, answered: isReached(looks) }
}

/** One that answers for anything is there: only silence about everything slows the watcher. */
function isReached(looks: readonly boolean[]): boolean {
  return looks.length === 0 || looks.includes(true)
}

/** @returns whether JustiFi answered, if only to refuse */
async function lookAt(ctx: AppContext, order: Order): Promise<boolean> {
  try {
    if (order.intentId === null) return await resumeOrGiveUp(ctx, order)
    return (await settleOrder(ctx, order.id, { source: 'watcher' })).reached
  } finally {
    await endLook(ctx.db, order.id)
  }
}

/**
 * An order whose payment intent was never answered for: the answer is fetched, so that no intent
 * is left unknown. After a day it is over; without an intent, nothing can have been paid.
 */
async function resumeOrGiveUp(ctx: AppContext, order: Order): Promise<boolean> {
  const now = ctx.clock.now()
  const looks = order.checkCount + 1

  if (now >= later(order.createdAt, UNOPENED_LIFE)) {
    const isOpen = STATUS_RULES[order.status].payable && order.status !== 'expired'
    if (isOpen) await expireUnopened(ctx, order)
    await recordSilence(ctx.db, order.id, { read: order.nextCheckAt, next: null, looks })
    return true
  }
  try {
    await linkIntent(ctx, order, 'watcher')
    return (await settleOrder(ctx, order.id, { source: 'watcher' })).reached
  } catch (error) {
    if (!(error instanceof JustifiError)) throw error
    ctx.log.warn({ err: error, order: order.number }, 'an order still has no payment intent')
    const next = retryAt(looks, now)
    await recordSilence(ctx.db, order.id, { read: order.nextCheckAt, next, looks })
    return isAnswer(error)
  }
}

async function expireUnopened(ctx: AppContext, order: Order): Promise<void> {
  const now = ctx.clock.now()
  const data = { from: order.status, to: 'expired', reason: null } as const
  await inTransaction(ctx.db, async (trx) => {
    if (!(await changeOrder(trx, order, { status: 'expired' }, now))) return
    await recordTimeline(trx, order, [{ kind: 'status', data }], { source: 'watcher' }, now)
    await stockFollows(trx, order, 'expired')
  })
}
