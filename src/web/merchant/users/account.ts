import type { RequestHandler, Response } from 'express'
import { MINUTE, SECOND } from '../../../clock.ts'
import type { AppContext } from '../../../context.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { TooManyRequestsError } from '../../../errors.ts'
import { enqueueUserMail } from '../../../mail/user-outbox.ts'
import { recordAct } from '../../../merchants/audit-log.ts'
import { passwordProblem } from '../../../merchants/password-rules.ts'
import { hashPassword, isPassword, TooManySignInsError } from '../../../merchants/passwords.ts'
import { withSessionsEnded } from '../../../merchants/user.ts'
import { renameUser, setPassword } from '../../../merchants/user-changes.ts'
import { wordsFor } from '../../../words/words.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { countOne, forgetCount, uncountOne } from '../../shared-limit.ts'
import { MAX_NAME_LENGTH, readContact } from '../../shop/contact-form.ts'
import { type Desk, type DeskVisit, deskOf } from '../desk.ts'
import { renewSession } from '../desk-session.ts'
import { rememberDevice } from '../known-device.ts'
import { passwordProblemText } from '../passwords/password-text.ts'
import { type AccountProblems, accountPage } from './account-page.ts'
import { ACCOUNT_PATH } from './paths.ts'

/** Wrong ones: a session that somebody left open is not to be used to guess. */
const MOST_TRIES = 10
const TRIES_WINDOW = 15 * MINUTE

/** What everybody can change about themselves. */
export function accountRoutes(ctx: AppContext, desk: Desk): void {
  desk.page(ACCOUNT_PATH, 'view', showAccount(ctx))
  desk.form(ACCOUNT_PATH, 'view', changeName(ctx))
  desk.form(`${ACCOUNT_PATH}/password`, 'view', changePassword(ctx))
}

function showAccount(ctx: AppContext): RequestHandler {
  return (req, res) => {
    const visit = deskOf(res)
    const { notices } = wordsFor(visit.shop.language).deskUsers.account
    const name = String(req.query.notice)
    const notice = name === 'name' || name === 'password' ? notices[name] : undefined
    render(res, 'merchant/users/account', accountPage({ ctx, visit, notice }))
  }
}

function changeName(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { user, shop } = visit
    const { contact, problems } = readContact(formFields(req))
    const { name } = contact
    if (problems.name) {
      const said = wordsFor(shop.language).deskUsers.form.problems
      const texts = {
        missing: said.noName,
        too_long: said.longName(MAX_NAME_LENGTH),
        wrong: said.wrongName,
      }
      return showAgain(ctx, res, visit, { name: texts[problems.name] }, name)
    }
    const now = ctx.clock.now()
    const { merchantId, email: actor } = user
    await inTransaction(ctx.db, async (trx) => {
      await renameUser(trx, { ...user, name }, now)
      await recordAct(trx, { merchantId, actor, kind: 'user_renamed', data: { name } }, now)
    })
    res.redirect(303, `${ACCOUNT_PATH}?notice=name`)
  }
}

/** Ends the user's sessions everywhere else; this one goes on under another id. */
function changePassword(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { user } = visit
    const fields = formFields(req)
    const problems = await passwordProblems(ctx, visit, fields)
    if (problems) return showAgain(ctx, res, visit, problems)

    const passwordHash = await hashPassword(fields.new_password ?? '')
    const now = ctx.clock.now()
    const { id: userId, merchantId, email: actor } = user
    await inTransaction(ctx.db, async (trx) => {
      await setPassword(trx, user, passwordHash, now)
      await recordAct(trx, { merchantId, actor, kind: 'password_changed', data: {} }, now)
      const key = `password_changed:${userId}:${user.sessionsVersion}`
      const mail = { kind: 'user_password_changed', key, userId, merchantId, data: {} } as const
      await enqueueUserMail(trx, mail, now)
    })
    const renewed = withSessionsEnded(user)
    await renewSession(ctx, req, renewed)
    rememberDevice(ctx, res, renewed)
    res.redirect(303, `${ACCOUNT_PATH}?notice=password`)
  }
}

async function passwordProblems(
  ctx: AppContext,
  { user, shop }: DeskVisit,
  { current_password: current = '', new_password: next = '' }: Record<string, string>,
): Promise<AccountProblems | undefined> {
  const words = wordsFor(shop.language).deskUsers.account
  const problem = await passwordProblem(next, [user.name, user.email, shop.name])
  const text = problem && passwordProblemText(shop.language, problem)
  const ofNew = text ? { new_password: text } : {}
  if (current === '') return { current_password: words.noCurrent, ...ofNew }
  if (text) return ofNew

  const key = `password:${user.id}`
  const { count, msLeft } = await countOne(ctx, key, TRIES_WINDOW)
  if (count > MOST_TRIES) {
    throw new TooManyRequestsError('too many wrong passwords', Math.ceil(msLeft / SECOND))
  }
  const isRight = await isPassword(current, user.passwordHash).catch(async (error) => {
    if (error instanceof TooManySignInsError) await uncountOne(ctx, key)
    throw error
  })
  if (!isRight) {
    return { current_password: words.wrongCurrent }
  }
  await forgetCount(ctx, key)
  return undefined
}

function showAgain(
  ctx: AppContext,
  res: Response,
  visit: DeskVisit,
  problems: AccountProblems,
  name?: string,
): void {
  const page = accountPage({ ctx, visit, problems, ...(name !== undefined && { name }) })
  render(res, 'merchant/users/account', page, 422)
}
