import { join } from 'node:path'
import express, { type Express } from 'express'
import type { AppContext } from './context.ts'
import { loadAssets } from './web/assets.ts'
import { errorHandler } from './web/errors.ts'
import { securityHeaders } from './web/headers.ts'
import { requestLimit } from './web/limits.ts'
import { machineRoutes } from './web/machine/routes.ts'
import { webhookRoutes } from './web/machine/webhook-route.ts'
import { mailPreviewRoutes } from './web/mail-previews.ts'
import { merchantRoutes } from './web/merchant/routes.ts'
import { knownMethodsOnly, notFound } from './web/not-found.ts'
import { findOrderRoutes } from './web/orders/find-order.ts'
import { orderRoutes } from './web/orders/routes.ts'
import { createRenderer } from './web/render.ts'
import { requestLog } from './web/request-log.ts'
import { requestMetrics } from './web/request-metrics.ts'
import { siteRouter } from './web/router.ts'
import { shopRoutes } from './web/shop/routes.ts'
import { uploadedImageRoutes } from './web/uploaded-images.ts'
import { wellFormedOnly } from './web/well-formed.ts'

const ROOT = join(import.meta.dirname, '..')

/**
 * The map of the site: everything that a request passes, in its order.
 *
 * @param isDraining whether the process is about to end, so that it should be sent no more requests
 */
export function createApp(ctx: AppContext, isDraining = () => false): Express {
  const assets = loadAssets(join(ROOT, 'public'), ['sandbox'])
  const app = express()

  app.disable('x-powered-by').disable('etag')
  app.enable('strict routing').enable('case sensitive routing')
  app.set('query parser', 'simple')
  app.set('trust proxy', ctx.trustProxy)
  app.locals.renderPage = createRenderer({
    viewsDir: join(ROOT, 'views'),
    asset: assets.url,
    debug: !ctx.production,
  })

  app.use(requestLog(ctx.log))
  app.use(requestMetrics(ctx.metrics))
  app.use(securityHeaders(ctx))
  app.use(wellFormedOnly)
  app.use(knownMethodsOnly)

  app.use(machineRoutes(ctx, isDraining))
  app.use(webhookRoutes(ctx))

  app.use(requestLimit(ctx))
  app.use(uploadedImageRoutes(ctx))
  app.use(siteRouter().get('/assets/*path', assets.serve))
  // Most looked at, and looked at again while customers wait: they come past the fewest others.
  app.use(findOrderRoutes(ctx))
  app.use(orderRoutes(ctx))
  app.use(shopRoutes(ctx))
  app.use(merchantRoutes(ctx))
  app.use(mailPreviewRoutes(ctx))

  app.use(notFound)
  app.use(errorHandler(ctx))
  return app
}
