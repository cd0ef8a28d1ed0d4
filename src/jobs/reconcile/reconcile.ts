import type { AppContext } from '../../context.ts'
import { isAnswer, JustifiError } from '../../justifi/errors.ts'
import type { Job, Step } from '../job.ts'
import { bookedElsewhere, type Elsewhere } from './accounts.ts'
import { askAgain } from './ask-again.ts'
import { type Compared, differenceOf, type ListName, type ReconcileParams } from './books.ts'
import { findHere, listHere, type Place } from './here.ts'
import { forgetEqual, hasRefundDifference, listRows, setDifference, writeSide } from './rows.ts'
import { type Sums, sumRows } from './sums.ts'
import { readThere } from './there.ts'

/** What a reconciliation found. Earlier versions of the shop did not look elsewhere. */
export type ReconcileResult = { sums: Sums; differences: number; elsewhere?: Elsewhere[] }

/**
 * The phases, in their order: JustiFi's lists, the shop's own books, what JustiFi lists of the
 * period and the shop booked at another time, the comparison, the sums, and forgetting what agrees.
 */
type Phase = 'there' | 'here' | 'elsewhere' | 'compare' | 'sum' | 'forget'
const PHASES: Phase[] = ['there', 'here', 'elsewhere', 'compare', 'sum', 'forget']

/** Refunds before payments: a refund that differs explains the sum of its payment. */
const ORDER_OF_LISTS: ListName[] = ['refunds', 'disputes', 'payments']

type Cursor = { phase: Phase; list: ListName; after: string | null }

const ROWS_AT_ONCE = 500
const ASKED_AGAIN_AT_ONCE = 4
const MAX_VAIN_TRIES = 20
/** Of a page that JustiFi refuses to give. */
const MAX_REFUSALS = 3

/**
 * Compares the shop's books of a period with JustiFi's lists, a page or a few hundred rows a step.
 * The two sides are read apart from each other, and each side's sums are of what that side says.
 */
export async function reconcileStep(ctx: AppContext, job: Job): Promise<Step> {
  const params = JSON.parse(job.params) as ReconcileParams
  const cursor: Cursor = job.cursor === null ? beginningOf('there') : JSON.parse(job.cursor)
  try {
    return await DO[cursor.phase](ctx, job, params, cursor)
  } catch (err) {
    if (!(err instanceof JustifiError)) throw err
    ctx.log.warn({ err, job: job.id }, 'JustiFi gave a reconciliation no usable answer')
    const most = isAnswer(err) ? MAX_REFUSALS : MAX_VAIN_TRIES
    return { kind: job.vainTries + 1 < most ? 'vain' : 'failed' }
  }
}

type DoPhase = (ctx: AppContext, job: Job, params: ReconcileParams, cursor: Cursor) => Promise<Step>

const DO: Record<Phase, DoPhase> = {
  async there(ctx, job, params, cursor) {
    const { list, after } = cursor
    const { read, nextCursor } = await readThere(ctx, job, params, list, after)
    return goOn(nextCursor === null ? following(cursor) : { ...cursor, after: nextCursor }, read)
  },

  async here(ctx, job, params, cursor) {
    const { list, after } = cursor
    const place = after === null ? null : (JSON.parse(after) as Place)
    const { booked, last } = await listHere(
      ctx.db,
      job.merchantId,
      params,
      list,
      place,
      ROWS_AT_ONCE,
    )
    await writeSide(ctx.db, job, 'here', booked)
    const isEnd = last === null || booked.length < ROWS_AT_ONCE
    return goOn(isEnd ? following(cursor) : { ...cursor, after: JSON.stringify(last) })
  },

  async elsewhere(ctx, job, params, cursor) {
    const rows = await listRows(ctx.db, job, cursor.list, params, cursor.after ?? '', ROWS_AT_ONCE)
    const lacking = rows.filter(({ here }) => here === null).map(({ subjectId }) => subjectId)
    await writeSide(
      ctx.db,
      job,
      'here',
      await findHere(ctx.db, job.merchantId, cursor.list, lacking),
    )
    return goOn(afterRows(cursor, rows, ROWS_AT_ONCE))
  },

  async compare(ctx, job, params, cursor) {
    const rows = await listRows(ctx.db, job, cursor.list, params, cursor.after ?? '', ROWS_AT_ONCE)
    const differing = rows.filter((row) => differenceOf(row) !== undefined)
    const asked = differing.slice(0, ASKED_AGAIN_AT_ONCE)
    await Promise.all(asked.map((row) => compareAgain(ctx, job, params, row)))

    const last = asked.at(-1)
    if (last && differing.length > asked.length) return goOn({ ...cursor, after: last.subjectId })
    return goOn(afterRows(cursor, rows, ROWS_AT_ONCE))
  },

  async sum(ctx, job, params, cursor) {
    const result = {
      ...(await sumRows(ctx.db, job, params)),
      elsewhere: await bookedElsewhere(ctx.db, job.merchantId, params),
    } satisfies ReconcileResult
    return { ...goOn(beginningOf('forget', cursor.list)), result }
  },

  async forget(ctx, job, _params, cursor) {
    const isDone = (await forgetEqual(ctx.db, job, ROWS_AT_ONCE)) === 0
    return isDone ? { kind: 'progress', cursor: null, isDone } : goOn(cursor)
  },
}

async function compareAgain(
  ctx: AppContext,
  job: Job,
  params: ReconcileParams,
  row: Compared,
): Promise<void> {
  const difference = await askAgain(ctx, job, params, row)
  const isExplained =
    difference === 'refunded' && (await hasRefundDifference(ctx.db, job, row.subjectId))
  await setDifference(ctx.db, job, row, isExplained ? null : (difference ?? null))
}

function goOn(cursor: Cursor, done = 0): Extract<Step, { kind: 'progress' }> {
  return { kind: 'progress', cursor: JSON.stringify(cursor), isDone: false, done }
}

function beginningOf(phase: Phase, list = ORDER_OF_LISTS[0] as ListName): Cursor {
  return { phase, list, after: null }
}

function afterRows(cursor: Cursor, rows: readonly Compared[], limit: number): Cursor {
  const last = rows.at(-1)
  return last && rows.length === limit ? { ...cursor, after: last.subjectId } : following(cursor)
}

/** The next list of the phase, or the next phase. */
function following({ phase, list }: Cursor): Cursor {
  const next = ORDER_OF_LISTS[ORDER_OF_LISTS.indexOf(list) + 1]
  if (next) return beginningOf(phase, next)
  return beginningOf(PHASES[PHASES.indexOf(phase) + 1] as Phase)
}
