import { Router } from 'express'
import type { PaymentIntent } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { type ApiCall, read, write } from './endpoint.ts'
import { recordOf, wholeListOf } from './envelope.ts'
import { amountOf, currencyOf, invalid, notesOf, parseParameters } from './parameters.ts'
import { getRecord, pageOfRecords } from './stored-records.ts'

export function paymentIntentRoutes(sandbox: Sandbox): Router {
  const { ledger } = sandbox
  const router = Router()

  router.post(
    '/v1/payment_intents',
    write(sandbox, { keyRequired: true }, (call) => {
      const intent = newIntent(sandbox, call)
      ledger.book({ payment_intent: intent })
      sandbox.publish('payment_intent.created', intent, call.origin)
      return { status: 201, body: recordOf('payment_intent', intent) }
    }),
  )

  router.get(
    '/v1/payment_intents',
    read(sandbox, (call) => pageOfRecords(sandbox, 'payment_intent', call)),
  )

  router.get(
    '/v1/payment_intents/:id',
    read(sandbox, (call) => recordOf('payment_intent', getRecord(sandbox, 'payment_intent', call))),
  )

  router.patch(
    '/v1/payment_intents/:id',
    write(sandbox, { keyRequired: true }, (call) => {
      const notes = notesOf(parseParameters(call.body, ['description', 'metadata']))
      const intent = ledger.changed(getRecord(sandbox, 'payment_intent', call), notes)
      ledger.book({ payment_intent: intent })
      return { status: 200, body: recordOf('payment_intent', intent) }
    }),
  )

  router.get(
    '/v1/payment_intents/:id/payments',
    read(sandbox, (call) => {
      const { id } = getRecord(sandbox, 'payment_intent', { ...call, stale: false })
      return wholeListOf(ledger.paymentsOfIntent(id, call))
    }),
  )

  return router
}

function newIntent({ ids, clock, ledger }: Sandbox, { accountId, body }: ApiCall): PaymentIntent {
  const parameters = parseParameters(body, ['amount', 'currency', 'description', 'metadata'])
  const amount = amountOf(parameters)
  const currency = currencyOf(parameters)
  const notes = notesOf(parameters)
  if (currency !== (ledger.currencyOf(accountId) ?? currency)) {
    throw invalid('currency_invalid', 'The sub account has another currency', 'currency')
  }

  const now = clock.now().toISOString()
  return {
    id: ids.next('pi'),
    account_id: accountId,
    amount,
    currency,
    description: null,
    metadata: null,
    ...notes,
    payment_method: null,
    status: 'requires_payment_method',
    successful_payment_id: null,
    created_at: now,
    updated_at: now,
  }
}
