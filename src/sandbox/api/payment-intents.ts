import { Router } from 'express'
import type { PaymentIntent } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { notFound } from './api-error.ts'
import { type ApiCall, read, write } from './endpoint.ts'
import { listOf, recordOf, wholeListOf } from './envelope.ts'
import { pageOf } from './pagination.ts'
import { amountOf, currencyOf, invalid, notesOf, parseParameters } from './parameters.ts'

export function paymentIntentRoutes(sandbox: Sandbox): Router {
  const { ledger } = sandbox
  const router = Router()

  router.post(
    '/v1/payment_intents',
    write(sandbox, { keyRequired: true }, (call) => {
      const intent = newIntent(sandbox, call)
      ledger.book({ intent })
      sandbox.publish('payment_intent.created', intent, call.origin)
      return { status: 201, body: recordOf('payment_intent', intent) }
    }),
  )

  router.get(
    '/v1/payment_intents',
    read(sandbox, (call) => {
      const { intentIds, lastChanged } = ledger.idsOfAccount(call.accountId)
      const find = (id: string) =>
        call.stale && id === lastChanged
          ? ledger.before(id).intent
          : ledger.intent(id, call.accountId)
      return listOf(pageOf(intentIds, find, call.query))
    }),
  )

  router.get(
    '/v1/payment_intents/:id',
    read(sandbox, (call) => {
      const known = getIntent(sandbox, call)
      const intent = call.stale ? ledger.before(known.id).intent : known
      if (!intent) throw notFound()
      return recordOf('payment_intent', intent)
    }),
  )

  router.patch(
    '/v1/payment_intents/:id',
    write(sandbox, { keyRequired: true }, (call) => {
      const notes = notesOf(parseParameters(call.body, ['description', 'metadata']))
      const intent = ledger.changed(getIntent(sandbox, call), notes)
      ledger.book({ intent })
      return { status: 200, body: recordOf('payment_intent', intent) }
    }),
  )

  router.get(
    '/v1/payment_intents/:id/payments',
    read(sandbox, (call) => {
      const { id } = getIntent(sandbox, call)
      return wholeListOf(call.stale ? ledger.before(id).payments : ledger.paymentsOfIntent(id))
    }),
  )

  return router
}

function getIntent(sandbox: Sandbox, { id, accountId }: ApiCall): PaymentIntent {
  const intent = sandbox.ledger.intent(id, accountId)
  if (!intent) throw notFound()
  return intent
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
