import type { Request, RequestHandler } from 'express'
import type { Metrics } from '../metrics.ts'

const METHODS = new Set(['GET', 'HEAD', 'POST'])

/** Counts and times every answer. */
export function requestMetrics({ httpRequests }: Metrics): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now()
    res.on('close', () => {
      const labels = {
        method: METHODS.has(req.method) ? req.method : 'other',
        route: routeOf(req),
        status: res.headersSent ? String(res.statusCode) : 'none',
      }
      httpRequests.observe(labels, (performance.now() - startedAt) / 1_000)
    })
    next()
  }
}

/** The pattern that the request was routed by: paths themselves are without number. */
function routeOf(req: Request): string {
  const path: unknown = req.route?.path
  return path === undefined ? 'none' : String(path)
}
