import type { Row } from '../../../src/db/schema.ts'
import type { BookedPayment } from './justifi-hand.ts'
import { bookedFor, mailsOf, type Snapshot, statusChanges, tookMoney } from './snapshot.ts'

/**
 * What the books have to come to once nothing goes wrong any more: the shop's are JustiFi's. Each
 * order's state is worked out anew here, from JustiFi's records alone and what people decided.
 */
export function differencesOf(now: Snapshot): string[] {
  return [
    ...now.orders.flatMap((order) => [
      ...orderDiffers(now, order),
      ...paymentsDiffer(now, order),
      ...mailsDiffer(now, order),
    ]),
    ...refundsDiffer(now),
    ...disputesDiffer(now),
    ...moneyIsLost(now),
  ]
}

/** I1: status, reason and sums of an order. */
function orderDiffers(now: Snapshot, order: Row<'orders'>): string[] {
  const booked = bookedFor(now.books, order)
  const taken = booked.filter(tookMoney)
  const counted = taken.find(({ id }) => id === order.payment_id) ?? taken[0]
  const differing = (what: string, is: unknown, should: unknown) =>
    is === should ? [] : [`I1: order ${order.number}: ${what} is ${is}, JustiFi says ${should}`]

  return [
    ...differing('state', stateOf(order), expectedState(now, order, booked)),
    ...differing('paid', order.paid_cents, counted?.amount ?? 0),
    ...differing('refunded', order.refunded_cents, counted?.amount_refunded ?? 0),
    ...differing('disputed', order.disputed_cents, counted?.amount_disputed ?? 0),
  ]
}

function stateOf({ status, reason }: Row<'orders'>): string {
  return [status, reason].filter(Boolean).join(': ')
}

function expectedState(now: Snapshot, order: Row<'orders'>, booked: BookedPayment[]): string {
  const taken = booked.filter(tookMoney)
  if (taken.length === 0) return unpaidState(now, order, booked)

  const facts = taken
    .map(({ id, amount, currency }) => `${id} ${amount} ${currency}`)
    .sort()
    .join(', ')
  const open = [
    ...(order.cancelled_at ? ['paid_after_cancel'] : []),
    ...(taken.length > 1 ? ['paid_twice'] : []),
  ].find((reason) => !isAccepted(order, reason, facts))
  if (open) return `needs_review: ${open}`

  const counted = taken.find(({ id }) => id === order.payment_id) ?? taken[0]
  if (!counted) return 'paid'
  if (counted.amount_disputed > 0 || counted.status === 'disputed') return 'disputed'
  if (counted.amount_refunded >= counted.amount) return 'refunded'
  return counted.amount_refunded > 0 ? 'partially_refunded' : 'paid'
}

function unpaidState(now: Snapshot, order: Row<'orders'>, booked: BookedPayment[]): string {
  // Whether the shop ever saw the money that the bank has taken back is its own history.
  if (order.paid_at && !isAccepted(order, 'payment_reversed', `none, after ${order.payment_id}`)) {
    return 'needs_review: payment_reversed'
  }
  if (booked.some(({ status }) => status === 'pending')) return 'processing'
  if (order.cancelled_at) return 'cancelled'
  // Each against its own clock: a page's end is JustiFi's, an order's beginning is the shop's.
  const isOver = order.page_ends_at
    ? now.books.now >= order.page_ends_at
    : now.here >= later(order.created_at, 86_400)
  if (isOver) return 'expired'
  return booked.some(({ status }) => status === 'failed') ? 'failed' : 'awaiting_payment'
}

function isAccepted(order: Row<'orders'>, reason: string, facts: string): boolean {
  const accepted: { reason: string; facts: string }[] = JSON.parse(order.accepted_reviews ?? '[]')
  return accepted.some((review) => review.reason === reason && review.facts === facts)
}

function later(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1_000).toISOString()
}

/** I1: every try is mirrored as JustiFi has it. */
function paymentsDiffer(now: Snapshot, order: Row<'orders'>): string[] {
  const here = now.payments
    .filter(({ order_id }) => order_id === order.id)
    .map(
      (payment) =>
        `${payment.id} ${payment.status} ${payment.amount_cents} ${payment.currency} ` +
        `-${payment.refunded_cents} -${payment.disputed_cents} to ${payment.account_id}`,
    )
  const there = bookedFor(now.books, order).map(
    (payment) =>
      `${payment.id} ${payment.status} ${payment.amount} ${payment.currency} ` +
      `-${payment.amount_refunded} -${payment.amount_disputed} to ${payment.account_id}`,
  )
  return differenceOf(`I1: payments of order ${order.number}`, here, there)
}

