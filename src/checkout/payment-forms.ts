import { type ObservedPayment, TOOK_MONEY } from '../justifi/hosted-checkout.ts'
import type { Payment } from '../orders/order.ts'

/** The newest form of each payment that was ever seen, in the order they were made. */
export function latestForms(
  known: readonly Payment[],
  seen: readonly ObservedPayment[],
): Payment[] {
  const forms = new Map<string, Payment>(known.map((payment) => [payment.id, payment]))
  for (const payment of seen) {
    const before = forms.get(payment.id)
    if (!before || payment.updatedAt >= before.updatedAt) forms.set(payment.id, payment)
  }
  return [...forms.values()].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

/** Whether a payment, as JustiFi shows it, says anything that is not known yet. */
export function isNews(known: readonly Payment[], payment: ObservedPayment): boolean {
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

/** Whether money was taken, whatever became of it. */
export function tookMoney(payment: Payment): boolean {
  return (TOOK_MONEY as readonly string[]).includes(payment.status)
}

/** Money may still be taken: another try could then be a second payment. */
export function isUnderWay(payment: Payment): boolean {
  return payment.status === 'pending' || payment.status === 'authorized'
}

/** A bank payment takes its money days after it was made; a later refund moves `updatedAt` on. */
export function tookMoneyAt(payment: Payment): Date {
  return payment.status === 'succeeded' ? payment.updatedAt : payment.createdAt
}
