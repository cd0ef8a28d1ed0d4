import { later, MINUTE, timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { AppError } from '../errors.ts'
import { JustifiError } from '../justifi/errors.ts'
import type { CallOptions, HostedPage } from '../justifi/hosted-checkout.ts'
import type { Source } from '../orders/order.ts'
import { type Order, STATUS_RULES } from '../orders/order.ts'
import type { Opened } from '../orders/order-work.ts'
import { changeOrderWith } from '../orders/queries/change-order.ts'
import { getOrder } from '../orders/queries/find-order.ts'
import { findNewestPage, intendPage, type PageAttempt, storePage } from '../orders/queries/pages.ts'
import { firstCheckAt } from './check-schedule.ts'
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

  constructor(cause?: unknown) {
    super('no payment page could be opened', { cause })
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
  return ctx.opening.join(orderId, async () => {
    try {
      return await openPage(ctx, orderId, source)
    } catch (error) {
      if (!(error instanceof JustifiError)) throw error
      ctx.log.warn({ err: error, orderId }, 'no payment page could be opened')
      throw new PaymentPageUnavailableError(error)
    }
  })
}

async function openPage(ctx: AppContext, orderId: string, source: Source): Promise<Opened> {
  const started = performance.now()
  const inTime = () => ({ budgetMs: OPENING_BUDGET_MS - (performance.now() - started) })

  const placed = await getOrder(ctx.db, orderId)
  const { order, confirmed, justifiTime } = placed.intentId
    ? await settleOrder(ctx, orderId, { source })
    : { order: placed, confirmed: true, justifiTime: undefined }

  if (!isPayable(ctx, order)) return { kind: 'not_payable' }
  if (!confirmed) throw new PaymentPageUnavailableError()

  const prepared = await linkIntent(ctx, order, source, inTime())
  const newest = await findNewestPage(ctx.db, orderId)

  if (newest?.opened && justifiTime && justifiTime < newest.opened.expiresAt) {
    await sendOff(ctx, prepared, newest.ordinal, newest.opened.expiresAt, source)
    return { kind: 'page', url: ctx.justifi.pageUrl(newest.opened.pageId) }
  }

  const attempt = await attemptOf(ctx, prepared, newest)
  const page = await ctx.justifi.open(pageRequest(ctx, prepared, attempt), inTime())
  await storePage(ctx.db, orderId, attempt.ordinal, page)
  await sendOff(ctx, prepared, attempt.ordinal, page.expiresAt, source)
  return { kind: 'page', url: page.url }
}

function isPayable(ctx: AppContext, order: Order): boolean {
  return STATUS_RULES[order.status].payable && !justReturned(order, ctx.clock.now())
}

/**
 * The order with its payment intent: one for its whole life, stored as soon as it is known. Where
 * an answer was lost, the same key and bytes find the intent that was made.
 *
 * @throws JustifiError
 */
export async function linkIntent(
  ctx: AppContext,
  order: Order,
  source: Source,
  options: CallOptions = {},
): Promise<Order & { intentId: string }> {
  if (order.intentId !== null) return { ...order, intentId: order.intentId }

  const purchase = {
    idempotencyKey: order.intentKey,
    accountId: order.accountId,
    amountCents: order.totalCents,
    currency: order.currency,
    description: order.intentDescription,
    metadata: { order: order.number },
  }
  const { reference } = await ctx.justifi.prepare(purchase, options)
  await changeOrderWith(
    ctx.db,
    order,
    { intent_id: reference },
    [{ kind: 'intent_created', data: { intentId: reference } }],
    { source },
    ctx.clock.now(),
  )
  // Whoever stored it first, the key makes it the same intent.
  const stored = await getOrder(ctx.db, order.id)
  return linkIntent(ctx, stored, source)
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

/** Before the customer is sent to a page: its end is stored, and the watcher looks soon. */
async function sendOff(
  ctx: AppContext,
  { id }: Order,
  ordinal: number,
  expiresAt: HostedPage['expiresAt'],
  source: Source,
): Promise<void> {
  const order = await getOrder(ctx.db, id)
  const now = ctx.clock.now()
  const reopened = order.status === 'expired'
  const won = await changeOrderWith(
    ctx.db,
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
    [
      { kind: 'page_opened', data: { ordinal, expiresAt: timestamp(expiresAt) } },
      ...(reopened ? [REOPENED] : []),
    ],
    { source },
    now,
  )
  if (!won) await sendOff(ctx, order, ordinal, expiresAt, source)
}
