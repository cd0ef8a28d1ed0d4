import { timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { addDays, startOfDay } from '../local-time.ts'
import { recordAct } from '../merchants/audit-log.ts'
import type { Shop } from '../merchants/shop.ts'
import type { User } from '../merchants/user.ts'
import { filterParams, type OrderFilter } from '../orders/order-filter.ts'
import type { CheckOrdersParams } from './check-orders.ts'
import type { NewJob } from './queries.ts'
import { beginJob, cancelJob } from './queries.ts'
import type { ReconcileParams } from './reconcile/books.ts'

/** Who begins a job, for which shop, and the key of the form they sent. */
export type Beginner = { user: User; shop: Shop; formKey: string }

type Context = Pick<AppContext, 'db' | 'clock'>

/** Has every order of a filter checked with JustiFi. @returns the job's id */
export function beginCheck(ctx: Context, beginner: Beginner, filter: OrderFilter): Promise<string> {
  const params: CheckOrdersParams = {
    filter: filterParams(filter).toString(),
    timeZone: beginner.shop.timeZone,
  }
  return begin(ctx, beginner, 'check_orders', params, params.filter)
}

/**
 * Compares the shop's books with JustiFi's, of the days from one to another in its time zone, as
 * far as they have passed. A shop that has changed its sub account has books with each.
 *
 * @returns the job's id
 */
export function beginReconciliation(
  ctx: Context,
  beginner: Beginner,
  { from, to, accountId }: { from: string; to: string; accountId: string },
): Promise<string> {
  const { shop } = beginner
  const { timeZone } = shop
  const end = timestamp(startOfDay(addDays(to, 1), timeZone))
  const now = timestamp(ctx.clock.now())
  const params: ReconcileParams = {
    ...{ from, to, timeZone, accountId },
    since: timestamp(startOfDay(from, timeZone)),
    until: end < now ? end : now,
  }
  const days = from === to ? from : `${from} to ${to}`
  const about = accountId === shop.accountId ? days : `${days}, ${accountId}`
  return begin(ctx, beginner, 'reconcile', params, about)
}

/** @returns whether it was open until now */
export async function stopJob(ctx: Context, user: User, id: string): Promise<boolean> {
  const { merchantId, email: actor } = user
  const now = ctx.clock.now()
  const isStopped = await cancelJob(ctx.db, merchantId, id, now)
  if (isStopped) {
    await recordAct(ctx.db, { merchantId, actor, kind: 'job_cancelled', data: { job: id } }, now)
  }
  return isStopped
}

async function begin(
  ctx: Context,
  { user, formKey }: Beginner,
  kind: NewJob['kind'],
  params: object,
  about: string,
): Promise<string> {
  const { merchantId, email: actor } = user
  const now = ctx.clock.now()
  const job = { merchantId, kind, formKey, params, begunBy: actor }
  const { id, isNew } = await beginJob(ctx.db, job, now)
  if (isNew) {
    await recordAct(ctx.db, { merchantId, actor, kind: 'job_begun', data: { kind, about } }, now)
  }
  return id
}
