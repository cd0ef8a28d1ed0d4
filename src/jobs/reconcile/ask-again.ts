import type { AppContext } from '../../context.ts'
import { isAnswer, JustifiError } from '../../justifi/errors.ts'
import { getOrder } from '../../orders/queries/find-order.ts'
import type { Job } from '../job.ts'
import {
  type Compared,
  type Difference,
  differenceOf,
  type Entry,
  type ReconcileParams,
} from './books.ts'
import { disputeEntry, paymentEntry, refundEntry } from './entries.ts'
import { findHere } from './here.ts'
import { writeSide } from './rows.ts'

/**
 * Reads both books of a thing once more before it is called a difference: its payment, or the order
 * here, may have moved on between the two readings.
 *
 * @returns what still differs
 * @throws JustifiError where JustiFi does not answer
 */
export async function askAgain(
  ctx: AppContext,
  job: Job,
  params: ReconcileParams,
  compared: Compared,
): Promise<Difference | undefined> {
  const there = await readAgain(ctx, params, compared)
  const [booked] = await findHere(ctx.db, job.merchantId, compared.list, [compared.subjectId])
  // A refund whose id at JustiFi is not known is found by no id of JustiFi's.
  const here = booked?.entry ?? (compared.there === null ? compared.here : null)
  const orderId = booked?.orderId ?? compared.orderId

  const { list, subjectId, paymentId, at } = compared
  const facts = { list, subjectId, paymentId, at, orderId }
  await writeSide(ctx.db, job, 'there', [{ ...facts, entry: there }])
  await writeSide(ctx.db, job, 'here', [{ ...facts, entry: here }])
  return differenceOf({ ...facts, there, here })
}

async function readAgain(
  ctx: AppContext,
  { accountId }: ReconcileParams,
  compared: Compared,
): Promise<Entry | null> {
  try {
    return await currentEntry(ctx, accountId, compared)
  } catch (err) {
    if (!(err instanceof JustifiError) || !isAnswer(err)) throw err
    // Not found, or not to be read: what the list said stands.
    return compared.there
  }
}

async function currentEntry(
  ctx: AppContext,
  accountId: string,
  { list, subjectId, orderId, there }: Compared,
): Promise<Entry | null> {
  switch (list) {
    case 'payments': {
      const intentId = orderId && (await getOrder(ctx.db, orderId)).intentId
      if (!intentId) return there
      const { payments } = await ctx.justifi.observe({ reference: intentId, accountId })
      const payment = payments.find(({ id }) => id === subjectId)
      return payment ? paymentEntry(payment) : there
    }
    case 'refunds': {
      if (!subjectId.startsWith('re_')) return there
      return refundEntry(await ctx.justifi.getRefund({ accountId, refundId: subjectId }))
    }
    case 'disputes':
      return disputeEntry(await ctx.justifi.getDispute({ accountId, disputeId: subjectId }))
  }
}
