import { hkdfSync } from 'node:crypto'
import cookieParser from 'cookie-parser'
import { doubleCsrf } from 'csrf-csrf'
import type { Request, RequestHandler } from 'express'
import type { AppContext } from '../context.ts'
import { ForbiddenError } from '../errors.ts'
import { hostCookie, isHttps } from './https.ts'

declare global {
  namespace Express {
    interface Locals {
      /** The token that a page's forms carry in their field `_csrf`. */
      csrf?: string
    }
  }
}

type Context = Pick<AppContext, 'publicUrl' | 'sessionSecrets'>

/**
 * Guards the forms that change a session. `issue` goes before pages with such a form, `check`
 * after the form's body was read; where `check` lets a form pass, the page that is shown again has
 * its token.
 *
 * A token counts with the cookie that was set beside it (signed double submit), so nothing is
 * stored for a visitor. It is not bound to the session: a form that was open before something was
 * put into the cart in another tab must still work. A cookie that a sister site could plant in its
 * place is what the `__Host-` prefix rules out.
 */
export function csrfProtection(ctx: Context): { issue: RequestHandler; check: RequestHandler } {
  const cookieName = hostCookie(ctx, 'csrf')
  const keys = ctx.sessionSecrets.map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', 'csrf', 32)).toString('hex'),
  )
  const parseCookies = cookieParser()
  const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
    getSecret: () => keys,
    getSessionIdentifier: () => '',
    getCsrfTokenFromRequest: (req) => req.body?._csrf,
    cookieName,
    cookieOptions: { sameSite: 'lax', secure: isHttps(ctx), path: '/', httpOnly: true },
  })

  const withCookies =
    (handler: RequestHandler): RequestHandler =>
    (req, res, next) =>
      parseCookies(req, res, () => {
        // cookie-parser makes an object of a value that begins with `j:`; ours never does.
        if (typeof req.cookies[cookieName] !== 'string') delete req.cookies[cookieName]
        handler(req, res, next)
      })

  return {
    issue: withCookies((req, res, next) => {
      res.locals.csrf = generateCsrfToken(req, res)
      next()
    }),
    check: withCookies((req, res, next) => {
      if (req.headers['sec-fetch-site'] === 'cross-site') throw crossSite(req)
      doubleCsrfProtection(req, res, (error) => {
        if (error) return next(new ForbiddenError('the form has no valid token'))
        res.locals.csrf = req.body?._csrf
        next()
      })
    }),
  }
}

/**
 * Guards the forms under an order's link, which work without a cookie: the link's token is the key,
 * and a browser must not be made to use it by another site's page. Browsers tell with
 * Sec-Fetch-Site, older ones with Origin; who sends neither is no browser.
 */
export function sameOriginOnly(ctx: Pick<AppContext, 'publicUrl'>): RequestHandler {
  return (req, _res, next) => {
    const site = req.headers['sec-fetch-site']
    const { origin } = req.headers

    const fromHere =
      site === undefined
        ? origin === undefined || origin === ctx.publicUrl || hostOf(origin) === req.headers.host
        : site === 'same-origin' || site === 'none'
    if (!fromHere) throw crossSite(req)
    next()
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function crossSite(req: Request): ForbiddenError {
  return new ForbiddenError(
    `sent by another site's page (${req.headers['sec-fetch-site'] ?? 'Origin'})`,
  )
}
