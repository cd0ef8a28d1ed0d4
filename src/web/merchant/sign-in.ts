import type { Request, RequestHandler, Response, Router } from 'express'
import { SECOND } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import { recordAct } from '../../merchants/audit-log.ts'
import {
  hashPassword,
  isOutdated,
  isPassword,
  TooManySignInsError,
} from '../../merchants/passwords.ts'
import type { User } from '../../merchants/user.ts'
import { replaceHash } from '../../merchants/user-changes.ts'
import { findUserByEmail } from '../../merchants/user-queries.ts'
import { csrfProtection } from '../csrf.ts'
import { formBody, formFields } from '../form-fields.ts'
import { noStore } from '../headers.ts'
import { render } from '../render.ts'
import { sessions } from '../sessions.ts'
import { type Desk, deskOf } from './desk.ts'
import { beginSession, DESK_SESSION, endSession } from './desk-session.ts'
import { isKnownDevice, rememberDevice, wasHereBefore } from './known-device.ts'
import { nextOf, SIGN_IN_PATH } from './next-path.ts'
import { clearSignIns, countSignIn, uncountSignIn } from './sign-in-limit.ts'
import { type SignInNotice, type SignInTrouble, signInPage } from './sign-in-page.ts'

const HOME_PATH = '/merchant'

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
    const notice = noticeOf(req, next)
    render(res, 'merchant/sign-in', signInPage({ ctx, email: '', next, notice }))
  }
}

function noticeOf(req: Request, next: string | undefined): SignInNotice | undefined {
  const { notice } = req.query
  if (notice === 'signed_out' || notice === 'password_set') return notice
  if (next === undefined) return undefined
  return wasHereBefore(req) ? 'go_on_again' : 'go_on'
}

function signIn(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { email = '', password = '', ...fields } = formFields(req)
    const next = nextOf(fields.next)
    const again = (trouble: SignInTrouble, status: number) => {
      ctx.metrics.signIns.inc({ result: trouble.kind })
      render(res, 'merchant/sign-in', signInPage({ ctx, email, next, trouble }), status)
    }
    if (email.trim() === '' || password === '') return again({ kind: 'missing' }, 422)

    const user = await findUserByEmail(ctx.db, email)
    const isKnown = isKnownDevice(ctx, req, user)
    const { waitMs } = await countSignIn(ctx, req, email, isKnown)
    if (waitMs > 0) {
      res.setHeader('Retry-After', Math.ceil(waitMs / SECOND))
      return again({ kind: 'too_many', waitMs }, 429)
    }
    const isRight = await isPassword(password, user?.passwordHash ?? null).catch(async (error) => {
      if (error instanceof TooManySignInsError) await uncountSignIn(ctx, req, email, isKnown)
      throw error
    })
    if (!user || !isRight || user.disabledAt !== null) return again({ kind: 'wrong' }, 401)

    await clearSignIns(ctx, req, email, isKnown)
    await rehash(ctx, user, password)
    await letIn(ctx, req, res, user)
    res.redirect(303, next ?? HOME_PATH)
  }
}

/** Only now is the password there to be hashed at today's cost. */
async function rehash(ctx: AppContext, user: User, password: string): Promise<void> {
  if (user.passwordHash === null || !isOutdated(user.passwordHash)) return
  await replaceHash(ctx.db, user, await hashPassword(password))
}

async function letIn(ctx: AppContext, req: Request, res: Response, user: User): Promise<void> {
  const { merchantId, email: actor } = user
  await beginSession(ctx, req, user)
  rememberDevice(ctx, res, user)
  await recordAct(ctx.db, { merchantId, actor, kind: 'signed_in', data: {} }, ctx.clock.now())
  ctx.metrics.signIns.inc({ result: 'ok' })
}

function signOut(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { merchantId, email: actor } = deskOf(res).user
    await recordAct(ctx.db, { merchantId, actor, kind: 'signed_out', data: {} }, ctx.clock.now())
    await endSession(req)
    res.redirect(303, `${SIGN_IN_PATH}?notice=signed_out`)
  }
}
