import type { Round } from '../background-loop.ts'
import { DAY, HOUR, later, MINUTE } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { isAnswer, JustifiError, JustifiRefusedError } from '../justifi/errors.ts'
import { TOOK_MONEY } from '../justifi/hosted-checkout.ts'
import { findShopByAccount } from '../merchants/queries.ts'
import { makeOrderDue } from '../orders/queries/due-orders.ts'
import {
  findOrderByIntent,
  findOrderByPayment,
  isPaymentMirrored,
} from '../orders/queries/find-order.ts'
import { closeItem, openItem } from '../orders/queries/open-items.ts'
import { ensurePasses, keepPass, leaseDuePass, type Pass } from '../orders/queries/passes.ts'
import { recordDispute } from './record-dispute.ts'
import { recordRefund } from './record-refund.ts'
import { settleOrder } from './settle-order.ts'

const EVERY = 15 * MINUTE
const LEASE = 2 * MINUTE
const RETRY_AFTER = MINUTE
/** The first pass over an account reads so far back; a later one a little past the one before. */
const FIRST_REACH = 8 * DAY
const OVERLAP = HOUR
const PAGE = 100
/** Pages read in one go, before others get their turn. */
const PAGES_AT_ONCE = 5

const WITNESS = { source: 'sweep' } as const

/**
 * Reads on in JustiFi's lists of payments, refunds and disputes, newest first, for the account that
 * has waited longest: for money that no order knows, and orders whose money changed, whatever
 * happened to the webhooks. A pass that is interrupted goes on from its last page; what lies behind
 * it counts as seen only when the whole pass is done.
 */
export async function sweepDueList(ctx: AppContext): Promise<Round> {
  const now = ctx.clock.now()
  await ensurePasses(ctx.db, later(now, MINUTE))
  const pass = await leaseDuePass(ctx.db, now, later(now, LEASE))
  if (!pass) return { more: false, answered: true }

  try {
    await readOn(ctx, pass)
    return { more: true, answered: true }
  } catch (err) {
    if (!(err instanceof JustifiError)) throw err
    const { accountId, list } = pass
    ctx.log.warn({ err, accountId, list }, 'a list of JustiFi could not be read; it is due again')
    // A cursor that JustiFi no longer takes would stop the pass for ever.
    const resumed = err instanceof JustifiRefusedError ? { ...pass, cursor: null } : pass
    await keepPass(ctx.db, resumed, later(ctx.clock.now(), RETRY_AFTER), null)
    return { more: true, answered: isAnswer(err) }
  }
}

async function readOn(ctx: AppContext, pass: Pass): Promise<void> {
  const reach = pass.watermark
    ? later(pass.watermark, -OVERLAP)
    : later(ctx.clock.now(), -FIRST_REACH)

  for (let page = 0; page < PAGES_AT_ONCE; page++) {
    const { records, nextCursor } = await readPage(ctx, pass)
    for (const record of records) await record.take()

    const times = records.map(({ createdAt }) => createdAt.getTime())
    const newest = Math.max(pass.newestSeen?.getTime() ?? 0, ...times)
    pass.newestSeen = newest > 0 ? new Date(newest) : null
    pass.cursor = nextCursor

    if (nextCursor === null || times.some((time) => time < reach.getTime())) {
      const watermark = pass.newestSeen ?? pass.watermark
      const done = { ...pass, cursor: null, newestSeen: null, watermark }
      const now = ctx.clock.now()
      return keepPass(ctx.db, done, later(now, EVERY), now)
    }
    await keepPass(ctx.db, pass, ctx.clock.now(), null)
  }
}

type SweptRecord = { createdAt: Date; take: () => Promise<void> }

async function readPage(
  ctx: AppContext,
  { accountId, list, cursor }: Pass,
): Promise<{ records: SweptRecord[]; nextCursor: string | null }> {
  const query = { accountId, limit: PAGE, ...(cursor !== null && { afterCursor: cursor }) }

  switch (list) {
    case 'payments': {
      const { payments, nextCursor } = await ctx.justifi.listPayments(query)
      return { records: payments.map((seen) => record(seen, takePayment)), nextCursor }
    }
    case 'refunds': {
      const { refunds, nextCursor } = await ctx.justifi.listRefunds(query)
      return { records: refunds.map((seen) => record(seen, takeRefund)), nextCursor }
    }
    case 'disputes': {
      const { disputes, nextCursor } = await ctx.justifi.listDisputes(query)
      return { records: disputes.map((seen) => record(seen, takeDispute)), nextCursor }
    }
  }

  function record<Seen extends { createdAt: Date }>(
    seen: Seen,
    take: (ctx: AppContext, seen: Seen, accountId: string) => Promise<void>,
  ): SweptRecord {
    return { createdAt: seen.createdAt, take: () => take(ctx, seen, accountId) }
  }
}

type ListedPayment = Awaited<ReturnType<AppContext['justifi']['listPayments']>>['payments'][number]

async function takePayment(ctx: AppContext, seen: ListedPayment, accountId: string): Promise<void> {
  const order = seen.reference ? await findOrderByIntent(ctx.db, seen.reference) : undefined
  if (order) {
    await closeItem(ctx.db, 'unknown_payment', seen.id, 'an order has it', ctx.clock.now())
    if (await isPaymentMirrored(ctx.db, seen.id, seen.updatedAt)) return
    const { confirmed } = await settleOrder(ctx, order.id, WITNESS)
    if (!confirmed) await makeOrderDue(ctx.db, order.id, ctx.clock.now())
    return
  }
  if (!(TOOK_MONEY as readonly string[]).includes(seen.status)) return

  const shop = await findShopByAccount(ctx.db, accountId)
  const isNew = await openItem(ctx.db, {
    merchantId: shop?.merchantId ?? null,
    accountId,
    kind: 'unknown_payment',
    subjectId: seen.id,
    amountCents: seen.amountCents,
    currency: seen.currency,
    data: { intent: seen.reference, status: seen.status },
    foundAt: ctx.clock.now(),
  })
  if (isNew) ctx.log.error({ payment: seen.id, accountId }, 'JustiFi has money that no order knows')
}

async function takeRefund(
  ctx: AppContext,
  seen: Parameters<typeof recordRefund>[2],
): Promise<void> {
  const order = await findOrderByPayment(ctx.db, seen.paymentId)
  if (order) await recordRefund(ctx, order, seen, WITNESS)
}

async function takeDispute(
  ctx: AppContext,
  seen: Parameters<typeof recordDispute>[2],
): Promise<void> {
  const order = await findOrderByPayment(ctx.db, seen.paymentId)
  if (order) await recordDispute(ctx, order, seen, WITNESS)
}
