import type { NextFunction, Request, RequestHandler, Response } from 'express'
import session, { type SessionData } from 'express-session'
import type { StoredCart } from '../cart/cart.ts'
import { DAY } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { hostCookie, isHttps } from './https.ts'
import { SessionStore } from './session-store.ts'

declare module 'express-session' {
  interface SessionData {
    /** By the shop's slug. */
    carts?: Record<string, StoredCart>
  }
}

type Context = Pick<AppContext, 'publicUrl' | 'sessionSecrets' | 'db' | 'clock' | 'log'>

/** A session has a cookie of its own, and ends so long after it was last used. */
export type SessionKind = { cookie: string; lifeMs: number }

const VISITOR: SessionKind = { cookie: 'session', lifeMs: 14 * DAY }

/**
 * Loads the visitor's session into `req.session`. Only for routes that need one: a visitor whose
 * session stays empty gets neither cookie nor row. What a handler changed is stored before its
 * answer begins, so the page after a redirect already sees it.
 */
export function sessions(ctx: Context, kind = VISITOR): RequestHandler {
  const https = isHttps(ctx)
  const load = session({
    name: hostCookie(ctx, kind.cookie),
    secret: [...ctx.sessionSecrets],
    store: new SessionStore(ctx, kind.lifeMs),
    cookie: { httpOnly: true, sameSite: 'lax', path: '/', secure: https, maxAge: kind.lifeMs },
    proxy: true,
    rolling: true,
    resave: false,
    saveUninitialized: false,
    unset: 'destroy',
  })

  return (req, res, next) => {
    // A secure cookie is withheld where the request did not come by https. PUBLIC_URL says that
    // customers do; the last proxy before us may speak plain HTTP and say nothing about it.
    if (https) req.headers['x-forwarded-proto'] = 'https'

    load(req, res, (error?: unknown) => {
      if (error) return next(error)
      storeBeforeAnswering(req, res, next)
      next()
    })
  }
}

/**
 * The same where the visitor brought a session; otherwise `req.session` stays undefined. For pages
 * that show what is in the cart and are looked at by many who have none.
 */
export function existingSession(ctx: Context): RequestHandler {
  const load = sessions(ctx)
  const cookie = `${hostCookie(ctx, VISITOR.cookie)}=`

  return (req, res, next) => {
    if (req.headers.cookie?.includes(cookie)) load(req, res, next)
    else next()
  }
}

/**
 * express-session sends the answer but for its last byte and stores then. A browser follows a
 * redirect on the header alone, so it could be back before its cart is stored.
 */
function storeBeforeAnswering(req: Request, res: Response, next: NextFunction): void {
  const before = contentOf(req.session)
  const end = res.end.bind(res) as (...given: unknown[]) => Response

  res.end = ((...given: unknown[]) => {
    res.end = end
    if (res.headersSent || !req.session || contentOf(req.session) === before) return end(...given)
    req.session.save((error?: unknown) => (error ? next(error) : end(...given)))
    return res
  }) as typeof res.end
}

function contentOf({ cookie, ...content }: Partial<SessionData>): string {
  return JSON.stringify(content)
}
