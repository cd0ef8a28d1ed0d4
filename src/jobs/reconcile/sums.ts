import type { Db } from '../../db/database.ts'
import { TOOK_MONEY } from '../../justifi/hosted-checkout.ts'
import type { ListName } from './books.ts'
import type { JobName, Side } from './rows.ts'

export type Sum = { count: number; cents: number }
export type Sums = Record<
  'payments' | 'refunds' | 'pendingRefunds' | 'fees' | 'disputes',
  Record<Side, Sum>
>

/** Each side's own sums: JustiFi's from what it listed, the shop's from what it had booked. */
export async function sumRows(
  db: Db,
  job: JobName,
  period: { since: string; until: string },
): Promise<{ sums: Sums; differences: number }> {
  const sumsOf = async (
    list: ListName,
    side: Side,
    statuses: readonly string[] | null,
    amount: 'cents' | 'fee_cents',
  ): Promise<Sum> => {
    let rows = db
      .selectFrom('reconciliation_rows')
      .select((row) => [
        row.fn.count<number>(`${side}_${amount}`).as('count'),
        row.fn.coalesce(row.fn.sum<number>(`${side}_${amount}`), row.lit(0)).as('cents'),
      ])
      .where('job_id', '=', job.id)
      .where('merchant_id', '=', job.merchantId)
      .where('list', '=', list)
      .where('at', '>=', period.since)
      .where('at', '<', period.until)
    if (statuses) rows = rows.where(`${side}_status`, 'in', [...statuses])
    const { count, cents } = await rows.executeTakeFirstOrThrow()
    return { count: Number(count), cents: Number(cents) }
  }
  const bothSides = async (
    list: ListName,
    statuses: readonly string[] | null,
    amount: 'cents' | 'fee_cents' = 'cents',
  ) => ({
    there: await sumsOf(list, 'there', statuses, amount),
    here: await sumsOf(list, 'here', statuses, amount),
  })

  const { count } = await db
    .selectFrom('reconciliation_rows')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('job_id', '=', job.id)
    .where('merchant_id', '=', job.merchantId)
    .where('difference', 'is not', null)
    .executeTakeFirstOrThrow()
  return {
    sums: {
      payments: await bothSides('payments', TOOK_MONEY),
      refunds: await bothSides('refunds', ['succeeded']),
      pendingRefunds: await bothSides('refunds', ['pending']),
      fees: await bothSides('payments', TOOK_MONEY, 'fee_cents'),
      disputes: await bothSides('disputes', null),
    },
    differences: Number(count),
  }
}
