import type { Request, RequestHandler, Response } from 'express'
import type { AppContext } from '../../../context.ts'
import { PageNotFoundError } from '../../../errors.ts'
import { newSecret } from '../../../ids.ts'
import { beginReconciliation } from '../../../jobs/begin.ts'
import type { Job } from '../../../jobs/job.ts'
import { listJobs } from '../../../jobs/queries.ts'
import { accountsOf } from '../../../jobs/reconcile/accounts.ts'
import { listDifferences } from '../../../jobs/reconcile/rows.ts'
import { wordsFor } from '../../../words/words.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { type Desk, deskOf } from '../desk.ts'
import { jobPath } from '../jobs/paths.ts'
import { formKey, jobOf } from '../jobs/routes.ts'
import { type PeriodForm, readPeriod, usualPeriod } from '../period-form.ts'
import { exportDifferences } from './export.ts'
import { RECONCILIATION_PATH } from './paths.ts'
import { type AccountChoice, reconciliationPage } from './reconciliation-page.ts'
import { resultPage } from './result-page.ts'

const COMPARISONS_SHOWN = 10
const DIFFERENCES_SHOWN = 200

/** The shop's books beside JustiFi's, for some days. */
export function reconciliationRoutes(ctx: AppContext, desk: Desk): void {
  desk.page(RECONCILIATION_PATH, 'view', showComparisons(ctx))
  desk.form(RECONCILIATION_PATH, 'work', compare(ctx))
  desk.page(`${RECONCILIATION_PATH}/:id.csv`, 'export', exportDifferences(ctx, reconciliationOf))
  desk.page(`${RECONCILIATION_PATH}/:id`, 'view', showResult(ctx))
}

function showComparisons(ctx: AppContext): RequestHandler {
  return async (_req, res) => {
    const form = usualPeriod(deskOf(res).shop.timeZone, ctx.clock.now())
    const accounts = await accountsToChoose(ctx, res, '')
    await renderComparisons(ctx, res, form, accounts, newSecret())
  }
}

async function renderComparisons(
  ctx: AppContext,
  res: Response,
  form: PeriodForm,
  accounts: AccountChoice,
  key: string,
): Promise<void> {
  const visit = deskOf(res)
  const { merchantId } = visit.shop
  const jobs = await listJobs(ctx.db, merchantId, 'reconcile', COMPARISONS_SHOWN)
  const now = ctx.clock.now()
  const page = reconciliationPage({ ctx, visit, form, accounts, jobs, formKey: key, now })
  render(res, 'merchant/reconciliation/list', page, page.errors ? 422 : 200)
}

/** No choice stands for the shop's own account of now. */
async function accountsToChoose(
  ctx: AppContext,
  res: Response,
  chosen: string,
): Promise<AccountChoice> {
  const { accountId, merchantId } = deskOf(res).shop
  const known = await accountsOf(ctx.db, merchantId)
  const others = known.filter((account) => account !== accountId)
  return { all: [accountId, ...others], chosen: chosen || accountId }
}

function compare(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { shop, user } = deskOf(res)
    const fields = formFields(req)
    const words = wordsFor(shop.language).deskHome.days
    const form = readPeriod(fields, words, shop.timeZone, ctx.clock.now())
    const key = formKey(fields.job_key)
    const accounts = await accountsToChoose(ctx, res, fields.account ?? '')
    const { all, chosen: accountId } = accounts
    if (!form.period || !all.includes(accountId)) {
      return renderComparisons(ctx, res, form, accounts, key)
    }

    const books = { ...form.period, accountId }
    const id = await beginReconciliation(ctx, { user, shop, formKey: key }, books)
    res.redirect(303, jobPath(id))
  }
}

function showResult(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const job = await reconciliationOf(ctx, req, res)
    // Until it has a result there is nothing to show but how far it has come.
    if (job.state !== 'done' || job.result === null) return res.redirect(303, jobPath(job.id))

    const differences = await listDifferences(ctx.db, job, null, DIFFERENCES_SHOWN)
    const page = resultPage({ ctx, visit, job, differences, now: ctx.clock.now() })
    render(res, 'merchant/reconciliation/result', page)
  }
}

/** @throws PageNotFoundError also for a job of another kind, or of another merchant */
async function reconciliationOf(ctx: AppContext, req: Request, res: Response): Promise<Job> {
  const job = await jobOf(ctx, deskOf(res), String(req.params.id))
  if (job.kind !== 'reconcile') throw new PageNotFoundError('no such comparison')
  return job
}
