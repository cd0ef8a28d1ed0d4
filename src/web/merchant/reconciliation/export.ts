import type { Request, RequestHandler, Response } from 'express'
import type { AppContext } from '../../../context.ts'
import { PageNotFoundError } from '../../../errors.ts'
import type { Job } from '../../../jobs/job.ts'
import type { Entry, ReconcileParams } from '../../../jobs/reconcile/books.ts'
import { type ListedDifference, listDifferences } from '../../../jobs/reconcile/rows.ts'
import { localMoment } from '../../../local-time.ts'
import { recordAct } from '../../../merchants/audit-log.ts'
import type { Shop } from '../../../merchants/shop.ts'
import { plainMoney } from '../../../money.ts'
import { csvLine, isHeadersOnly, sendCsv } from '../csv.ts'
import { deskOf } from '../desk.ts'

const COLUMNS = [
  ...['kind', 'id', 'payment_id', 'order', 'difference', 'made_local', 'made_utc', 'currency'],
  ...['justifi_status', 'justifi_amount', 'justifi_fee', 'justifi_refunded'],
  ...['shop_status', 'shop_amount', 'shop_fee', 'shop_refunded'],
]
const BATCH = 250

type FindJob = (ctx: AppContext, req: Request, res: Response) => Promise<Job>

/** GET /merchant/reconciliation/ID.csv: every difference that a comparison found. */
export function exportDifferences(ctx: AppContext, find: FindJob): RequestHandler {
  return async (req, res) => {
    const { user, shop } = deskOf(res)
    const job = await find(ctx, req, res)
    if (job.state !== 'done') throw new PageNotFoundError('the comparison is not done')

    const { from, to } = JSON.parse(job.params) as ReconcileParams
    const act = {
      merchantId: shop.merchantId,
      actor: user.email,
      kind: 'differences_exported',
      data: { about: from === to ? from : `${from} to ${to}` },
    } as const
    if (!isHeadersOnly(req)) await recordAct(ctx.db, act, ctx.clock.now())
    const name = `differences-${shop.slug}-${from}-${to}`
    await sendCsv(res, { name, header: COLUMNS }, lines(ctx, shop, job))
  }
}

async function* lines(ctx: AppContext, shop: Shop, job: Job): AsyncGenerator<string> {
  let last: ListedDifference | undefined
  do {
    const batch = await listDifferences(ctx.db, job, last ?? null, BATCH)
    yield batch.map((difference) => csvLine(cells(difference, shop))).join('')
    last = batch.length < BATCH ? undefined : batch.at(-1)
  } while (last)
}

function cells(row: ListedDifference, shop: Shop): (string | null)[] {
  return [
    row.list.slice(0, -1),
    row.subjectId,
    row.paymentId,
    row.orderNumber,
    row.difference,
    localMoment(new Date(row.at), shop.timeZone),
    `${row.at.slice(0, 19)}Z`,
    row.there?.currency ?? row.here?.currency ?? shop.currency,
    ...entryCells(row.there),
    ...entryCells(row.here),
  ]
}

function entryCells(entry: Entry | null): (string | null)[] {
  if (!entry) return [null, null, null, null]
  const amount = (cents: number | null) => (cents === null ? null : plainMoney(cents))
  return [entry.status, amount(entry.cents), amount(entry.feeCents), amount(entry.refundedCents)]
}
