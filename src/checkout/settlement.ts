import { DAY, later, MINUTE, timestamp } from '../clock.ts'
import { type Observation, type ObservedPayment, TOOK_MONEY } from '../justifi/hosted-checkout.ts'
import type { Order, OrderStatus, Payment, ReviewReason } from '../orders/order.ts'
import type { TimelineEntry } from '../orders/timeline.ts'

/** JustiFi may show a payment a moment late. For so long after a return, unpaid is not believed. */
export const RETURN_GRACE = 2 * MINUTE
/** Life of an order that never got as far as a payment page. */
export const UNOPENED_LIFE = DAY

/** The order's state as its payments make it. */
export type Settlement = {
  status: OrderStatus
  reason: ReviewReason | null
  paymentId: string | null
  paidCents: number
  refundedCents: number
  disputedCents: number
  paidAt: Date | null
  cancelledAt: Date | null
  /** Payments that are new or have changed: to be mirrored. */
  news: ObservedPayment[]
  timeline: TimelineEntry[]
}

/**
 * What JustiFi's account of an order's payment means for the order. Decides; does nothing.
 *
 * Older news never undoes newer: each payment counts in its latest known form, whether that came
 * with this answer or an earlier one. Money that has moved and does not fit the order goes to a
 * person with a reason, and never back to unpaid.
 *
 * @returns undefined when nothing may be concluded: a status this version does not know, or an
 *   unpaid intent that is not the one the order asked for
 */
export function settlementOf(
  order: Order,
  known: readonly Payment[],
  seen: Observation,
  now: Date,
): Settlement | undefined {
  const payments = latestForms(known, seen.payments)
  const collected = payments.filter(tookMoney)

  const outcome =
    collected.length > 0
      ? paidOutcome(order, seen, collected)
      : unpaidOutcome(order, seen, payments, now)
  if (!outcome) return undefined

  const counted = collected.find((payment) => payment.id === order.paymentId) ?? collected[0]
  const canceledThere = outcome.status === 'cancelled' && order.cancelledAt === null
  const news = seen.payments.filter((payment) => isNews(known, payment))

  return {
    ...outcome,
    paymentId: counted?.id ?? order.paymentId,
    paidCents: counted?.amountCents ?? 0,
    refundedCents: counted?.refundedCents ?? 0,
    disputedCents: counted?.disputedCents ?? 0,
    paidAt: order.paidAt ?? (counted ? tookMoneyAt(counted) : null),
    cancelledAt: canceledThere ? seen.at : order.cancelledAt,
    news,
    timeline: [...news.map(paymentEntry), ...statusEntry(order, outcome)],
  }
}

type Outcome = { status: OrderStatus; reason: ReviewReason | null }

function paidOutcome(
  order: Order,
  seen: Observation,
  collected: readonly Payment[],
): Outcome | undefined {
  const reason = disagreement(order, seen, collected)
  if (reason) return { status: 'needs_review', reason }

  const [payment] = collected
  return payment && { status: statusOfMoney(payment), reason: null }
}

/** Why money that was taken is not simply this order's payment, the gravest reason first. */
function disagreement(
  order: Order,
  seen: Observation,
  collected: readonly Payment[],
): ReviewReason | undefined {
  const isTest = order.mode === 'test'
  const differs = (account: (fact: Payment | Observation) => boolean) =>
    account(seen) || collected.some(account)

  if (differs((fact) => fact.accountId !== order.accountId)) return 'account_mismatch'
  if (collected.some((payment) => payment.isTest !== isTest)) return 'mode_mismatch'
  if (differs((fact) => fact.currency !== order.currency)) return 'currency_mismatch'
  if (differs((fact) => fact.amountCents !== order.totalCents)) return 'amount_mismatch'
  if (order.cancelledAt) return 'paid_after_cancel'
  if (collected.length > 1) return 'paid_twice'
  return undefined
}

