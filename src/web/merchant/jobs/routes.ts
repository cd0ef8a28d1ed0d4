import type { RequestHandler } from 'express'
import type { AppContext } from '../../../context.ts'
import { BadRequestError, PageNotFoundError } from '../../../errors.ts'
import { newSecret } from '../../../ids.ts'
import { beginCheck, stopJob } from '../../../jobs/begin.ts'
import type { Job } from '../../../jobs/job.ts'
import { findJob, listJobs } from '../../../jobs/queries.ts'
import { orderCriteria, readOrderFilter } from '../../../orders/order-filter.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { type Desk, type DeskVisit, deskOf } from '../desk.ts'
import { findOrders, queryOf } from '../orders/list.ts'
import { checkOrdersPage } from './check-orders-page.ts'
import { jobPage } from './job-page.ts'
import { CHECK_ORDERS_PATH, JOBS_PATH, jobPath } from './paths.ts'

const LONGEST_KEY = 100
const CHECKS_SHOWN = 5

/** Long work: begun, looked at while it goes on, and stopped. */
export function jobRoutes(ctx: AppContext, desk: Desk): void {
  desk.page(CHECK_ORDERS_PATH, 'work', showCheckOrders(ctx))
  desk.form(CHECK_ORDERS_PATH, 'work', checkOrders(ctx))
  desk.page(`${JOBS_PATH}/:id`, 'view', showJob(ctx))
  desk.form(`${JOBS_PATH}/:id/stop`, 'work', stop(ctx))
}

/** GET /merchant/jobs/check-orders, with the filter of a list of orders. */
function showCheckOrders(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { filter } = readOrderFilter(queryOf(req))
    const { merchantId, timeZone } = visit.shop
    const now = ctx.clock.now()
    const [found, jobs] = await Promise.all([
      findOrders(ctx, merchantId, orderCriteria(filter, timeZone, now), null),
      listJobs(ctx.db, merchantId, 'check_orders', CHECKS_SHOWN),
    ])
    const count = found === 'slow' ? 'unknown' : found.count
    const page = checkOrdersPage({ ctx, visit, filter, count, formKey: newSecret(), jobs, now })
    render(res, 'merchant/jobs/check-orders', page)
  }
}

function checkOrders(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { filter: query = '', job_key: given } = formFields(req)
    const { filter, problems } = readOrderFilter(new URLSearchParams(query))
    // A filter that was read in part would check other orders than were shown.
    if (Object.keys(problems).length > 0) throw new BadRequestError('the filter is wrong')
    const id = await beginCheck(ctx, { ...deskOf(res), formKey: formKey(given) }, filter)
    res.redirect(303, jobPath(id))
  }
}

/** Names a form, so that it begins one job however often it is sent. */
export function formKey(given: string | undefined): string {
  return given?.slice(0, LONGEST_KEY) || newSecret()
}

function showJob(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const job = await jobOf(ctx, visit, String(req.params.id))
    render(res, 'merchant/jobs/job', jobPage({ ctx, visit, job, now: ctx.clock.now() }))
  }
}

function stop(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { id } = await jobOf(ctx, visit, String(req.params.id))
    await stopJob(ctx, visit.user, id)
    res.redirect(303, jobPath(id))
  }
}

/** @throws PageNotFoundError also for a job of another merchant */
export async function jobOf(ctx: AppContext, { shop }: DeskVisit, id: string): Promise<Job> {
  const job = await findJob(ctx.db, shop.merchantId, id)
  if (!job) throw new PageNotFoundError('no such job')
  return job
}
