import type { Request, RequestHandler, Response } from 'express'
import { HOUR, SECOND } from '../../../clock.ts'
import type { AppContext } from '../../../context.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { PageNotFoundError, TooManyRequestsError } from '../../../errors.ts'
import { mailInvitation } from '../../../mail/user-link.ts'
import { type ActKind, recordAct } from '../../../merchants/audit-log.ts'
import { type User, type UserRights, withSessionsEnded } from '../../../merchants/user.ts'
import { changeRights, disableUser, enableUser } from '../../../merchants/user-changes.ts'
import { findUser, insertUser, listUsers } from '../../../merchants/user-queries.ts'
import { wordsFor } from '../../../words/words.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { countOne } from '../../shared-limit.ts'
import { type Desk, deskOf } from '../desk.ts'
import { renewSession } from '../desk-session.ts'
import { rememberDevice } from '../known-device.ts'
import { NEW_USER_PATH, USERS_PATH, userPath } from './paths.ts'
import { NOBODY_YET, readInvite, readRights, rightsSeen } from './user-form.ts'
import { invitePage, userPage } from './user-page.ts'
import { stateOf, usersPage } from './users-page.ts'

/** Invitations of a merchant in an hour: the shop is not to be used to mail strangers. */
const MOST_INVITATIONS = 30

/** The people of a shop: owners invite them, say what they may do, and keep them out again. */
export function userRoutes(ctx: AppContext, desk: Desk): void {
  const one = `${USERS_PATH}/:user`

  desk.page(USERS_PATH, 'manage', showUsers(ctx))
  desk.form(USERS_PATH, 'manage', invite(ctx))
  desk.page(NEW_USER_PATH, 'manage', showInvite(ctx))
  desk.page(one, 'manage', showUser(ctx))
  desk.form(one, 'manage', change(ctx))
  desk.form(`${one}/disable`, 'manage', disable(ctx))
  desk.form(`${one}/enable`, 'manage', enable(ctx))
  desk.form(`${one}/invite`, 'manage', inviteAgain(ctx))
}

function showUsers(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const users = await listUsers(ctx.db, visit.shop.merchantId)
    render(res, 'merchant/users/list', usersPage({ ctx, visit, users, notice: noticeOf(req, res) }))
  }
}

function showInvite(ctx: AppContext): RequestHandler {
  return (_req, res) => {
    const visit = deskOf(res)
    render(res, 'merchant/users/user', invitePage({ ctx, visit, form: NOBODY_YET }))
  }
}

function invite(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const form = readInvite(formFields(req))
    const again = (problems: typeof form.problems) =>
      render(
        res,
        'merchant/users/user',
        invitePage({ ctx, visit, form: { ...form, problems } }),
        422,
      )
    const { role, mayRefund, mayExport, contact } = form
    if (role === undefined || Object.keys(form.problems).length > 0) return again(form.problems)

    await countInvitation(ctx, visit.shop.merchantId)
    const rights = { role, mayRefund, mayExport }
    const invited = await insertInvited(ctx, res, { ...contact, ...rights })
    if (!invited) return again({ email: 'taken' })
    res.redirect(303, `${USERS_PATH}?notice=invited`)
  }
}

/** @returns false where somebody, of whichever shop, has the address already */
function insertInvited(
  ctx: AppContext,
  res: Response,
  invited: UserRights & { name: string; email: string },
): Promise<boolean> {
  const { user: actor, shop } = deskOf(res)
  const { merchantId } = shop

  return inTransaction(ctx.db, async (trx) => {
    const now = ctx.clock.now()
    const id = await insertUser(trx, { ...invited, merchantId, passwordHash: null }, now)
    const user = id && (await findUser(trx, merchantId, id))
    if (!user) return false
    await mailInvitation(ctx, trx, user, actor.name)
    const { email, role } = user
    await recordAct(
      trx,
      { merchantId, actor: actor.email, kind: 'user_invited', data: { email, role } },
      now,
    )
    return true
  })
}

function showUser(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const user = await userOf(ctx, req, res)
    const page = userPage({ ctx, visit: deskOf(res), user, notice: noticeOf(req, res) })
    render(res, 'merchant/users/user', page)
  }
}

