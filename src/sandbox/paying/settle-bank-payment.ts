import { ApiError } from '../api/api-error.ts'
import type { Origin } from '../events/events.ts'
import { isCollected } from '../giving-back/standing.ts'
import type { Payment } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Decline } from './decline.ts'
import { becamePaid, intentWith } from './intent-standing.ts'
import { collected, failed } from './new-payment.ts'
import { declineOfBankAccount } from './test-bank-accounts.ts'

/**
 * The bank's answer to a pending debit; or, as banks also do, a debit taken back that had cleared.
 *
 * @throws ApiError 422 where no such answer can come any more
 */
export function settleBankPayment(
  sandbox: Sandbox,
  debit: Payment,
  status: 'succeeded' | 'failed',
  origin: Origin,
): Payment {
  const { ledger } = sandbox
  const intent = ledger.get('payment_intent', debit.payment_intent_id)
  if (!intent) throw new Error(`no intent ${debit.payment_intent_id}`)

  const payment = ledger.changed(debit, changesOf(sandbox, debit, status))
  const after = intentWith(ledger, intent, payment)
  ledger.book({ payment_intent: after, payment })
  sandbox.publish(`payment.${status}`, payment, origin)
  if (becamePaid(intent, after)) sandbox.publish('payment_intent.succeeded', after, origin)
  return payment
}

function changesOf(
  sandbox: Sandbox,
  debit: Payment,
  status: 'succeeded' | 'failed',
): Partial<Payment> {
  if (debit.status === 'pending') {
    return status === 'succeeded' ? collected(sandbox, debit) : failed(declineOf(debit))
  }
  const canBeTakenBack = isCollected(debit) && 'bank_account' in debit.payment_method
  if (status === 'failed' && canBeTakenBack) {
    const gone = { returned: true, amount_returned: debit.amount, amount_refundable: 0, balance: 0 }
    return { ...failed(declineOf(debit)), ...gone }
  }
  throw new ApiError(422, 'payment_not_pending', `The payment is ${debit.status}`)
}

function declineOf({ payment_method }: Payment): Decline {
  const lastFour =
    'bank_account' in payment_method ? payment_method.bank_account.account_number_last4 : ''
  const decline = declineOfBankAccount(lastFour)
  if (!decline) throw new Error(`no test bank account ends in ${lastFour}`)
  return decline
}
