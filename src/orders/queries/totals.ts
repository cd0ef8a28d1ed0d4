import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import { ORDER_STATUSES, type OrderStatus, STATUS_RULES } from '../order.ts'

/** A local day with its moments, as the database has times: from, and before. */
export type DaySpan = { day: string; since: string; before: string }

/** What became of the orders that were placed on a day. Cents are of the shop's currency. */
export type DayTotals = {
  day: string
  placed: number
  /** Orders that JustiFi has taken money for. */
  paid: number
  paidCents: number
  refundedCents: number
  /** Of the refunds, those of orders that are disputed, and of those that need review. */
  refundedOfDisputed: number
  refundedOfReviewed: number
}

/** Statuses of orders that JustiFi has taken money for: the figures' own link leads to these. */
export const MONEY_STATUSES: readonly OrderStatus[] = ORDER_STATUSES.filter(
  (status) => STATUS_RULES[status].money,
)

/** Days that one query sums up: short enough that whoever else wants the database need not wait. */
const DAYS_AT_ONCE = 31

/**
 * The totals of each of some days, from an index that holds all that they are made of.
 *
 * @param days one after the other, none of them overlapping
 */
export async function totalsByDay(
  db: Db,
  merchantId: string,
  days: readonly DaySpan[],
): Promise<DayTotals[]> {
  const totals: DayTotals[] = []
  for (let from = 0; from < days.length; from += DAYS_AT_ONCE) {
    if (from > 0) await nextTurn()
    totals.push(...(await sumUp(db, merchantId, days.slice(from, from + DAYS_AT_ONCE))))
  }
  return totals
}

async function sumUp(db: Db, merchantId: string, days: readonly DaySpan[]): Promise<DayTotals[]> {
  const { rows } = await totalsQuery(merchantId, days).execute(db)
  const byDay = new Map(rows.map((row) => [row.day, row]))
  return days.map(({ day }) => {
    const row = byDay.get(day)
    return {
      day,
      placed: Number(row?.placed ?? 0),
      paid: Number(row?.paid ?? 0),
      paidCents: Number(row?.paid_cents ?? 0),
      refundedCents: Number(row?.refunded_cents ?? 0),
      refundedOfDisputed: Number(row?.refunded_of_disputed ?? 0),
      refundedOfReviewed: Number(row?.refunded_of_reviewed ?? 0),
    }
  })
}

type TotalsRow = Record<
  | 'placed'
  | 'paid'
  | 'paid_cents'
  | 'refunded_cents'
  | 'refunded_of_disputed'
  | 'refunded_of_reviewed',
  number | string | null
> & { day: string }

/** For each day its stretch of the index is walked; days without orders have no row. */
export function totalsQuery(merchantId: string, days: readonly DaySpan[]) {
  const spans = sql.join(days.map(({ day, since, before }) => sql`(${day}, ${since}, ${before})`))
  const money = sql.join(MONEY_STATUSES)
  return sql<TotalsRow>`
    with days (day, since, before) as (values ${spans})
    select
      days.day as day,
      count(*) as placed,
      sum(case when status in (${money}) then 1 else 0 end) as paid,
      sum(paid_cents) as paid_cents,
      sum(refunded_cents) as refunded_cents,
      sum(case when status = 'disputed' then refunded_cents else 0 end) as refunded_of_disputed,
      sum(case when status = 'needs_review' then refunded_cents else 0 end) as refunded_of_reviewed
    from days
    join orders on orders.merchant_id = ${merchantId}
      and orders.created_at >= days.since and orders.created_at < days.before
    group by days.day`
}

/** Whether the merchant has any order at all. */
export async function hasOrders(db: Db, merchantId: string): Promise<boolean> {
  const row = await db
    .selectFrom('orders')
    .select('id')
    .where('merchant_id', '=', merchantId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
