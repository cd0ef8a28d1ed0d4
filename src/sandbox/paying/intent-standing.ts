import { isCollected } from '../giving-back/standing.ts'
import type { Ledger } from '../ledger.ts'
import { placed } from '../placed.ts'
import type { Payment, PaymentIntent } from '../records.ts'

/**
 * What a new or changed payment makes of its intent. The first payment to succeed is the intent's
 * for as long as its money stays; an intent whose payments have all failed can be paid again.
 *
 * @returns the same intent where nothing changes
 */
export function intentWith(ledger: Ledger, intent: PaymentIntent, payment: Payment): PaymentIntent {
  const payments = placed(ledger.paymentsOfIntent(intent.id), payment)
  const collected = payments.filter(isCollected)

  const paidBy = collected.find(({ id }) => id === intent.successful_payment_id) ?? collected[0]
  const awaited = payments.find(({ status }) => status === 'pending')
  const status = paidBy ? 'succeeded' : awaited ? 'pending' : 'requires_payment_method'
  const successful_payment_id = paidBy?.id ?? null

  if (intent.status === status && intent.successful_payment_id === successful_payment_id) {
    return intent
  }
  const method = paidBy ?? awaited
  const payment_method = method ? attachedMethod(method) : null
  return ledger.changed(intent, { status, successful_payment_id, payment_method })
}

export function attachedMethod({ payment_method }: Payment): PaymentIntent['payment_method'] {
  return { ...payment_method, status: 'valid', invalid_reason: null }
}

export function becamePaid(before: PaymentIntent, after: PaymentIntent): boolean {
  return before.status !== 'succeeded' && after.status === 'succeeded'
}
