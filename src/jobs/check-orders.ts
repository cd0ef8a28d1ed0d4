import { settleOrder } from '../checkout/settle-order.ts'
import type { AppContext } from '../context.ts'
import { orderCriteria, readOrderFilter } from '../orders/order-filter.ts'
import { listOrderIds } from '../orders/queries/desk-list.ts'
import { getOrder } from '../orders/queries/find-order.ts'
import type { Witness } from '../orders/timeline.ts'
import type { Job, Step } from './job.ts'

/** What the job is begun with. */
export type CheckOrdersParams = {
  /** The filter of the orders, as a query string. */
  filter: string
  /** In which the filter's days are meant. */
  timeZone: string
}

/** Orders asked about at once, which is also all that a step does. */
const BATCH = 4
/** While JustiFi answers about no order of a step, this many tries of the step: about a quarter of an hour. */
const MAX_VAIN_TRIES = 20
const COUNTED_AT_ONCE = 1_000
/** Where there are more, the job's page does not tell of how many. */
const MAX_COUNTED = 100_000

/**
 * Asks JustiFi about each order of a filter, the newest first, as the button of a single order does.
 * Orders placed after it was begun are not its business.
 */
export async function checkOrdersStep(ctx: AppContext, job: Job): Promise<Step> {
  const { filter, timeZone } = JSON.parse(job.params) as CheckOrdersParams
  const { filter: read } = readOrderFilter(new URLSearchParams(filter))
  const criteria = orderCriteria(read, timeZone, job.createdAt)
  const walk = (after: string | null, limit: number) =>
    listOrderIds(ctx.db, job.merchantId, criteria, after, limit)

  if (job.cursor === null) {
    const total = await countUpTo(walk, MAX_COUNTED)
    const isDone = total === 0
    const counted = total === null ? {} : { total }
    return { kind: 'progress', cursor: isDone ? null : FROM_START, isDone, ...counted }
  }

  const { ids, next } = await walk(job.cursor === FROM_START ? null : job.cursor, BATCH)
  const checks = await Promise.all(ids.map((id) => check(ctx, job, id)))
  const isSilent = checks.length > 0 && checks.every((outcome) => outcome === 'no_answer')
  if (isSilent && job.vainTries < MAX_VAIN_TRIES) return { kind: 'vain' }
  // While JustiFi comes back it is asked one thing at a time: some were turned away for that alone.
  for (const [index, id] of ids.entries()) {
    if (!isSilent && checks[index] === 'no_answer') checks[index] = await check(ctx, job, id)
  }

  return {
    kind: 'progress',
    cursor: next,
    isDone: next === null,
    done: checks.length,
    changed: checks.filter((outcome) => outcome === 'changed').length,
    failed: checks.filter((outcome) => outcome === 'no_answer' || outcome === 'unusable').length,
  }
}

/** Counted, and nothing looked at yet. */
const FROM_START = 'start'

type Walk = (after: string | null, limit: number) => Promise<{ ids: string[]; next: string | null }>

/** Null where there are more. */
async function countUpTo(walk: Walk, most: number): Promise<number | null> {
  let count = 0
  let after: string | null = null
  do {
    const { ids, next }: Awaited<ReturnType<Walk>> = await walk(after, COUNTED_AT_ONCE)
    count += ids.length
    after = next
  } while (after !== null && count < most)
  return after === null ? count : null
}

type Outcome = 'changed' | 'same' | 'unusable' | 'no_answer'

async function check(ctx: AppContext, job: Job, orderId: string): Promise<Outcome> {
  const witness: Witness = { source: 'merchant', actor: job.begunBy }
  const before = await getOrder(ctx.db, orderId)
  const { order, reached, justifiTime } = await settleOrder(ctx, orderId, witness)

  if (!reached) return 'no_answer'
  // Without an intent there was nothing to ask about.
  if (justifiTime === undefined && order.intentId !== null) return 'unusable'
  return order.version === before.version ? 'same' : 'changed'
}
