import { json, type Request, type RequestHandler, type Response, Router, urlencoded } from 'express'
import { ApiError, notFound } from '../api/api-error.ts'
import { htmlAnswer, transmit } from '../faults/transmit.ts'
import { pageHeaders } from '../page-headers.ts'
import { settleBankPayment } from '../paying/pay-intent.ts'
import { renderPage } from '../render.ts'
import type { Sandbox } from '../sandbox.ts'
import { ClockBody, FaultBody, PublisherBody, parseBody, SettleBody } from './bodies.ts'
import { controlPage } from './control-page.ts'
import { stateOf } from './state.ts'

const OF_CONTROL_PLANE = { requestId: null, idempotencyKey: null }

/** What stands beside JustiFi's own paths: looking into the sandbox, and playing fate. */
export function controlRoutes(sandbox: Sandbox): Router {
  const { faults, publishers, clock, events, deliveries, ledger } = sandbox
  const router = Router()
  router.use(refuseOtherSites, json({ limit: '1mb' }), urlencoded({ extended: false }))

  router.get('/', (_req, res) => {
    const text = renderPage('control-page', controlPage(sandbox))
    transmit(res, htmlAnswer(200, text, pageHeaders("'self'")), undefined)
  })

  router.get('/state', (_req, res) => {
    res.json(stateOf(sandbox))
  })

  router.post('/faults', (req, res) => {
    done(req, res, 201, faults.add(parseBody(FaultBody, req.body)))
  })

  router.delete('/faults', (req, res) => {
    faults.clear()
    done(req, res, 200, { faults: [] })
  })

  router.post('/publishers', (req, res) => {
    const publisher = parseBody(PublisherBody, req.body)
    sandbox.transact(() => publishers.add(publisher))
    done(req, res, 201, { url: publisher.url, events: publisher.events })
  })

  router.delete('/publishers', (req, res) => {
    sandbox.transact(() => publishers.clear())
    done(req, res, 200, { publishers: [] })
  })

  router.post('/clock', (req, res) => {
    const { advance_seconds } = parseBody(ClockBody, req.body)
    sandbox.transact(() => clock.advance(advance_seconds))
    done(req, res, 200, { now: clock.now().toISOString() })
  })

  router.post('/events/:id/deliver', async (req, res) => {
    const event = events.get(req.params.id)
    if (!event) throw notFound()
    done(req, res, 200, { deliveries: await deliveries.deliverAgain(event) })
  })

  router.post('/payments/:id/settle', (req, res) => {
    const { status } = parseBody(SettleBody, req.body)
    const payment = ledger.paymentOfAnyAccount(req.params.id)
    if (!payment) throw notFound()
    if (payment.status !== 'pending') {
      throw new ApiError(422, 'payment_not_pending', `The payment is ${payment.status}`)
    }
    const settled = sandbox.transact(() =>
      settleBankPayment(sandbox, payment, status, OF_CONTROL_PLANE),
    )
    done(req, res, 200, settled)
  })

  router.post('/reset', (req, res) => {
    sandbox.transact(() => sandbox.reset())
    done(req, res, 200, {})
  })

  router.use(() => {
    throw notFound()
  })

  return router
}

/** The sandbox runs on a developer's machine: no page of another site may play fate there. */
const refuseOtherSites: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site') ?? 'none'
  if (req.method !== 'GET' && !['same-origin', 'none'].includes(site)) {
    throw new ApiError(403, 'not_authorized', 'Not from another site')
  }
  next()
}

/** JSON for programs; whoever pressed a button of the page gets the page again. */
function done(req: Request, res: Response, status: number, body: unknown): void {
  if (req.is('urlencoded')) res.redirect(303, '/_sandbox')
  else res.status(status).json(body)
}
