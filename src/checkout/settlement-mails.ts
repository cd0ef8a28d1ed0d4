import type { MailKind, NewMail } from '../mail/outbox.ts'
import { type Order, type OrderStatus, type Payment, STATUS_RULES } from '../orders/order.ts'

type Outcome = { status: OrderStatus; reason: string | null }

type Money = {
  /** As mirrored before. */
  known: readonly Payment[]
  /** As known now. */
  payments: readonly Payment[]
  /** Those of them that are new or have changed. */
  news: readonly Payment[]
}

/**
 * The mails that a settlement causes. Each has a key that names its cause, and the outbox takes a
 * key once: however often and through whichever door the news comes, one mail is sent.
 */
export function mailsAbout(order: Order, outcome: Outcome, money: Money): NewMail[] {
  const mail = (kind: MailKind, cause: string, data: NewMail['data'] = {}): NewMail => ({
    kind,
    key: `${kind}:${order.id}:${cause}`,
    orderId: order.id,
    merchantId: order.merchantId,
    data,
  })

  return [
    ...(isSettled(outcome.status) && !isSettled(order.status)
      ? [mail('order_paid', ''), mail('merchant_order_paid', '')]
      : []),
    ...(outcome.status === 'processing' ? money.news.filter(isPending) : []).map(({ id }) =>
      mail('bank_payment_pending', id),
    ),
    ...(STATUS_RULES[outcome.status].payable ? money.news : [])
      .filter((payment) => payment.status === 'failed' && wasPending(money.known, payment))
      .map(({ id, errorCode }) => mail('payment_failed', id, { errorCode })),
    ...refundMails(money, mail),
    ...(outcome.reason !== null && outcome.reason !== order.reason
      ? [mail('merchant_needs_review', outcome.reason, { reason: outcome.reason })]
      : []),
    ...(outcome.status === 'disputed' && order.status !== 'disputed'
      ? [mail('merchant_dispute', String(order.version), { amountCents: disputed(money.payments) })]
      : []),
  ]
}

function refundMails(
  { known, payments }: Money,
  mail: (kind: MailKind, cause: string, data: NewMail['data']) => NewMail,
): NewMail[] {
  const before = refunded(known)
  const after = refunded(payments)
  if (after <= before) return []
  return [mail('refund_made', String(after), { amountCents: after - before })]
}

function disputed(payments: readonly Payment[]): number {
  return payments.reduce((sum, payment) => sum + payment.disputedCents, 0)
}

function refunded(payments: readonly Payment[]): number {
  return payments.reduce((sum, payment) => sum + payment.refundedCents, 0)
}

/** The money is there, or was, and nobody has to look at it. */
function isSettled(status: OrderStatus): boolean {
  return STATUS_RULES[status].money && status !== 'needs_review'
}

function isPending(payment: Payment): boolean {
  return payment.status === 'pending'
}

function wasPending(known: readonly Payment[], { id }: Payment): boolean {
  return known.some((payment) => payment.id === id && payment.status === 'pending')
}