function change(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const fields = formFields(req)
    const form = readRights(fields)
    const seen = rightsSeen(fields)
    const user = await userOf(ctx, req, res)
    const again = (trouble: 'noRole' | 'lastOwner') =>
      render(res, 'merchant/users/user', userPage({ ctx, visit, user, form, seen, trouble }), 422)
    const { role, mayRefund, mayExport } = form
    if (role === undefined) return again('noRole')

    const rights = { role, mayRefund, mayExport }
    const now = ctx.clock.now()
    const outcome = await inTransaction(ctx.db, async (trx) => {
      const done = seen ? await changeRights(trx, { ...user, ...seen }, rights, now) : 'clash'
      if (done === 'changed') {
        await recordAct(trx, actOn(res, 'user_changed', { email: user.email, ...rights }), now)
      }
      return done
    })
    if (outcome === 'last_owner') return again('lastOwner')
    if (outcome === 'clash') {
      const current = await userOf(ctx, req, res)
      const page = userPage({ ctx, visit, user: current, form, isClash: true })
      return render(res, 'merchant/users/user', page, 422)
    }

    const isSelf = user.id === visit.user.id
    if (isSelf && role !== user.role) {
      await renewSession(ctx, req, withSessionsEnded(user))
      rememberDevice(ctx, res, withSessionsEnded(user))
    }
    // Who gives up the right to manage people cannot come back to this page.
    res.redirect(303, isSelf && role !== 'owner' ? '/merchant' : noticed(user, 'changed'))
  }
}

function disable(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const user = await userOf(ctx, req, res)
    const again = (trouble: 'lastOwner' | 'yourself') =>
      render(res, 'merchant/users/user', userPage({ ctx, visit, user, trouble }), 422)
    if (user.id === visit.user.id) return again('yourself')

    const now = ctx.clock.now()
    const outcome = await inTransaction(ctx.db, async (trx) => {
      const done = await disableUser(trx, user, now)
      if (done === 'changed') {
        await recordAct(trx, actOn(res, 'user_disabled', { email: user.email }), now)
      }
      return done
    })
    if (outcome === 'last_owner') return again('lastOwner')
    res.redirect(303, noticed(user, 'disabled'))
  }
}

function enable(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const user = await userOf(ctx, req, res)
    const now = ctx.clock.now()
    await inTransaction(ctx.db, async (trx) => {
      await enableUser(trx, user, now)
      await recordAct(trx, actOn(res, 'user_enabled', { email: user.email }), now)
    })
    res.redirect(303, noticed(user, 'enabled'))
  }
}

function inviteAgain(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const user = await userOf(ctx, req, res)
    // Accepted meanwhile, or disabled: the page says so.
    if (stateOf(user) !== 'invited') return res.redirect(303, userPath(user.id))

    await countInvitation(ctx, visit.shop.merchantId)
    await inTransaction(ctx.db, async (trx) => {
      await mailInvitation(ctx, trx, user, visit.user.name)
      const { email, role } = user
      await recordAct(trx, actOn(res, 'user_invited', { email, role }), ctx.clock.now())
    })
    res.redirect(303, noticed(user, 'invited'))
  }
}

async function userOf(ctx: AppContext, req: Request, res: Response): Promise<User> {
  const user = await findUser(ctx.db, deskOf(res).shop.merchantId, String(req.params.user))
  if (!user) throw new PageNotFoundError('no such user')
  return user
}

async function countInvitation(ctx: AppContext, merchantId: string): Promise<void> {
  const { count, msLeft } = await countOne(ctx, `invite:${merchantId}`, HOUR)
  if (count <= MOST_INVITATIONS) return
  throw new TooManyRequestsError('too many invitations of a merchant', Math.ceil(msLeft / SECOND))
}

function actOn(res: Response, kind: ActKind, data: Record<string, string | boolean>) {
  const { user, shop } = deskOf(res)
  return { merchantId: shop.merchantId, actor: user.email, kind, data }
}

function noticed(user: User, notice: string): string {
  return `${userPath(user.id)}?notice=${notice}`
}

function noticeOf(req: Request, res: Response): string | undefined {
  const { notices } = wordsFor(deskOf(res).shop.language).deskUsers
  const name = String(req.query.notice)
  return Object.hasOwn(notices, name) ? notices[name as keyof typeof notices] : undefined
}
