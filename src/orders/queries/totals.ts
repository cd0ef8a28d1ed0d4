import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { compiled } from '../../db/compiled.ts'
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

/**
 * One stretch of an index that holds all that is summed up. A day a query: grouped by day, SQLite
 * would sort all that it reads.
 */
export const totalsOfStretch = compiled((db, merchantId: string, since: string, before: string) =>
  db
    .selectFrom('orders')
    .select((order) => [
      order.fn.countAll<number>().as('placed'),
      sql<number | null>`sum(case when status in (${MONEY}) then 1 else 0 end)`.as('paid'),
      order.fn.sum<number | null>('paid_cents').as('paidCents'),
      order.fn.sum<number | null>('refunded_cents').as('refundedCents'),
      refundedOf('disputed').as('refundedOfDisputed'),
      refundedOf('needs_review').as('refundedOfReviewed'),
    ])
    .where('merchant_id', '=', merchantId)
    .where('created_at', '>=', since)
    .where('created_at', '<', before),
)

const MONEY = sql.join(MONEY_STATUSES.map((status) => sql.lit(status)))

function refundedOf(status: OrderStatus) {
  return sql<
    number | null
  >`sum(case when status = ${sql.lit(status)} then refunded_cents else 0 end)`
}

/** Days after which others get their turn at the database. */
const DAYS_AT_ONCE = 10

/** The totals of each of some days. */
export async function totalsByDay(
  db: Db,
  merchantId: string,
  days: readonly DaySpan[],
): Promise<DayTotals[]> {
  const totals: DayTotals[] = []
  for (const { day, since, before } of days) {
    const [row] = await totalsOfStretch(db, merchantId, since, before)
    totals.push({
      day,
      placed: Number(row?.placed ?? 0),
      paid: Number(row?.paid ?? 0),
      paidCents: Number(row?.paidCents ?? 0),
      refundedCents: Number(row?.refundedCents ?? 0),
      refundedOfDisputed: Number(row?.refundedOfDisputed ?? 0),
      refundedOfReviewed: Number(row?.refundedOfReviewed ?? 0),
    })
    if (totals.length % DAYS_AT_ONCE === 0) await nextTurn()
  }
  return totals
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
