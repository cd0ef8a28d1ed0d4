import type { RequestHandler } from 'express'
import helmet from 'helmet'
import type { AppContext } from '../context.ts'
import { isHttps } from './https.ts'

const YEAR_SECONDS = 365 * 24 * 60 * 60

/** The headers that every answer has. */
export function securityHeaders(ctx: Pick<AppContext, 'publicUrl' | 'justifi'>): RequestHandler {
  const https = isHttps(ctx)

  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'"],
        // Chrome applies it to where a form's answer redirects to as well.
        'form-action': ["'self'", ctx.justifi.pageOrigin],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
        'object-src': ["'none'"],
      },
    },
    // An order's link is its key, so JustiFi's page must not learn it. With `no-referrer` browsers
    // would send `Origin: null` with our own forms.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https && { maxAge: YEAR_SECONDS, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  })
}

/** For what belongs to one person: kept by no cache, and found by no search engine. */
export const noStore: RequestHandler = (_req, res, next) => {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('X-Robots-Tag', 'noindex')
  next()
}
