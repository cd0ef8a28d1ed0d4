import { createHash, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler, Router } from 'express'
import type { AppContext } from '../../context.ts'
import { PageNotFoundError } from '../../errors.ts'
import { noStore } from '../headers.ts'
import { siteRouter } from '../router.ts'
import { readinessProbe } from './readiness.ts'

/** What a load balancer and a monitor ask. Says whether, never why: that is in the log. */
export function machineRoutes(ctx: AppContext, isDraining: () => boolean): Router {
  const router = siteRouter()

  router.get('/healthz', noStore, (_req, res) => {
    res.json({ status: 'ok' })
  })
  router.get('/readyz', noStore, showReadiness(ctx, isDraining))
  router.get('/metrics', noStore, showMetrics(ctx))

  return router
}

function showReadiness(ctx: AppContext, isDraining: () => boolean): RequestHandler {
  const probe = readinessProbe(ctx)

  return async (_req, res) => {
    const isReady = !isDraining() && (await probe())
    res.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not_ready' })
  }
}

function showMetrics({ metrics, metricsToken, production }: AppContext): RequestHandler {
  return async (req, res) => {
    if (metricsToken === undefined && production) throw new PageNotFoundError('no METRICS_TOKEN')
    if (metricsToken !== undefined && !bearsToken(req, metricsToken)) {
      res.status(401).setHeader('WWW-Authenticate', 'Bearer')
      res.json({ error: 'unauthorized' })
      return
    }
    res.setHeader('Content-Type', metrics.registry.contentType)
    res.end(await metrics.registry.metrics())
  }
}

function bearsToken(req: Request, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

/** Of one length, whatever was given: what `timingSafeEqual` asks for. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