/** I8 and I7: each of JustiFi's refunds is booked once, and no request is left in the dark. */
function refundsDiffer(now: Snapshot): string[] {
  const known = new Set(now.payments.map(({ id }) => id))
  const here = now.refunds
    .filter(({ refund_id }) => refund_id !== null)
    .map(
      (refund) =>
        `${refund.refund_id} ${refund.payment_id} ${refund.amount_cents} ${refund.outcome}`,
    )
  const there = now.books.refunds
    .filter(({ payment_id }) => known.has(payment_id))
    .map((refund) => `${refund.id} ${refund.payment_id} ${refund.amount} ${refund.status}`)

  const inTheDark = now.refunds.filter(
    ({ id, outcome }) =>
      ['requested', 'unknown'].includes(outcome) &&
      // Too old to be sent again: a person looks, and JustiFi's list has been searched.
      !now.openItems.some(({ subject_id, resolved_at }) => subject_id === id && !resolved_at),
  )
  const madeAllTheSame = now.refunds.filter(
    (refund) =>
      refund.refund_id === null &&
      now.books.refunds.some(({ metadata }) => metadata?.refund === refund.id),
  )
  return [
    ...differenceOf('I8: refunds', here, there),
    ...inTheDark.map(({ id, outcome }) => `I7: refund ${id} is still ${outcome}`),
    ...madeAllTheSame.map(({ id }) => `I7: refund ${id} was made, and the shop does not know`),
  ]
}

function disputesDiffer(now: Snapshot): string[] {
  const known = new Set(now.payments.map(({ id }) => id))
  return differenceOf(
    'I1: disputes',
    now.disputes.map(({ id, status, amount_cents }) => `${id} ${status} ${amount_cents}`),
    now.books.disputes
      .filter(({ payment_id }) => known.has(payment_id))
      .map(({ id, status, amount }) => `${id} ${status} ${amount}`),
  )
}

/** I3: money that JustiFi took is some order's, or on somebody's list; and on no list in vain. */
function moneyIsLost({ books, payments, openItems }: Snapshot): string[] {
  const mirrored = new Set(payments.map(({ id }) => id))
  const listed = openItems
    .filter(({ kind, resolved_at }) => kind === 'unknown_payment' && !resolved_at)
    .map(({ subject_id }) => subject_id)
  return [
    ...books.payments
      .filter((payment) => tookMoney(payment) && !mirrored.has(payment.id))
      .filter(({ id }) => !listed.includes(id))
      .map(({ id, amount }) => `I3: payment ${id} of ${amount} is nowhere`),
    ...listed
      .filter((id) => mirrored.has(id))
      .map((id) => `I3: payment ${id} is listed as unknown, though an order has it`),
  ]
}

/** I5: whoever was given money back was told so, of all of it and no more. */
function mailsDiffer(now: Snapshot, order: Row<'orders'>): string[] {
  const told = mailsOf(now, order, 'refund_made')
    .map(({ data }) => Number(JSON.parse(data).amountCents))
    .reduce((sum, cents) => sum + cents, 0)
  const refunds = now.books.refunds.filter(({ payment_id }) =>
    bookedFor(now.books, order).some(({ id }) => id === payment_id),
  )
  const made = refunds
    .filter(({ status }) => status === 'succeeded')
    .reduce((sum, { amount }) => sum + amount, 0)
  // JustiFi counts a refund under way, and takes it back where it fails.
  const isPlain = refunds.every(({ status }) => status === 'succeeded')
  const reviews = new Set(
    statusChanges(now, order).flatMap(({ to, reason }) => (to === 'needs_review' ? [reason] : [])),
  )
  return [
    ...(isPlain && told !== made
      ? [`I5: order ${order.number}: told of ${told} cents given back, it was ${made}`]
      : []),
    ...[...reviews]
      .filter(
        (reason) =>
          !mailsOf(now, order, 'merchant_needs_review').some(
            ({ data }) => JSON.parse(data).reason === reason,
          ),
      )
      .map((reason) => `I5: order ${order.number}: nobody was told of ${reason}`),
  ]
}

function differenceOf(what: string, here: string[], there: string[]): string[] {
  const missing = there.filter((line) => !here.includes(line))
  const extra = here.filter((line) => !there.includes(line))
  const doubled = here.filter((line, index) => here.indexOf(line) !== index)
  if (missing.length + extra.length + doubled.length === 0) return []
  return [`${what}: missing [${missing}], not at JustiFi [${extra}], doubled [${doubled}]`]
}
