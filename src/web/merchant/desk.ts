import type { RequestHandler, Response, Router } from 'express'
import type { AppContext } from '../../context.ts'
import { NotAllowedError } from '../../errors.ts'
import { recordAct } from '../../merchants/audit-log.ts'
import type { Shop } from '../../merchants/shop.ts'
import { hasRight, type Right, type User } from '../../merchants/user.ts'
import { findUserAndShop } from '../../merchants/user-queries.ts'
import { csrfProtection } from '../csrf.ts'
import { formBody } from '../form-fields.ts'
import { noStore } from '../headers.ts'
import { sessions } from '../sessions.ts'
import { DESK_SESSION, holds } from './desk-session.ts'
import { signInPath } from './next-path.ts'

/** Who works at the desk, and for which shop. */
export type DeskVisit = { user: User; shop: Shop }

declare global {
  namespace Express {
    interface Locals {
      desk?: DeskVisit
    }
  }
}

/**
 * Adds pages and forms to the desk. Each names the right that it needs, so none can be forgotten:
 * whoever is not signed in is sent to sign in, and whoever lacks the right gets a 403.
 */
export type Desk = {
  page(path: string, right: Right, handler: RequestHandler): void
  /** A form whose body is small and URL-encoded; `formFields` reads it. */
  form(path: string, right: Right, handler: RequestHandler): void
  /** A form with files. `read` reads its body, so that `_csrf` is in `req.body`. */
  upload(path: string, right: Right, read: RequestHandler, handler: RequestHandler): void
}

export function createDesk(ctx: AppContext, router: Router): Desk {
  const { issue, check } = csrfProtection(ctx)
  const session = sessions(ctx, DESK_SESSION)
  const entry = (right: Right) => [noStore, session, signedInOnly(ctx), withRight(ctx, right)]

  return {
    page(path, right, handler) {
      router.get(path, entry(right), issue, handler)
    },
    form(path, right, handler) {
      router.post(path, entry(right), formBody, check, handler)
    },
    upload(path, right, read, handler) {
      router.post(path, entry(right), read, check, handler)
    },
  }
}

/** Whose desk a request came to. Every query of it takes this shop's `merchantId`. */
export function deskOf(res: Response): DeskVisit {
  const { desk } = res.locals
  if (!desk) throw new Error('this route is not of the desk')
  return desk
}

function signedInOnly(ctx: AppContext): RequestHandler {
  return async (req, res, next) => {
    const { signedIn } = req.session
    const found = signedIn && (await findUserAndShop(ctx.db, signedIn.userId))
    if (!found || !holds(signedIn, found.user, ctx.clock.now())) {
      return res.redirect(303, signInPath(req, ctx.publicUrl))
    }
    res.locals.desk = found
    next()
  }
}

function withRight(ctx: AppContext, right: Right): RequestHandler {
  return async (req, res, next) => {
    const { user } = deskOf(res)
    if (hasRight(user, right)) return next()

    const data = { right, method: req.method, path: req.path }
    const act = { merchantId: user.merchantId, actor: user.email, kind: 'refused', data } as const
    await recordAct(ctx.db, act, ctx.clock.now())
    throw new NotAllowedError(`a ${user.role} has no right to ${right}`)
  }
}