function statusOfMoney(payment: Payment): OrderStatus {
  if (payment.status === 'disputed' || payment.disputedCents > 0) return 'disputed'
  if (payment.status === 'fully_refunded' || payment.refundedCents >= payment.amountCents) {
    return 'refunded'
  }
  return payment.refundedCents > 0 ? 'partially_refunded' : 'paid'
}

function unpaidOutcome(
  order: Order,
  seen: Observation,
  payments: readonly Payment[],
  now: Date,
): Outcome | undefined {
  // JustiFi said once that money was taken, and now says that it was not, or was taken back.
  if (order.paidAt) return { status: 'needs_review', reason: 'payment_reversed' }

  const isAnother =
    seen.accountId !== order.accountId ||
    seen.amountCents !== order.totalCents ||
    seen.currency !== order.currency
  const isUnclear =
    seen.state === 'unknown' ||
    seen.state === 'succeeded' || // and yet no payment: one of the two is stale
    payments.some((payment) => payment.status === 'unknown')
  if (isAnother || isUnclear) return undefined

  return { status: unpaidStatus(order, seen, payments, now), reason: null }
}

function unpaidStatus(
  order: Order,
  seen: Observation,
  payments: readonly Payment[],
  now: Date,
): OrderStatus {
  // Authorised money is held, not taken: as with a bank payment, the customer must not pay again.
  const underWay =
    seen.state === 'processing' ||
    seen.state === 'authorized' ||
    payments.some((payment) => payment.status === 'pending' || payment.status === 'authorized')

  // Before "cancelled": that page says that no payment was taken.
  if (underWay) return 'processing'
  if (order.cancelledAt || seen.state === 'canceled') return 'cancelled'
  if (justReturned(order, now)) return 'awaiting_payment'
  if (seen.at >= (order.pageEndsAt ?? later(order.createdAt, UNOPENED_LIFE))) return 'expired'
  return payments.some((payment) => payment.status === 'failed') ? 'failed' : 'awaiting_payment'
}

/** Whether the customer has come back from paying so recently that JustiFi may not show it yet. */
export function justReturned(order: Pick<Order, 'returnedAt'>, now: Date): boolean {
  return order.returnedAt !== null && now.getTime() - order.returnedAt.getTime() < RETURN_GRACE
}

/** The newest form of each payment that was ever seen, in the order they were made. */
function latestForms(known: readonly Payment[], seen: readonly ObservedPayment[]): Payment[] {
  const forms = new Map<string, Payment>(known.map((payment) => [payment.id, payment]))
  for (const payment of seen) {
    const before = forms.get(payment.id)
    if (!before || payment.updatedAt >= before.updatedAt) forms.set(payment.id, payment)
  }
  return [...forms.values()].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

function isNews(known: readonly Payment[], payment: ObservedPayment): boolean {
  const before = known.find((other) => other.id === payment.id)
  if (!before) return true
  if (payment.updatedAt < before.updatedAt) return false
  return FACTS.some((fact) => payment[fact] !== before[fact])
}

const FACTS = [
  'status',
  'amountCents',
  'currency',
  'accountId',
  'isTest',
  'refundedCents',
  'disputedCents',
  'feeCents',
  'lastFour',
  'errorCode',
] as const

function tookMoney(payment: Payment): boolean {
  return (TOOK_MONEY as readonly string[]).includes(payment.status)
}

/** A bank payment takes its money days after it was made; a later refund moves `updatedAt` on. */
function tookMoneyAt(payment: Payment): Date {
  return payment.status === 'succeeded' ? payment.updatedAt : payment.createdAt
}

function paymentEntry(payment: ObservedPayment): TimelineEntry {
  const { id, status, amountCents, currency, refundedCents, disputedCents, errorCode } = payment
  const data = { paymentId: id, status, amountCents, currency, refundedCents, disputedCents }
  return { kind: 'payment', data: { ...data, errorCode, at: timestamp(payment.updatedAt) } }
}

function statusEntry(order: Order, { status, reason }: Outcome): TimelineEntry[] {
  if (order.status === status && order.reason === reason) return []
  return [{ kind: 'status', data: { from: order.status, to: status, reason } }]
}
