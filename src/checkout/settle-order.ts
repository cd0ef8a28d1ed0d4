import { stockFollows } from '../catalog/stock.ts'
import { later, SECOND, timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { isAnswer, JustifiContractError, JustifiError } from '../justifi/errors.ts'
import type { Observation } from '../justifi/hosted-checkout.ts'
import { enqueueMails } from '../mail/outbox.ts'
import { type Order, STATUS_RULES } from '../orders/order.ts'
import type { Settled } from '../orders/order-work.ts'
import { claimAsk, recordAnswer, recordSilence } from '../orders/queries/ask.ts'
import { changeOrder } from '../orders/queries/change-order.ts'
import { getOrder, listPayments } from '../orders/queries/find-order.ts'
import { mirrorPayments } from '../orders/queries/write-settlement.ts'
import { recordTimeline, type Witness } from '../orders/timeline.ts'
import { nextCheckAt, retryAt } from './check-schedule.ts'
import { justReturned, RETURN_GRACE, type Settlement, settlementOf } from './settlement.ts'

/** However many people look at an order, JustiFi is asked about it once in so long. */
const ASK_GAP = 2 * SECOND
/** How long whoever looks at an order, or acts on it, waits for JustiFi. */
const PATIENCE = 8 * SECOND

/**
 * Brings an order's books up to JustiFi's. Return page, back page, webhook, watcher, and whoever is
 * about to act on the order all come through here, in any order and at once.
 *
 * `always` asks JustiFi after this call began; `recent` is content with what is known when JustiFi
 * was asked within the last two seconds. `until` is the end of the caller's patience, on the clock
 * of `performance.now()`; waiting for a question under way counts.
 *
 * @throws OrderNotFoundError
 */
export async function settleOrder(
  ctx: AppContext,
  orderId: string,
  witness: Witness,
  ask: 'always' | 'recent' = 'always',
  until = performance.now() + PATIENCE,
): Promise<Settled> {
  const order = await getOrder(ctx.db, orderId)
  // Without an intent there is nothing that could have been paid.
  if (order.intentId === null) {
    return { order, confirmed: true, reached: true, justifiTime: undefined }
  }

  const prepared = { reference: order.intentId, accountId: order.accountId }
  const run = () => askAndSettle(ctx, orderId, prepared, witness, until)

  if (ask === 'always') {
    await claimAsk(ctx.db, orderId, ctx.clock.now(), 0)
    return ctx.observing.fresh(orderId, run)
  }
  const mayAsk = await claimAsk(ctx.db, orderId, ctx.clock.now(), ASK_GAP)
  if (mayAsk || ctx.observing.has(orderId)) return ctx.observing.join(orderId, run)
  return asLastTold(ctx, await getOrder(ctx.db, orderId))
}

async function askAndSettle(
  ctx: AppContext,
  orderId: string,
  prepared: { reference: string; accountId: string },
  witness: Witness,
  until: number,
): Promise<Settled> {
  let seen: Observation
  try {
    // Asked before any transaction opens: a slow answer must not hold a connection.
    const budgetMs = Math.max(1, until - performance.now())
    seen = await ctx.justifi.observe(prepared, { budgetMs })
  } catch (error) {
    if (!(error instanceof JustifiError)) throw error
    return withoutAnswer(ctx, orderId, error, witness)
  }

  const settled = await settle(ctx, orderId, seen, witness)
  if (settled) return settled

  const breach = new JustifiContractError('an unpaid intent does not match its order')
  return withoutAnswer(ctx, orderId, breach, witness)
}

/** Decides and writes; who loses against another writer reads again and decides again. */
async function settle(
  ctx: AppContext,
  orderId: string,
  seen: Observation,
  witness: Witness,
): Promise<Settled | undefined> {
  const order = await getOrder(ctx.db, orderId)
  const now = ctx.clock.now()
  const settlement = settlementOf(order, await listPayments(ctx.db, orderId), seen, now)
  if (!settlement) return undefined

  const changes = hasChange(order, settlement)
  if (changes) {
    const won = await writeSettlement(ctx, order, settlement, witness, now)
    if (!won) return settle(ctx, orderId, seen, witness)
    ctx.metrics.settlements.inc({ source: witness.source, status: settlement.status })
  }
  // Where something happened more may: the gaps between looks begin anew.
  const isLook = witness.source === 'watcher'
  const looks = changes ? 0 : order.checkCount + (isLook ? 1 : 0)
  const next = nextCheckAt({ ...order, ...settlement, checkCount: looks }, now)
  await recordAnswer(ctx.db, orderId, now, { read: order.nextCheckAt, next, looks })

  const current = await getOrder(ctx.db, orderId)
  // Somebody else may be asking again by now; this answer was to this question all the same.
  const confirmed = isConfirmed({ ...current, askedAt: null }, ctx.clock.now())
  return { order: current, confirmed, reached: true, justifiTime: seen.at }
}

function hasChange(order: Order, settlement: Settlement): boolean {
  const denied = settlement.deniedAt !== null
  return settlement.timeline.length > 0 || denied !== (order.deniedAt !== null)
}

function writeSettlement(
  ctx: AppContext,
  order: Order,
  settlement: Settlement,
  witness: Witness,
  now: Date,
): Promise<boolean> {
  return inTransaction(ctx.db, async (trx) => {
    const won = await changeOrder(
      trx,
      order,
      {
        status: settlement.status,
        reason: settlement.reason,
        payment_id: settlement.paymentId,
        paid_cents: settlement.paidCents,
        refunded_cents: settlement.refundedCents,
        disputed_cents: settlement.disputedCents,
        paid_at: settlement.paidAt && timestamp(settlement.paidAt),
        cancelled_at: settlement.cancelledAt && timestamp(settlement.cancelledAt),
        denied_at: settlement.deniedAt && timestamp(settlement.deniedAt),
        ...(settlement.status === 'processing' && {
          // JustiFi shows what the customer came back from: from now on it is believed at once.
          returned_at: timestamp(later(now, -RETURN_GRACE)),
        }),
      },
      now,
    )
    if (!won) return false

    await mirrorPayments(trx, order, settlement.news)
    await recordTimeline(trx, order, settlement.timeline, witness, now)
    await enqueueMails(trx, settlement.mails, now)
    await stockFollows(trx, order, settlement.status)
    return true
  })
}

async function withoutAnswer(
  ctx: AppContext,
  orderId: string,
  error: JustifiError,
  witness: Witness,
): Promise<Settled> {
  const order = await getOrder(ctx.db, orderId)
  const level = error instanceof JustifiContractError ? 'error' : 'warn'
  ctx.log[level](
    { err: error, order: order.number, source: witness.source },
    'JustiFi gave no usable answer about an order',
  )
  if (witness.source === 'watcher') {
    const looks = order.checkCount + 1
    const now = ctx.clock.now()
    const next = retryAt(looks, now)
    await recordSilence(ctx.db, orderId, { read: order.nextCheckAt, next, looks }, now)
  }
  return { order, confirmed: false, reached: isAnswer(error), justifiTime: undefined }
}

function asLastTold(ctx: AppContext, order: Order): Settled {
  const confirmed = isConfirmed(order, ctx.clock.now())
  return { order, confirmed, reached: true, justifiTime: undefined }
}

/** Whether what is stored of an order may be shown as what JustiFi says. */
export function isConfirmed(order: Order, now: Date): boolean {
  // No page was ever opened, so nothing can have been paid; or the money is already in the books.
  if (order.pageEndsAt === null || STATUS_RULES[order.status].money) return true
  if (order.status !== 'processing' && justReturned(order, now)) return false
  if (order.askedAt === null) return true
  return order.answeredAt !== null && order.answeredAt >= order.askedAt
}
