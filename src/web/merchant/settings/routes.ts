import type { RequestHandler } from 'express'
import type { AppContext } from '../../../context.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { formatMoment } from '../../../local-time.ts'
import { mailOtherOwners } from '../../../mail/mail-owners.ts'
import { listActs } from '../../../merchants/audit-log.ts'
import { changeSettings, settingsChangedAt, settingsVersion } from '../../../merchants/settings.ts'
import { wordsFor } from '../../../words/words.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { type Desk, deskOf } from '../desk.ts'
import { ACTS_ON_A_PAGE, logPage } from './log-page.ts'
import { LOG_PATH, SETTINGS_PATH } from './paths.ts'
import { readSettings, type SettingsForm } from './settings-form.ts'
import { settingsPage } from './settings-page.ts'

/** A row's id, as the log's cursor holds it. */
const ID = /^[0-9a-f-]{36}$/

/** How the shop presents itself, and what was done at its desk. */
export function settingsRoutes(ctx: AppContext, desk: Desk): void {
  desk.page(SETTINGS_PATH, 'view', showSettings(ctx))
  desk.form(SETTINGS_PATH, 'manage', saveSettings(ctx))
  desk.page(LOG_PATH, 'manage', showLog(ctx))
}

function showSettings(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const version = await settingsVersion(ctx.db, visit.shop.merchantId)
    const { saved } = wordsFor(visit.shop.language).deskSettings
    const notice = req.query.notice === 'saved' ? saved : undefined
    render(res, 'merchant/settings/settings', settingsPage({ ctx, visit, version, notice }))
  }
}

function saveSettings(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { shop, user } = visit
    const form = readSettings(formFields(req), shop)
    const { settings, version } = form
    const again = (form: SettingsForm) =>
      render(res, 'merchant/settings/settings', settingsPage({ ctx, visit, version, form }), 422)
    if (Object.keys(form.problems).length > 0) return again(form)

    const { merchantId } = shop
    const change = { merchantId, actor: user.email, settings, version }
    const now = ctx.clock.now()
    const account = { from: shop.accountId, to: settings.accountId }
    const outcome = await inTransaction(ctx.db, async (trx) => {
      const done = await changeSettings(trx, change, now)
      const isElsewhere = done === 'changed' && account.from !== account.to
      if (isElsewhere) await mailOtherOwners(trx, user, account, now)
      return done
    })
    if (outcome === 'changed') return res.redirect(303, `${SETTINGS_PATH}?notice=saved`)
    if (outcome === 'account_taken') {
      const { takenAccount } = wordsFor(shop.language).deskSettings.problems
      return again({ ...form, problems: { accountId: takenAccount } })
    }

    const at = (await settingsChangedAt(ctx.db, merchantId)) ?? now
    const page = settingsPage({
      ctx,
      visit,
      // Who saves again has seen that somebody else was there.
      version: await settingsVersion(ctx.db, merchantId),
      form,
      clashAt: formatMoment(at, shop.timeZone, now),
    })
    render(res, 'merchant/settings/settings', page, 422)
  }
}

function showLog(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { merchantId } = visit.shop
    const { after } = req.query
    const cursor = typeof after === 'string' && ID.test(after) ? after : undefined
    // One more than are shown says whether there are more.
    const acts = await listActs(ctx.db, merchantId, ACTS_ON_A_PAGE + 1, cursor)
    const page = logPage({ ctx, visit, acts, isFirst: cursor === undefined, now: ctx.clock.now() })
    render(res, 'merchant/settings/log', page)
  }
}
