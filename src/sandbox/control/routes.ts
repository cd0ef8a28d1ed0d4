import { json, type RequestHandler, Router, urlencoded } from 'express'
import { ApiError, notFound } from '../api/api-error.ts'
import { htmlAnswer, transmit } from '../faults/transmit.ts'
import { pageHeaders } from '../page-headers.ts'
import { renderPage } from '../render.ts'
import type { Sandbox } from '../sandbox.ts'
import { ClockBody, FaultBody, PublisherBody, parseBody, SettingsBody } from './bodies.ts'
import { controlPage } from './control-page.ts'
import { done } from './done.ts'
import { moneyRoutes } from './money-routes.ts'
import { partsOfState, stateOf } from './state.ts'

/** What stands beside JustiFi's own paths: looking into the sandbox, and playing fate. */
export function controlRoutes(sandbox: Sandbox): Router {
  const { faults, publishers, clock, settings, idempotencyKeys, events, deliveries } = sandbox
  const router = Router()
  router.use(refuseOtherSites, json({ limit: '1mb' }), urlencoded({ extended: false }))

  router.get('/', (_req, res) => {
    const text = renderPage('control-page', controlPage(sandbox))
    transmit(res, htmlAnswer(200, text, pageHeaders("'self'")), undefined)
  })

  router.get('/state', (req, res) => {
    const { only } = req.query
    res.json(only === undefined ? stateOf(sandbox) : partsOfState(sandbox, String(only)))
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
    const { url, events, mode } = publisher
    done(req, res, 201, { url, events, mode })
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

  router.delete('/idempotency_keys', (req, res) => {
    sandbox.transact(() => idempotencyKeys.forget())
    done(req, res, 200, {})
  })

  router.post('/events/:id/deliver', async (req, res) => {
    const event = events.get(req.params.id)
    if (!event) throw notFound()
    done(req, res, 200, { deliveries: await deliveries.deliverAgain(event) })
  })

  router.post('/settings', (req, res) => {
    const changes = parseBody(SettingsBody, req.body)
    sandbox.transact(() => settings.change(changes))
    done(req, res, 200, settings.current)
  })

  router.use(moneyRoutes(sandbox))

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
