import { hasRight } from '../../../merchants/user.ts'
import { netCentsOf } from '../../../orders/net.ts'
import type { Payment } from '../../../orders/order.ts'
import { countingPayment, failureText, methodText } from '../../../orders/payment-text.ts'
import { DECIDED, type Dispute } from '../../../orders/queries/disputes.ts'
import { type Refundable, refundableOf } from '../../../orders/refundable.ts'
import type { TimePart } from '../../orders/text.ts'
import {
  amountOf,
  type CopyableId,
  copyableId,
  type Fact,
  type OrderView,
  timeOf,
} from './order-view.ts'
import { orderDeskPath } from './paths.ts'

/** What was paid, what of it went back, and whether more can. */
export type PaymentPart = {
  /** Instead of the rest where nothing was ever paid. */
  none?: string
  facts: Fact[]
  ids: CopyableId[]
  refundUrl?: string
  /** Why there is no refund to make, where somebody might expect one. */
  cannotRefund?: string
}

export function paymentPart(view: OrderView): PaymentPart {
  const { seen, words } = view
  const { order } = seen
  const payment = countingPayment(order, seen.payments)
  const refundable = refundableOf(order, seen.payments, seen.refunds)

  return {
    ...(!payment && { none: words.payment.none }),
    facts: payment ? paymentFacts(view, payment, refundable) : [],
    ids: [
      ...(payment ? [copyableId(words, words.payment.id, payment.id)] : []),
      ...(order.intentId ? [copyableId(words, words.payment.intent, order.intentId)] : []),
      copyableId(words, words.payment.account, order.accountId),
    ],
    ...refundOffer(view, refundable),
  }
}

function paymentFacts(view: OrderView, payment: Payment, refundable: Refundable): Fact[] {
  const { seen, words } = view
  const said = words.payment
  const { paidCents, refundedCents, disputedCents, paidAt } = seen.order
  const fee = payment.feeCents
  const left = 'cannot' in refundable ? 0 : refundable.leftCents

  return [
    { label: said.method, text: methodName(view, payment) },
    { label: said.paid, text: amountOf(view, paidCents, payment.currency) },
    ...(paidAt ? [{ label: said.at, text: timeOf(view, paidAt).text }] : []),
    ...(fee === null ? [] : [{ label: said.fee, text: amountOf(view, fee, payment.currency) }]),
    { label: said.refunded, text: amountOf(view, refundedCents, payment.currency) },
    ...(disputedCents > 0
      ? [{ label: said.disputed, text: amountOf(view, disputedCents, payment.currency) }]
      : []),
    {
      label: said.net,
      text: amountOf(
        view,
        netCentsOf({ paidCents, refundedCents, disputedCents, feeCents: fee }),
        payment.currency,
      ),
      hint: said.netHint,
    },
    { label: said.refundable, text: amountOf(view, left, payment.currency) },
  ]
}

export function methodName({ words, customerWords }: OrderView, payment: Payment): string {
  return payment.lastFour ? methodText(payment, customerWords) : words.payment.unknownMethod
}

function refundOffer({ seen, visit, words }: OrderView, refundable: Refundable) {
  const { cannot } = words.payment
  const isOrdinary = 'cannot' in refundable && refundable.cannot === 'not_paid'
  if (isOrdinary) return {}
  if ('cannot' in refundable) {
    const isLost = refundable.cannot === 'disputed' && areDecided(seen.disputes)
    return { cannotRefund: isLost ? cannot.dispute_lost : cannot[refundable.cannot] }
  }
  if (!hasRight(visit.user, 'refund')) return { cannotRefund: cannot.no_right }
  return { refundUrl: `${orderDeskPath(seen.order.number)}/refund` }
}

function areDecided(disputes: readonly Dispute[]): boolean {
  return disputes.length > 0 && disputes.every(({ status }) => DECIDED.includes(status))
}

/** Each try to pay, with what came of it. */
export type TryRow = {
  at: TimePart
  result: string
  style: string
  amount: string
  method: string
  /** Why it failed, in words, and what JustiFi says of it. */
  details: string[]
  id: string
}

export function tryRows(view: OrderView): TryRow[] {
  const { seen, words, customerWords } = view
  const said = words.tries
  return seen.payments.map((payment) => {
    const { errorCode, errorMessage } = payment
    const failed = payment.status === 'failed'
    return {
      at: timeOf(view, payment.createdAt),
      result: said.statuses[payment.status] ?? said.unknown,
      style: failed ? 'tag tag--calm' : 'tag tag--good',
      amount: amountOf(view, payment.amountCents, payment.currency),
      method: methodName(view, payment),
      details: [
        ...(failed ? [failureText(payment, customerWords)] : []),
        ...(errorCode ? [said.code(errorCode)] : []),
        ...(errorMessage ? [said.saysJustifi(errorMessage)] : []),
      ],
      id: payment.id,
    }
  })
}
