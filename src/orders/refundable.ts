import type { Order, Payment } from './order.ts'
import type { Refund } from './refund.ts'

/** A payment with what of it is promised back already. */
export type ReservedPayment = Payment & { reservedCents: number }

/** What of an order can be given back, and of which payment; or why nothing can. */
export type Refundable =
  | { payment: ReservedPayment; leftCents: number; isSurplus: boolean }
  | { cannot: CannotRefund }

export type CannotRefund =
  | 'not_paid'
  | 'bank_pending'
  | 'reversed'
  | 'unknown'
  | 'in_progress'
  | 'disputed'
  | 'nothing_left'

const HELD = ['succeeded', 'partially_refunded', 'disputed', 'fully_refunded']
const ON_THE_WAY = ['pending', 'authorized']

/**
 * As `reserve` decides when a refund is asked for: captured, less what was returned, promised and
 * disputed. Of an order that was paid twice the surplus payment is proposed, as long as anything is
 * left of it.
 */
export function refundableOf(
  order: Order,
  payments: readonly ReservedPayment[],
  refunds: readonly Refund[],
): Refundable {
  const held = payments.filter(({ status }) => HELD.includes(status))
  const counting = held.find(({ id }) => id === order.paymentId)
  const surplus =
    order.reason === 'paid_twice'
      ? held.find((payment) => payment.id !== order.paymentId && leftOf(payment) > 0)
      : undefined
  const payment = surplus ?? counting
  if (!payment) return { cannot: whyUnpaid(order, payments) }

  const open = refunds.filter((refund) => refund.paymentId === payment.id)
  if (open.some(({ outcome }) => outcome === 'unknown')) return { cannot: 'unknown' }
  if (open.some(({ outcome }) => outcome === 'requested' || outcome === 'pending')) {
    return { cannot: 'in_progress' }
  }
  const leftCents = leftOf(payment)
  if (leftCents > 0) return { payment, leftCents, isSurplus: payment === surplus }
  return { cannot: payment.disputedCents > 0 ? 'disputed' : 'nothing_left' }
}

function leftOf({ amountCents, refundedCents, disputedCents, reservedCents }: ReservedPayment) {
  return amountCents - refundedCents - disputedCents - reservedCents
}

function whyUnpaid(order: Order, payments: readonly ReservedPayment[]): CannotRefund {
  if (order.reason === 'payment_reversed') return 'reversed'
  return payments.some(({ status }) => ON_THE_WAY.includes(status)) ? 'bank_pending' : 'not_paid'
}
