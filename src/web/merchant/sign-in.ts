import type { Request, RequestHandler, Router } from 'express'
import { timestamp } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import { recordAct } from '../../merchants/audit-log.ts'
import { isPassword } from '../../merchants/passwords.ts'
import type { User } from '../../merchants/user.ts'
import { findUserByEmail } from '../../merchants/user-queries.ts'
import { csrfProtection } from '../csrf.ts'
import { formBody, formFields } from '../form-fields.ts'
import { noStore } from '../headers.ts'
import { render } from '../render.ts'
import { sessions } from '../sessions.ts'
import { DESK_SESSION, type Desk, deskOf, SIGN_IN_PATH } from './desk.ts'
import { clearSignIns, countSignIn } from './sign-in-limit.ts'
import { type SignInTrouble, signInPage } from './sign-in-page.ts'

const HOME_PATH = '/merchant'

/** A path of the desk, on this very site: no `//host`, no `\`, no other scheme. */
const NEXT = /^\/merchant(?:[/?][^\\\s]*)?$/

export function signInRoutes(ctx: AppContext, router: Router, desk: Desk): void {
  const { issue, check } = csrfProtection(ctx)
  const session = sessions(ctx, DESK_SESSION)

  router.get(SIGN_IN_PATH, noStore, issue, showSignIn(ctx))
  router.post(SIGN_IN_PATH, noStore, formBody, check, session, signIn(ctx))
  desk.form('/merchant/sign-out', 'view', signOut(ctx))
}

function showSignIn(ctx: AppContext): RequestHandler {
  return (req, res) => {
    const next = nextOf(req.query.next)
    render(res, 'merchant/sign-in', signInPage({ ctx, email: '', next }))
  }
}

function signIn(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { email = '', password = '', ...fields } = formFields(req)
    const next = nextOf(fields.next)
    const again = (trouble: SignInTrouble, status: number) =>
      render(res, 'merchant/sign-in', signInPage({ ctx, email, next, trouble }), status)

    if (email.trim() === '' || password === '') return again('missing', 422)
    const { tooMany, waitSeconds } = await countSignIn(ctx, req, email)
    if (tooMany) {
      res.setHeader('Retry-After', waitSeconds)
      return again('too_many', 429)
    }

    const user = await findUserByEmail(ctx.db, email)
    const isRight = await isPassword(password, user?.passwordHash ?? null)
    if (!user || !isRight || user.disabledAt !== null) return again('wrong', 401)

    await clearSignIns(ctx, req, email)
    await beginSession(ctx, req, user)
    res.redirect(303, next ?? HOME_PATH)
  }
}

/** Under a new id: one that was known, or planted, before is worth nothing. */
async function beginSession(ctx: AppContext, req: Request, user: User): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate((error?: unknown) => (error ? reject(error) : resolve()))
  })
  const now = ctx.clock.now()
  const { id: userId, sessionsVersion: version, merchantId, email: actor } = user
  req.session.signedIn = { userId, version, at: timestamp(now) }
  await recordAct(ctx.db, { merchantId, actor, kind: 'signed_in', data: {} }, now)
}

function signOut(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { merchantId, email: actor } = deskOf(res).user
    await recordAct(ctx.db, { merchantId, actor, kind: 'signed_out', data: {} }, ctx.clock.now())
    await new Promise<void>((resolve, reject) => {
      req.session.destroy((error?: unknown) => (error ? reject(error) : resolve()))
    })
    res.redirect(303, SIGN_IN_PATH)
  }
}

function nextOf(given: unknown): string | undefined {
  return typeof given === 'string' && NEXT.test(given) ? given : undefined
}
