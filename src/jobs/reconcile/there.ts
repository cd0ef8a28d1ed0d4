import { HOUR, later } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import type { Job } from '../job.ts'
import type { Entry, ListName, ReconcileParams } from './books.ts'
import { disputeEntry, madeAt, paymentEntry, refundEntry } from './entries.ts'
import { type OrderName, ordersOfIntents, ordersOfPayments } from './here.ts'
import { writeSide } from './rows.ts'

const PAGE = 100
/**
 * So far beyond the period is read too: what JustiFi made just outside it by its clock may be inside
 * by the shop's, and is then no difference.
 */
const MARGIN = HOUR

type Listed = {
  subjectId: string
  paymentId: string | null
  intentId: string | null
  createdAt: Date
  entry: Entry
}

/**
 * Reads one page of a list of JustiFi's, newest first, and keeps what is of the period.
 *
 * @returns how many of its records were, and the next page; null when the period has been read
 * @throws JustifiError
 */
export async function readThere(
  ctx: AppContext,
  job: Job,
  params: ReconcileParams,
  list: ListName,
  cursor: string | null,
): Promise<{ read: number; nextCursor: string | null }> {
  const since = later(new Date(params.since), -MARGIN)
  const until = later(new Date(params.until), MARGIN)
  const page = await pageOf(ctx, params.accountId, list, { since, until, cursor })

  const records = page.records.filter(({ createdAt }) => createdAt >= since && createdAt < until)
  const owners = await ownersOf(ctx, records)
  const ours = records.filter((_, index) => isOurs(owners[index], job))
  await writeSide(
    ctx.db,
    job,
    'there',
    ours.map((record) => ({
      list,
      subjectId: record.subjectId,
      paymentId: record.paymentId,
      orderId: owners[records.indexOf(record)]?.id ?? null,
      at: madeAt(record),
      entry: record.entry,
    })),
  )

  const isPast = page.records.some(({ createdAt }) => createdAt < since)
  return { read: ours.length, nextCursor: isPast ? null : page.nextCursor }
}

/** Several shops of an installation may share an account: another's money is not this one's. */
function isOurs(owner: OrderName | undefined, job: Job): boolean {
  return owner === undefined || owner.merchantId === job.merchantId
}

async function ownersOf(
  ctx: AppContext,
  records: readonly Listed[],
): Promise<(OrderName | undefined)[]> {
  const byIntent = await ordersOfIntents(ctx.db, present(records.map(({ intentId }) => intentId)))
  const byPayment = await ordersOfPayments(
    ctx.db,
    present(records.map(({ paymentId }) => paymentId)),
  )
  return records.map(
    ({ intentId, paymentId }) => byIntent.get(intentId ?? '') ?? byPayment.get(paymentId ?? ''),
  )
}

function present(ids: (string | null)[]): string[] {
  return [...new Set(ids.filter((id) => id !== null))]
}

async function pageOf(
  ctx: AppContext,
  accountId: string,
  list: ListName,
  { since, until, cursor }: { since: Date; until: Date; cursor: string | null },
): Promise<{ records: Listed[]; nextCursor: string | null }> {
  const query = { accountId, limit: PAGE, ...(cursor !== null && { afterCursor: cursor }) }

  switch (list) {
    case 'payments': {
      const { payments, nextCursor } = await ctx.justifi.listPayments({
        ...query,
        createdAfter: since,
        createdBefore: until,
      })
      const records = payments.map((payment) => ({
        subjectId: payment.id,
        paymentId: null,
        intentId: payment.reference,
        createdAt: payment.createdAt,
        entry: paymentEntry(payment),
      }))
      return { records, nextCursor }
    }
    case 'refunds': {
      const { refunds, nextCursor } = await ctx.justifi.listRefunds(query)
      return { records: refunds.map((one) => givenBack(one, refundEntry(one))), nextCursor }
    }
    case 'disputes': {
      const { disputes, nextCursor } = await ctx.justifi.listDisputes(query)
      return { records: disputes.map((one) => givenBack(one, disputeEntry(one))), nextCursor }
    }
  }
}

function givenBack(
  { id, paymentId, createdAt }: { id: string; paymentId: string; createdAt: Date },
  entry: Entry,
): Listed {
  return { subjectId: id, paymentId, intentId: null, createdAt, entry }
}
