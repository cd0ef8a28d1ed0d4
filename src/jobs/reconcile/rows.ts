import type { Db } from '../../db/database.ts'
import type { Row } from '../../db/schema.ts'
import type { Job } from '../job.ts'
import type { Compared, Difference, Entry, ListName } from './books.ts'

type Facts = Omit<Compared, 'there' | 'here'>
export type JobName = Pick<Job, 'id' | 'merchantId'>
export type Side = 'there' | 'here'

/** Small enough for the parameters that a statement of SQLite's may have. */
const INSERTED_AT_ONCE = 100

/**
 * Writes one side of what is compared; the other side stays as it is. A record that is met again
 * is written again. When and whose it is, is for JustiFi to say: the shop's books only tell it of
 * what JustiFi does not list.
 */
export async function writeSide(
  db: Db,
  job: JobName,
  side: Side,
  records: readonly (Facts & { entry: Entry | null })[],
): Promise<void> {
  for (let from = 0; from < records.length; from += INSERTED_AT_ONCE) {
    await db
      .insertInto('reconciliation_rows')
      .values(
        records.slice(from, from + INSERTED_AT_ONCE).map(({ entry, ...facts }) => ({
          job_id: job.id,
          merchant_id: job.merchantId,
          list: facts.list,
          subject_id: facts.subjectId,
          payment_id: facts.paymentId,
          order_id: facts.orderId,
          at: facts.at,
          ...columnsOf('there', side === 'there' ? entry : null),
          ...columnsOf('here', side === 'here' ? entry : null),
          difference: null,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['job_id', 'list', 'subject_id']).doUpdateSet((set) => ({
          [`${side}_status`]: set.ref(`excluded.${side}_status`),
          [`${side}_cents`]: set.ref(`excluded.${side}_cents`),
          [`${side}_currency`]: set.ref(`excluded.${side}_currency`),
          [`${side}_fee_cents`]: set.ref(`excluded.${side}_fee_cents`),
          [`${side}_refunded_cents`]: set.ref(`excluded.${side}_refunded_cents`),
          ...(side === 'there'
            ? { at: set.ref('excluded.at') }
            : { order_id: set.ref('excluded.order_id') }),
        })),
      )
      .execute()
  }
}

/** The rows of a list, by their ids, after one of them. Only those of the period. */
export async function listRows(
  db: Db,
  job: JobName,
  list: ListName,
  period: { since: string; until: string },
  after: string,
  limit: number,
): Promise<Compared[]> {
  const rows = await db
    .selectFrom('reconciliation_rows')
    .selectAll()
    .where('job_id', '=', job.id)
    .where('merchant_id', '=', job.merchantId)
    .where('list', '=', list)
    .where('subject_id', '>', after)
    .where('at', '>=', period.since)
    .where('at', '<', period.until)
    .orderBy('subject_id')
    .limit(limit)
    .execute()
  return rows.map(toCompared)
}

export async function setDifference(
  db: Db,
  job: JobName,
  { list, subjectId }: Pick<Compared, 'list' | 'subjectId'>,
  difference: Difference | null,
): Promise<void> {
  await db
    .updateTable('reconciliation_rows')
    .set({ difference })
    .where('job_id', '=', job.id)
    .where('merchant_id', '=', job.merchantId)
    .where('list', '=', list)
    .where('subject_id', '=', subjectId)
    .execute()
}

/** Whether a refund of the payment is among the differences: it then explains the payment's sum. */
export async function hasRefundDifference(
  db: Db,
  job: JobName,
  paymentId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('reconciliation_rows')
    .select('subject_id')
    .where('job_id', '=', job.id)
    .where('merchant_id', '=', job.merchantId)
    .where('payment_id', '=', paymentId)
    .where('list', '=', 'refunds')
    .where('difference', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Of what agrees only the sums are kept. */
export async function forgetEqual(db: Db, job: JobName, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('reconciliation_rows')
    .where('job_id', '=', job.id)
    .where('merchant_id', '=', job.merchantId)
    .where('subject_id', 'in', (equal) =>
      equal
        .selectFrom('reconciliation_rows')
        .select('subject_id')
        .where('job_id', '=', job.id)
        .where('difference', 'is', null)
        .limit(limit),
    )
    .where('difference', 'is', null)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

export type ListedDifference = Compared & { difference: Difference; orderNumber: string | null }

/** What a reconciliation found to differ, in the order of lists and ids; after one of them. */
export async function listDifferences(
  db: Db,
  job: JobName,
  after: { list: string; subjectId: string } | null,
  limit: number,
): Promise<ListedDifference[]> {
  let query = db
    .selectFrom('reconciliation_rows as row')
    .leftJoin('orders', (join) =>
      join
        .onRef('orders.id', '=', 'row.order_id')
        .onRef('orders.merchant_id', '=', 'row.merchant_id'),
    )
    .selectAll('row')
    .select('orders.number as order_number')
    .where('row.job_id', '=', job.id)
    .where('row.merchant_id', '=', job.merchantId)
    .where('row.difference', 'is not', null)
  if (after) {
    query = query.where((where) =>
      where(
        where.refTuple('row.list', 'row.subject_id'),
        '>',
        where.tuple(after.list, after.subjectId),
      ),
    )
  }
  const rows = await query.orderBy('row.list').orderBy('row.subject_id').limit(limit).execute()
  return rows.map(({ order_number, ...row }) => ({
    ...toCompared(row),
    difference: row.difference as Difference,
    orderNumber: order_number,
  }))
}

function columnsOf<S extends Side>(side: S, entry: Entry | null) {
  return {
    [`${side}_status`]: entry?.status ?? null,
    [`${side}_cents`]: entry?.cents ?? null,
    [`${side}_currency`]: entry?.currency ?? null,
    [`${side}_fee_cents`]: entry?.feeCents ?? null,
    [`${side}_refunded_cents`]: entry?.refundedCents ?? null,
  } as SideColumns<S>
}
type SideColumns<S extends Side> = Pick<
  Row<'reconciliation_rows'>,
  `${S}_${'status' | 'cents' | 'currency' | 'fee_cents' | 'refunded_cents'}`
>

function toCompared(row: Row<'reconciliation_rows'>): Compared {
  return {
    list: row.list as ListName,
    subjectId: row.subject_id,
    paymentId: row.payment_id,
    orderId: row.order_id,
    at: row.at,
    there: entryOf(row, 'there'),
    here: entryOf(row, 'here'),
  }
}

function entryOf(row: Row<'reconciliation_rows'>, side: Side): Entry | null {
  const status = row[`${side}_status`]
  const cents = row[`${side}_cents`]
  if (status === null || cents === null) return null
  return {
    status,
    cents,
    currency: row[`${side}_currency`],
    feeCents: row[`${side}_fee_cents`],
    refundedCents: row[`${side}_refunded_cents`],
  }
}
