import type { Request, RequestHandler, Response, Router } from 'express'
import { MINUTE, SECOND } from '../../../clock.ts'
import type { AppContext } from '../../../context.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { TooManyRequestsError } from '../../../errors.ts'
import { fingerprint } from '../../../ids.ts'
import { mailPasswordReset } from '../../../mail/user-link.ts'
import { recordAct } from '../../../merchants/audit-log.ts'
import { passwordProblem } from '../../../merchants/password-rules.ts'
import { hashPassword } from '../../../merchants/passwords.ts'
import { withSessionsEnded } from '../../../merchants/user.ts'
import { setPassword } from '../../../merchants/user-changes.ts'
import { findUserLink, useUserLink } from '../../../merchants/user-links.ts'
import { LINK_TOKEN } from '../../../orders/link-token.ts'
import { wordsFor } from '../../../words/words.ts'
import { addressKey } from '../../address-key.ts'
import { csrfProtection } from '../../csrf.ts'
import { formBody, formFields } from '../../form-fields.ts'
import { noStore } from '../../headers.ts'
import { render } from '../../render.ts'
import { countOne } from '../../shared-limit.ts'
import { readContact } from '../../shop/contact-form.ts'
import { rememberDevice } from '../known-device.ts'
import { SIGN_IN_PATH } from '../next-path.ts'
import { forgottenPage } from './forgotten-page.ts'
import { passwordProblemText } from './password-text.ts'
import { FORGOTTEN_PATH, SET_PASSWORD_PATH } from './paths.ts'
import { setPasswordPage } from './set-page.ts'

const MOST_ASKED = 10
const ASKED_WINDOW = 15 * MINUTE

/** How a password is chosen by who cannot sign in: by a link that was mailed to them. */
export function passwordRoutes(ctx: AppContext, router: Router): void {
  const { issue, check } = csrfProtection(ctx)

  router.get(FORGOTTEN_PATH, noStore, issue, showForgotten(ctx))
  router.post(FORGOTTEN_PATH, noStore, formBody, check, askForLink(ctx))
  router.get(SET_PASSWORD_PATH, noStore, noReferrer, issue, showSetPassword(ctx))
  router.post(SET_PASSWORD_PATH, noStore, noReferrer, formBody, check, choosePassword(ctx))
}

/** The address of the page is a key, so it is told to no other page, not even of this site. */
const noReferrer: RequestHandler = (_req, res, next) => {
  res.setHeader('Referrer-Policy', 'no-referrer')
  next()
}

function showForgotten(ctx: AppContext): RequestHandler {
  return (req, res) => {
    render(
      res,
      'merchant/passwords/forgotten',
      forgottenPage({ ctx, sent: req.query.sent === 'yes' }),
    )
  }
}

/** The answer, and what it takes to give it, is the same whether somebody has the address or not. */
function askForLink(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { contact, problems } = readContact(formFields(req))
    const { email } = contact
    if (problems.email) {
      const { noEmail, wrongEmail } = wordsFor('en').deskUsers.form.problems
      const problem = problems.email === 'missing' ? noEmail : wrongEmail
      return render(
        res,
        'merchant/passwords/forgotten',
        forgottenPage({ ctx, email, problem }),
        422,
      )
    }

    // One transaction, so that both cases wait for the disk once.
    const { count, msLeft } = await inTransaction(ctx.db, async (trx) => {
      const key = `forgotten-password:${addressKey(req.ip)}`
      const asked = await countOne({ db: trx, clock: ctx.clock }, key, ASKED_WINDOW)
      if (asked.count <= MOST_ASKED) await mailPasswordReset(ctx, trx, email)
      return asked
    })
    if (count > MOST_ASKED) {
      const seconds = Math.max(1, Math.ceil(msLeft / SECOND))
      throw new TooManyRequestsError('too many links asked for from one address', seconds)
    }
    res.redirect(303, `${FORGOTTEN_PATH}?sent=yes`)
  }
}

function showSetPassword(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const found = await findLink(ctx, req)
    const page = setPasswordPage({ ctx, action: req.path, found })
    render(res, 'merchant/passwords/set', page, found ? 200 : 404)
  }
}

function choosePassword(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const found = await findLink(ctx, req)
    const show = (problem: string | undefined, status: number) =>
      render(
        res,
        'merchant/passwords/set',
        setPasswordPage({ ctx, action: req.path, found, problem }),
        status,
      )
    if (!found) return show(undefined, 404)

    const { user, shop } = found
    const { password = '' } = formFields(req)
    const problem = await passwordProblem(password, [user.name, user.email, shop.name])
    if (problem) return show(passwordProblemText(shop.language, problem), 422)
    if (!(await store(ctx, req, res, found, password))) {
      return render(
        res,
        'merchant/passwords/set',
        setPasswordPage({ ctx, action: req.path, found: undefined }),
        404,
      )
    }
    res.redirect(303, `${SIGN_IN_PATH}?notice=password_set`)
  }
}

type Found = NonNullable<Awaited<ReturnType<typeof findLink>>>

/** @returns false where the link was used at the same moment */
async function store(
  ctx: AppContext,
  req: Request,
  res: Response,
  { user, kind }: Found,
  password: string,
): Promise<boolean> {
  const passwordHash = await hashPassword(password)
  const now = ctx.clock.now()
  const stored = await inTransaction(ctx.db, async (trx) => {
    if (!(await useUserLink(trx, tokenHashOf(req), now))) return false
    await setPassword(trx, user, passwordHash, now)
    const { merchantId, email: actor } = user
    const act = kind === 'invitation' ? 'invitation_accepted' : 'password_reset'
    await recordAct(trx, { merchantId, actor, kind: act, data: {} }, now)
    return true
  })
  // Whoever reads the user's mail is let in, however many strangers try the account.
  if (stored) rememberDevice(ctx, res, withSessionsEnded(user))
  return stored
}

async function findLink(ctx: AppContext, req: Request) {
  const token = String(req.params.token)
  if (!LINK_TOKEN.test(token)) return undefined
  return findUserLink(ctx.db, tokenHashOf(req), ctx.clock.now())
}

function tokenHashOf(req: Request): string {
  return fingerprint(String(req.params.token))
}
