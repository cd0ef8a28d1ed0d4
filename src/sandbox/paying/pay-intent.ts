import type { Origin } from '../events/events.ts'
import type { EventName, Payment, PaymentIntent } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { attachedMethod, becamePaid, intentWith } from './intent-standing.ts'
import {
  type BankAccountDetails,
  bankAccountMethod,
  type CardDetails,
  cardMethod,
  collected,
  failed,
  newPayment,
} from './new-payment.ts'

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

const CARD_DECLINED: EventName[] = ['payment.failed']
const CARD_CHARGED: EventName[] = ['payment.captured', 'payment.succeeded']

/**
 * Books a try and its effect on the intent as one change, and tells of it in JustiFi's order. An
 * intent that is paid already, or about to be, through another session stays as it is.
 */
function book(
  sandbox: Sandbox,
  intent: PaymentIntent,
  payment: Payment,
  origin: Origin,
  eventNames: EventName[],
): Payment {
  const { ledger } = sandbox
  const attached =
    intent.status === 'requires_payment_method'
      ? ledger.changed(intent, { status: 'pending', payment_method: attachedMethod(payment) })
      : intent
  const after = intentWith(ledger, attached, payment)
  ledger.book({ payment_intent: after, payment })

  if (attached !== intent) sandbox.publish('payment_intent.attached', attached, origin)
  for (const name of eventNames) sandbox.publish(name, payment, origin)
  if (becamePaid(intent, after)) sandbox.publish('payment_intent.succeeded', after, origin)
  return payment
}
