import { DAY, later, MINUTE, timestamp } from '../clock.ts'
import type { Observation, ObservedPayment } from '../justifi/hosted-checkout.ts'
import type { NewMail } from '../mail/outbox.ts'
import type { Order, OrderStatus, Payment, ReviewReason } from '../orders/order.ts'
import type { TimelineEntry } from '../orders/timeline.ts'
import { isNews, isUnderWay, latestForms, tookMoney, tookMoneyAt } from './payment-forms.ts'
import { mailsAbout } from './settlement-mails.ts'

/** JustiFi may show a payment a moment late. For so long after a return, unpaid is not believed. */
export const RETURN_GRACE = 2 * MINUTE
/** Life of an order that never got as far as a payment page. */
export const UNOPENED_LIFE = DAY

/** JustiFi may show nothing of a payment for a moment. For so long, its silence is not believed. */
export const DENIAL_GRACE = 10 * MINUTE

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
  deniedAt: Date | null
  /** Payments that are new or have changed: to be mirrored. */
  news: ObservedPayment[]
  timeline: TimelineEntry[]
  mails: NewMail[]
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
  const deniedAt = isDenied(known, seen) ? (order.deniedAt ?? now) : null

  const outcome =
    collected.length > 0
      ? paidOutcome(order, seen, collected, isDeniedForGood(deniedAt, now))
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
    deniedAt,
    news,
    timeline: [...news.map(paymentEntry), ...statusEntry(order, outcome)],
    mails: mailsAbout(order, outcome, { known, payments, news }),
  }
}

type Outcome = { status: OrderStatus; reason: ReviewReason | null }

function paidOutcome(
  order: Order,
  seen: Observation,
  collected: readonly Payment[],
  isDenied: boolean,
): Outcome | undefined {
  const open = disagreements(order, seen, collected, isDenied).find(
    (reason) => !isAccepted(order, reason, collected),
  )
  if (open) return { status: 'needs_review', reason: open }

  const counted = collected.find((payment) => payment.id === order.paymentId) ?? collected[0]
  return counted && { status: statusOfMoney(counted), reason: null }
}

/** Why money that was taken is not simply this order's payment, the gravest reason first. */
function disagreements(
  order: Order,
  seen: Observation,
  collected: readonly Payment[],
  isDenied: boolean,
): ReviewReason[] {
  const isTest = order.mode === 'test'
  const differs = (account: (fact: Payment | Observation) => boolean) =>
    account(seen) || collected.some(account)

  const reasons: [ReviewReason, boolean][] = [
    ['account_mismatch', differs((fact) => fact.accountId !== order.accountId)],
    ['mode_mismatch', collected.some((payment) => payment.isTest !== isTest)],
    ['currency_mismatch', differs((fact) => fact.currency !== order.currency)],
    ['amount_mismatch', differs((fact) => fact.amountCents !== order.totalCents)],
    ['provider_denies', isDenied],
    ['paid_after_cancel', order.cancelledAt !== null],
    ['paid_twice', collected.length > 1],
  ]
  return reasons.filter(([, holds]) => holds).map(([reason]) => reason)
}

function isAccepted(order: Order, reason: ReviewReason, payments: readonly Payment[]): boolean {
  const facts = reviewedFacts(order, payments)
  return order.acceptedReviews.some(
    (accepted) => accepted.reason === reason && accepted.facts === facts,
  )
}

/** Names the money that a reviewer looked at: their acceptance does not cover other money. */
export function reviewedFacts(order: Order, payments: readonly Payment[]): string {
  const taken = payments.filter((payment) => tookMoney(payment))
  if (taken.length === 0) return `none, after ${order.paymentId}`
  return taken
    .map(({ id, amountCents, currency }) => `${id} ${amountCents} ${currency}`)
    .sort()
    .join(', ')
}

/** JustiFi answers as if a payment that took money had never been. */
function isDenied(known: readonly Payment[], seen: Observation): boolean {
  return (
    seen.state !== 'succeeded' &&
    known.some(
      (payment) => tookMoney(payment) && !seen.payments.some(({ id }) => id === payment.id),
    )
  )
}

function isDeniedForGood(deniedAt: Date | null, now: Date): boolean {
  return deniedAt !== null && now.getTime() - deniedAt.getTime() >= DENIAL_GRACE
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
  // JustiFi said once that money was taken, and now says that it was taken back. Where a person
  // has accepted that, the order is as any other that is not paid.
  if (order.paidAt && !isAccepted(order, 'payment_reversed', payments)) {
    return { status: 'needs_review', reason: 'payment_reversed' }
  }

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
    seen.state === 'processing' || seen.state === 'authorized' || payments.some(isUnderWay)

  // Before "cancelled": that page says that no payment was taken.
  if (underWay) return 'processing'
  if (order.cancelledAt || seen.state === 'canceled') return 'cancelled'
  if (justReturned(order, now)) return 'awaiting_payment'
  // It has given up what it held; only a new page opens it again, not a clock that is set back.
  if (order.status === 'expired') return 'expired'
  // Each against its own clock: a page's end is JustiFi's, an order's beginning is ours.
  const isOver = order.pageEndsAt
    ? seen.at >= order.pageEndsAt
    : now >= later(order.createdAt, UNOPENED_LIFE)
  if (isOver) return 'expired'
  return payments.some((payment) => payment.status === 'failed') ? 'failed' : 'awaiting_payment'
}

/** Whether the customer has come back from paying so recently that JustiFi may not show it yet. */
export function justReturned(order: Pick<Order, 'returnedAt'>, now: Date): boolean {
  if (order.returnedAt === null) return false
  const ago = now.getTime() - order.returnedAt.getTime()
  // Further ahead than another instance's clock may be, ours was set back meanwhile.
  return ago < RETURN_GRACE && ago > -RETURN_GRACE
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
