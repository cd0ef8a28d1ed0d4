import type { Origin } from '../events/events.ts'
import type { EventName, Payment, PaymentIntent, PaymentMethod } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import {
  type BankAccountDetails,
  bankAccountMethod,
  type CardDetails,
  cardMethod,
  collected,
  failed,
  newPayment,
} from './new-payment.ts'
import { declineOfBankAccount } from './test-bank-accounts.ts'

/** Tries a card on an intent. The payment it gives back has succeeded or failed. */
export function payByCard(
  sandbox: Sandbox,
  intent: PaymentIntent,
  card: CardDetails,
  origin: Origin,
): Payment {
  const method = cardMethod(sandbox, intent, card)
  const fresh = newPayment(sandbox, intent, method)
  const { decline } = card.testCard
  const payment = { ...fresh, ...(decline ? failed(decline) : collected(sandbox, fresh)) }

  return book(sandbox, intent, payment, origin, [
    'payment.created',
    ...(decline ? CARD_DECLINED : CARD_CHARGED),
  ])
}

/** Sends a debit to a bank. It stays pending until the bank is made to answer. */
export function payByBankAccount(
  sandbox: Sandbox,
  intent: PaymentIntent,
  account: BankAccountDetails,
  origin: Origin,
): Payment {
  const method = bankAccountMethod(sandbox, intent, account)
  const payment = newPayment(sandbox, intent, method)
  return book(sandbox, intent, payment, origin, ['payment.created', 'payment.pending'])
}

/** The bank's answer to a pending debit. */
export function settleBankPayment(
  sandbox: Sandbox,
  pending: Payment,
  status: 'succeeded' | 'failed',
  origin: Origin,
): Payment {
  const { ledger } = sandbox
  const intent = ledger.intentOfAnyAccount(pending.payment_intent_id)
  if (!intent) throw new Error(`no intent ${pending.payment_intent_id}`)

  const changes = status === 'succeeded' ? collected(sandbox, pending) : failed(returnOf(pending))
  const payment = ledger.changed(pending, changes)
  const settled = ledger.changed(intent, intentAfter(payment))
  ledger.book({ intent: settled, payment })
  sandbox.publish(`payment.${status}`, payment, origin)
  if (status === 'succeeded') sandbox.publish('payment_intent.succeeded', settled, origin)
  return payment
}

const CARD_DECLINED: EventName[] = ['payment.failed']
const CARD_CHARGED: EventName[] = ['payment.captured', 'payment.succeeded']

/** Books a try and its effect on the intent as one change, and tells of it in JustiFi's order. */
function book(
  sandbox: Sandbox,
  intent: PaymentIntent,
  payment: Payment,
  origin: Origin,
  eventNames: EventName[],
): Payment {
  const { ledger } = sandbox
  const attached = ledger.changed(intent, {
    status: 'pending',
    payment_method: { ...payment.payment_method, status: 'valid', invalid_reason: null },
  })
  const after = ledger.changed(attached, intentAfter(payment))
  ledger.book({ intent: after, payment })

  sandbox.publish('payment_intent.attached', attached, origin)
  for (const name of eventNames) sandbox.publish(name, payment, origin)
  if (after.status === 'succeeded') sandbox.publish('payment_intent.succeeded', after, origin)
  return payment
}

/** An intent whose payment failed can be paid again. */
function intentAfter({ id, status }: Payment): Partial<PaymentIntent> {
  if (status === 'succeeded') return { status: 'succeeded', successful_payment_id: id }
  if (status === 'failed') return { status: 'requires_payment_method', payment_method: null }
  return { status: 'pending' }
}

function returnOf({ payment_method }: Payment) {
  const lastFour = lastFourOf(payment_method)
  const decline = declineOfBankAccount(lastFour)
  if (!decline) throw new Error(`no test bank account ends in ${lastFour}`)
  return decline
}

function lastFourOf(method: PaymentMethod): string {
  return 'bank_account' in method ? method.bank_account.account_number_last4 : ''
}
