import { SoldOutError, takeStockAgain } from '../catalog/stock.ts'
import { later, MINUTE, timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import type { Transaction } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { AppError } from '../errors.ts'
import { JustifiError } from '../justifi/errors.ts'
import type { CallOptions } from '../justifi/hosted-checkout.ts'
import { type Order, type Source, STATUS_RULES } from '../orders/order.ts'
import type { Opened } from '../orders/order-work.ts'
import { changeOrder } from '../orders/queries/change-order.ts'
import { getOrder, listPayments } from '../orders/queries/find-order.ts'
import { findNewestPage, intendPage, type PageAttempt, storePage } from '../orders/queries/pages.ts'
import { recordTimeline } from '../orders/timeline.ts'
import { uncertainUntil } from '../orders/uncertain-payment.ts'
import { firstCheckAt } from './check-schedule.ts'
import { prepareIntent, storeIntent } from './link-intent.ts'
import { settleOrder } from './settle-order.ts'
import { justReturned } from './settlement.ts'

/** For all the calls that lead to a page together: a customer is waiting. */
const OPENING_BUDGET_MS = 9_500
/** For so long a page whose answer was not read is asked for again under its key. */
const REPEAT_WITHIN = 10 * MINUTE

/** The order is kept, and no payment page could be opened for it now. */
export class PaymentPageUnavailableError extends AppError {
  override name = 'PaymentPageUnavailableError'
  readonly status = 502
  readonly code = 'payment_page_unavailable'

  /** Whether somebody may have paid meanwhile: JustiFi has not said that nobody did. */
  readonly mayBePaid: boolean

  constructor(mayBePaid: boolean, cause?: unknown) {
    super('no payment page could be opened', { cause })
    this.mayBePaid = mayBePaid
  }
}

/**
 * Leads to a page on which the order can be paid: the one that is still alive, else a new one for
 * the same payment intent. An order that JustiFi already knows is asked about first. Each answer is
 * stored before the next call, so a repeat, after whatever interruption, goes on from there with
 * the same keys and the same bytes.
 *
 * @throws PaymentPageUnavailableError
 * @throws OrderNotFoundError
 */
export function openCheckout(ctx: AppContext, orderId: string, source: Source): Promise<Opened> {
  // A double click shares one run; on another instance the stored keys do the same.
  const until = performance.now() + OPENING_BUDGET_MS
  return ctx.opening.join(orderId, () => openPage(ctx, orderId, source, until))
}

async function openPage(
  ctx: AppContext,
  orderId: string,
  source: Source,
  until: number,
): Promise<Opened> {
  const placed = await getOrder(ctx.db, orderId)
  const { order, confirmed, justifiTime } = placed.intentId
    ? await settleOrder(ctx, orderId, { source }, 'always', until)
    : { order: placed, confirmed: true, justifiTime: undefined }

  if (!isPayable(ctx, order) || (await mayBeTaken(ctx, order))) return { kind: 'not_payable' }
  if (!confirmed) throw new PaymentPageUnavailableError(order.pageEndsAt !== null)

  try {
    return await pageFor(ctx, order, source, justifiTime, until)
  } catch (error) {
    if (!(error instanceof JustifiError)) throw error
    ctx.log.warn({ err: error, order: order.number }, 'no payment page could be opened')
    throw new PaymentPageUnavailableError(false, error)
  }
}

/** A page for an order that is not paid, as far as JustiFi has just said. */
async function pageFor(
  ctx: AppContext,
  order: Order,
  source: Source,
  justifiTime: Date | undefined,
  until: number,
): Promise<Opened> {
  if (order.intentId === null) return firstPageFor(ctx, order, source, until)

  const prepared = { ...order, intentId: order.intentId }
  const newest = await findNewestPage(ctx.db, order.id)
  if (newest?.opened && isAlive(ctx, newest, justifiTime)) {
    const { pageId, expiresAt } = newest.opened
    const page = { ordinal: newest.ordinal, pageId, expiresAt, url: ctx.justifi.pageUrl(pageId) }
    return sendOff(ctx, prepared, page, source)
  }
  const attempt = await attemptOf(ctx, prepared, newest)
  return ask(ctx, prepared, attempt, source, until)
}

/** The intent's answer and the intention to open a page are stored at once: one flush less. */
async function firstPageFor(
  ctx: AppContext,
  order: Order,
  source: Source,
  until: number,
): Promise<Opened> {
  const intentId = await prepareIntent(ctx, order, within(until))
  const now = ctx.clock.now()
  const attempt = await inTransaction(ctx.db, async (trx) => {
    const won = await storeIntent(trx, order, intentId, source, now)
    return won ? intendPage(trx, order, 1, ctx.publicUrl, now) : undefined
  })
  const prepared = { ...order, intentId, version: order.version + 1 }
  if (attempt) return ask(ctx, prepared, attempt, source, until)

  // Somebody else has changed the order meanwhile, perhaps cancelled it: it is judged anew.
  return openPage(ctx, order.id, source, until)
}

async function ask(
  ctx: AppContext,
  order: Order & { intentId: string },
  attempt: PageAttempt,
  source: Source,
  until: number,
): Promise<Opened> {
  const page = await ctx.justifi.open(pageRequest(ctx, order, attempt), within(until))
  return sendOff(ctx, order, { ...page, ordinal: attempt.ordinal }, source)
}

function within(until: number): CallOptions {
  return { budgetMs: Math.max(1, until - performance.now()) }
}

/** The bank may still answer the last try, which is then money; the order's page says until when. */
async function mayBeTaken(ctx: AppContext, { id, status }: Order): Promise<boolean> {
  if (status !== 'failed') return false
  return uncertainUntil(await listPayments(ctx.db, id), ctx.clock.now()) !== undefined
}

/** By JustiFi's clock, and only where it leads back to where the shop still is. */
function isAlive(ctx: AppContext, page: PageAttempt, justifiTime: Date | undefined): boolean {
  if (!page.opened || !justifiTime || page.returnOrigin !== ctx.publicUrl) return false
  return justifiTime < page.opened.expiresAt
}

function isPayable(ctx: AppContext, order: Order): boolean {
  return STATUS_RULES[order.status].payable && !justReturned(order, ctx.clock.now())
}

/**
 * The page still to be asked for: one whose answer was not read a moment ago, else the next. A page
 * that JustiFi may have made long ago ends sooner than the answer to a repeat would say.
 */
async function attemptOf(
  ctx: AppContext,
  order: Order,
  newest: PageAttempt | undefined,
): Promise<PageAttempt> {
  const now = ctx.clock.now()
  const isRecent = newest && now < later(newest.askedAt, REPEAT_WITHIN)
  if (isRecent && !newest.opened && newest.returnOrigin === ctx.publicUrl) return newest
  const ordinal = (newest?.ordinal ?? 0) + 1
  return intendPage(ctx.db, order, ordinal, ctx.publicUrl, now)
}

function pageRequest(ctx: AppContext, order: Order & { intentId: string }, attempt: PageAttempt) {
  const orderUrl = `${attempt.returnOrigin}/orders/${ctx.linkTokens.unseal(order.tokenSealed)}`
  return {
    idempotencyKey: attempt.idempotencyKey,
    accountId: order.accountId,
    reference: order.intentId,
    afterPaymentUrl: `${orderUrl}/after-payment`,
    backUrl: `${orderUrl}/back`,
  }
}

const REOPENED = {
  kind: 'status',
  data: { from: 'expired', to: 'awaiting_payment', reason: null },
} as const

type Page = { ordinal: number; pageId: string; url: string; expiresAt: Date }

/**
 * Before the customer is sent to a page: it and its end are stored, and the watcher looks soon. An
 * order that was paid or cancelled while the page was being opened sends nobody there.
 */
async function sendOff(ctx: AppContext, order: Order, page: Page, source: Source): Promise<Opened> {
  const now = ctx.clock.now()
  const won = await inTransaction(ctx.db, async (trx) => {
    await storePage(trx, order.id, page.ordinal, page)
    if (!(await noteSendOff(trx, order, page, source, now))) return false
    // Before its first page an order has only just taken its pieces, unless that was a day ago.
    const mayHaveNone =
      order.pageEndsAt !== null || order.returnedAt !== null || order.status === 'expired'
    if (mayHaveNone) await takeStockAgain(trx, order)
    return true
  }).catch((error: unknown) => {
    if (error instanceof SoldOutError) return 'sold_out'
    throw error
  })
  if (won === 'sold_out') return { kind: 'sold_out' }
  if (won) return { kind: 'page', url: page.url }

  const current = await getOrder(ctx.db, order.id)
  return isPayable(ctx, current) ? sendOff(ctx, current, page, source) : { kind: 'not_payable' }
}

async function noteSendOff(
  trx: Transaction,
  order: Order,
  { ordinal, expiresAt }: Page,
  source: Source,
  now: Date,
): Promise<boolean> {
  const reopened = order.status === 'expired'
  const won = await changeOrder(
    trx,
    order,
    {
      ...(reopened && { status: 'awaiting_payment' }),
      page_ends_at: timestamp(expiresAt),
      returned_at: null,
      // What was asked before says nothing of what happens on the page: the next look asks at once.
      asked_at: null,
      next_check_at: timestamp(firstCheckAt(now)),
      check_count: 0,
    },
    now,
  )
  if (!won) return false

  const opened = {
    kind: 'page_opened',
    data: { ordinal, expiresAt: timestamp(expiresAt) },
  } as const
  await recordTimeline(trx, order, reopened ? [opened, REOPENED] : [opened], { source }, now)
  return true
}
