import { Router } from 'express'
import { HOUR, later } from '../../clock.ts'
import type { CheckoutSession } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { notFound } from './api-error.ts'
import { type ApiCall, write } from './endpoint.ts'
import { invalid, parseParameters, requiredTextOf, webUrlOf } from './parameters.ts'

export const SESSION_LIFE_MS = 24 * HOUR

export function checkoutSessionRoutes(sandbox: Sandbox): Router {
  const router = Router()

  router.post(
    '/v1/checkout_sessions',
    write(sandbox, { keyRequired: false }, (call) => {
      const session = newSession(sandbox, call)
      sandbox.ledger.keepSession(session)
      // JustiFi's envelope around a session carries no id of its own.
      const data = { checkout_session_id: session.id }
      return { status: 201, body: { id: 1, type: 'checkout_session', data, page_info: null } }
    }),
  )

  return router
}

function newSession(
  { ids, clock, ledger }: Sandbox,
  { accountId, body }: ApiCall,
): CheckoutSession {
  const parameters = parseParameters(body, ['payment_intent_id', 'after_payment_url', 'back_url'])
  const intentId = requiredTextOf(parameters, 'payment_intent_id')
  const afterPaymentUrl = webUrlOf(parameters, 'after_payment_url')
  const backUrl = parameters.back_url === undefined ? null : webUrlOf(parameters, 'back_url')

  const intent = ledger.find('payment_intent', intentId, { accountId, stale: false })
  if (!intent) throw notFound()
  if (intent.status !== 'requires_payment_method') {
    throw invalid(
      'payment_intent_unexpected_state',
      `The payment intent is ${intent.status}`,
      'payment_intent_id',
    )
  }

  const now = clock.now()
  return {
    id: ids.nextHex(),
    account_id: accountId,
    payment_intent_id: intent.id,
    after_payment_url: afterPaymentUrl,
    back_url: backUrl,
    payment_id: null,
    created_at: now.toISOString(),
    expires_at: later(now, SESSION_LIFE_MS).toISOString(),
  }
}
