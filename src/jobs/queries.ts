import { sql } from 'kysely'
import { timestamp } from '../clock.ts'
import { compiled } from '../db/compiled.ts'
import type { Db } from '../db/database.ts'
import type { Row } from '../db/schema.ts'
import { newId } from '../ids.ts'
import type { Job, JobKind, JobState } from './job.ts'

export type NewJob = {
  merchantId: string
  kind: JobKind
  /** Of the form: whoever sends it twice gets the same job. */
  formKey: string
  params: object
  begunBy: string
}

/** @returns the job's id, and whether it is new */
export async function beginJob(
  db: Db,
  job: NewJob,
  at: Date,
): Promise<{ id: string; isNew: boolean }> {
  const id = newId()
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('jobs')
    .values({
      id,
      merchant_id: job.merchantId,
      kind: job.kind,
      form_key: job.formKey,
      params: JSON.stringify(job.params),
      state: 'open' satisfies JobState,
      cursor: null,
      total: null,
      done_count: 0,
      changed_count: 0,
      failed_count: 0,
      result: null,
      begun_by: job.begunBy,
      due_at: timestamp(at),
      vain_tries: 0,
      lease: 0,
      leased_until: null,
      created_at: timestamp(at),
      updated_at: timestamp(at),
      finished_at: null,
    })
    .onConflict((conflict) => conflict.columns(['merchant_id', 'form_key']).doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows === 1n) return { id, isNew: true }

  const known = await db
    .selectFrom('jobs')
    .select('id')
    .where('merchant_id', '=', job.merchantId)
    .where('form_key', '=', job.formKey)
    .executeTakeFirstOrThrow()
  return { id: known.id, isNew: false }
}

export async function findJob(db: Db, merchantId: string, id: string): Promise<Job | undefined> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toJob(row)
}

/** The newest jobs of a kind. */
export async function listJobs(
  db: Db,
  merchantId: string,
  kind: JobKind,
  limit: number,
): Promise<Job[]> {
  const rows = await db
    .selectFrom('jobs')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('kind', '=', kind)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toJob)
}

/** Whoever left work looks for it again before so much other work was begun. */
const LOOKED_AT = 50

/** The job of a kind that is under way and was begun last. @returns its id */
export async function findOpenJob(
  db: Db,
  merchantId: string,
  kind: JobKind,
): Promise<string | undefined> {
  const [job] = await openJobs(db, merchantId, kind)
  return job?.id
}

const openJobs = compiled((db, merchantId: string, kind: JobKind) =>
  db
    .selectFrom((jobs) =>
      jobs
        .selectFrom('jobs')
        .select(['id', 'state', 'created_at'])
        .where('merchant_id', '=', merchantId)
        .where('kind', '=', kind)
        .orderBy('created_at', 'desc')
        .limit(LOOKED_AT)
        .as('newest'),
    )
    .select('id')
    .where('state', '=', 'open' satisfies JobState)
    .orderBy('created_at', 'desc')
    .limit(1),
)

/**
 * Takes the open job that has waited longest for its next step, and keeps other instances off it
 * until `until`. One that wakes up after that finds that its lease is no longer the newest.
 */
export async function leaseDueJob(db: Db, now: Date, until: Date): Promise<Job | undefined> {
  const at = timestamp(now)
  const row = await db
    .updateTable('jobs')
    .set((set) => ({ leased_until: timestamp(until), lease: set('lease', '+', 1) }))
    .where('id', '=', (due) =>
      due
        .selectFrom('jobs')
        .select('id')
        // Written out, as the index is of these alone.
        .where(sql<boolean>`state = 'open'`)
        .where('due_at', '<=', at)
        .where((free) =>
          free.or([free('leased_until', 'is', null), free('leased_until', '<=', at)]),
        )
        .orderBy('due_at')
        .limit(1),
    )
    .where((free) => free.or([free('leased_until', 'is', null), free('leased_until', '<=', at)]))
    .returningAll()
    .executeTakeFirst()
  return row && toJob(row)
}

export type JobChange = {
  state: JobState
  cursor: string | null
  total: number | null
  /** To be added to the counts. */
  done: number
  changed: number
  failed: number
  result: string | null
  vainTries: number
  dueAt: Date
}

/**
 * Keeps what a step came to and ends its lease; unless the job was cancelled meanwhile, or somebody
 * else has taken it because this step took too long.
 */
export async function keepStep(db: Db, job: Job, change: JobChange, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('jobs')
    .set((set) => ({
      state: change.state,
      cursor: change.cursor,
      total: change.total,
      done_count: set('done_count', '+', change.done),
      changed_count: set('changed_count', '+', change.changed),
      failed_count: set('failed_count', '+', change.failed),
      result: change.result,
      vain_tries: change.vainTries,
      due_at: timestamp(change.dueAt),
      leased_until: null,
      updated_at: timestamp(now),
      finished_at: change.state === 'open' ? null : timestamp(now),
    }))
    .where('id', '=', job.id)
    .where('state', '=', 'open')
    .where('lease', '=', job.lease)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** @returns whether it was open until now */
export async function cancelJob(
  db: Db,
  merchantId: string,
  id: string,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('jobs')
    .set({
      state: 'cancelled' satisfies JobState,
      updated_at: timestamp(now),
      finished_at: timestamp(now),
    })
    .where('merchant_id', '=', merchantId)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

function toJob(row: Row<'jobs'>): Job {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    kind: row.kind as JobKind,
    params: row.params,
    state: row.state as JobState,
    cursor: row.cursor,
    total: row.total,
    done: row.done_count,
    changed: row.changed_count,
    failed: row.failed_count,
    result: row.result,
    begunBy: row.begun_by,
    vainTries: row.vain_tries,
    lease: row.lease,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
  }
}
