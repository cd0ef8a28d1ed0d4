import path from 'node:path'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { accessTokenRoutes } from './api/access-token.ts'
import { ApiError, notFound } from './api/api-error.ts'
import { checkoutSessionRoutes } from './api/checkout-sessions.ts'
import { disputeRoutes } from './api/disputes.ts'
import { paymentIntentRoutes } from './api/payment-intents.ts'
import { paymentRoutes } from './api/payments.ts'
import { refundRoutes } from './api/refunds.ts'
import { subAccountRoutes } from './api/sub-accounts.ts'
import { controlRoutes } from './control/routes.ts'
import { beginExchange, exchangeOf, respond } from './exchange.ts'
import { jsonAnswer, transmit } from './faults/transmit.ts'
import { hostedPageRoutes } from './hosted-page/routes.ts'
import type { Sandbox } from './sandbox.ts'

const ASSETS = path.join(import.meta.dirname, '../../public/sandbox')

/** Every door of the sandbox, in order. */
export function createSandboxApp(sandbox: Sandbox): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')

  app.use((_req, res, next) => {
    res.setHeader('date', sandbox.clock.now().toUTCString())
    next()
  })
  app.get('/', (_req, res) => res.redirect('/_sandbox'))
  app.use('/assets', express.static(ASSETS))
  app.use('/_sandbox', controlRoutes(sandbox))

  app.use(beginExchange(sandbox))
  app.use(hostedPageRoutes(sandbox))
  app.use(express.raw({ type: () => true, limit: '256kb' }))
  app.use(accessTokenRoutes(sandbox))
  app.use(paymentIntentRoutes(sandbox))
  app.use(checkoutSessionRoutes(sandbox))
  app.use(paymentRoutes(sandbox))
  app.use(refundRoutes(sandbox))
  app.use(disputeRoutes(sandbox))
  app.use(subAccountRoutes(sandbox))

  app.use(() => {
    throw notFound()
  })
  app.use(answerError(sandbox))
  return app
}

function answerError(sandbox: Sandbox): ErrorRequestHandler {
  return (error, _req, res, next) => {
    if (res.headersSent) return next(error)
    const { status, body } = errorOf(error)
    const answer = jsonAnswer(status, body)
    // The control plane is no call of JustiFi's API, and its answers suffer no faults.
    if (exchangeOf(res)) respond(sandbox, res, answer)
    else transmit(res, answer, undefined)
  }
}

/** Also of what body parsers and the router throw, which carry the status to answer. */
function errorOf(error: Error & { status?: number }): { status: number; body: unknown } {
  if (error instanceof ApiError) return error
  const { status = 500 } = error
  if (status < 500) return new ApiError(status, 'bad_request', 'The request could not be read')
  process.stderr.write(`sandbox: ${error.stack}\n`)
  return new ApiError(500, 'internal_server_error', 'The sandbox has failed')
}
