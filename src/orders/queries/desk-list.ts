import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { Currency } from '../../money.ts'
import type { OrderStatus, ReviewReason } from '../order.ts'
import { cursorOf, placeAt } from '../order-cursor.ts'
import type { OrderCriteria } from '../order-filter.ts'
import { hitsFrom, type OrderSearch, placeOf, searchOrders } from './desk-hits.ts'
import {
  countHits,
  type Direction,
  type Hit,
  listArguments,
  placeAfter,
  stretchOf,
} from './desk-listing.ts'
import { hitsAmong } from './desk-search.ts'

/** An order as a list shows it. */
export type ListedOrder = {
  id: string
  number: string
  status: OrderStatus
  reason: ReviewReason | null
  customerName: string
  customerEmail: string
  totalCents: number
  currency: Currency
  createdAt: Date
}

export type OrderList = {
  /** Newest first. */
  orders: ListedOrder[]
  /** Cursors of the pages on either side; null where there is none. */
  older: string | null
  newer: string | null
}

/** How long a list may look for what a common text and rare criteria have in common. */
const PATIENCE = 3_000

/** Where a list goes on from: what is older than a cursor's order, or newer. */
export type ListFrom = { cursor: string; direction: Direction }

/**
 * A page of a merchant's orders. A cursor that no list gave out leads to the first page; so does one
 * whose newer orders do not fill a page, or that has no older ones any more.
 *
 * @throws SearchTooSlowError
 */
export async function listOrders(
  db: Db,
  merchantId: string,
  search: OrderSearch,
  from: ListFrom | null,
  limit: number,
): Promise<OrderList> {
  const place = from && placeAt(from.cursor)
  const direction = (place && from?.direction) ?? 'older'
  const patience = performance.now() + PATIENCE
  const hits = await hitsFrom(db, merchantId, search, place, direction, limit + 1, patience)

  if (direction === 'newer') {
    if (hits.length <= limit) return listOrders(db, merchantId, search, null, limit)
    const shown = hits.slice(0, limit).reverse()
    return { ...(await pageOf(db, merchantId, shown)), older: cursorAt(shown.at(-1)) }
  }
  // What was older has left the filter meanwhile; an empty page would say that nothing meets it.
  if (place && hits.length === 0) return listOrders(db, merchantId, search, null, limit)
  const shown = hits.slice(0, limit)
  const page = await pageOf(db, merchantId, shown)
  return {
    orders: page.orders,
    newer: place ? page.newer : null,
    older: hits.length > limit ? cursorAt(shown.at(-1)) : null,
  }
}

/** A count is told up to here, and beyond it that there are more. */
const MOST_COUNTED = 1_000

/** `more`: there are more than `count`, or may be. */
export type CappedCount = { count: number; more: boolean }

/** Of a common text with other criteria, `count` may be 0 with `more`: then it is not known. */
export async function countOrders(
  db: Db,
  merchantId: string,
  { criteria, terms, gathered }: OrderSearch,
): Promise<CappedCount> {
  if (!terms) return capped(await countHits(db, merchantId, criteria, MOST_COUNTED + 1))
  if (gathered) return capped(gathered.length)

  const { statuses, since, before, attention } = criteria
  const isWhole = statuses.length === 0 && !since && !before && !attention
  // The text alone has more than can be gathered.
  if (isWhole) return { count: MOST_COUNTED, more: true }

  const stretch = stretchOf(criteria, null, 'older')
  const list = listArguments(merchantId, criteria, stretch, MOST_LOOKED_AT)
  if (await placeAfter(db, list, 'older')) return { count: 0, more: true }
  const all = listArguments(merchantId, criteria, stretch, MOST_COUNTED + 1)
  return capped((await hitsAmong(db, all, 'older', terms, MOST_COUNTED + 1)).length)
}

/** Where there are more, they are not looked at only to count those that a common text finds. */
const MOST_LOOKED_AT = 600

/** `many`: nobody knows how many, but there are more than a page shows. */
export type OrderCount = CappedCount | 'many'

/** How many orders there are, as far as a page of them and their count say together. */
export function countBeside({ orders, older, newer }: OrderList, counted: CappedCount): OrderCount {
  if (!older && !newer) return { count: orders.length, more: false }
  const certain = orders.length + (older ? 1 : 0) + (newer ? 1 : 0)
  return counted.count < certain ? 'many' : counted
}

function capped(count: number): CappedCount {
  return { count: Math.min(count, MOST_COUNTED), more: count > MOST_COUNTED }
}

/**
 * Ids of the orders that meet the criteria, newest first, in batches: for work on all of them.
 *
 * @param after `next` of the batch before; null for the first
 * @returns `next` is null once there are no more
 */
export async function listOrderIds(
  db: Db,
  merchantId: string,
  criteria: OrderCriteria,
  after: string | null,
  limit: number,
): Promise<{ ids: string[]; next: string | null }> {
  const place = after === null ? null : placeAt(after)
  const search = await searchOrders(db, merchantId, criteria)
  const hits = await hitsFrom(db, merchantId, search, place, 'older', limit, Infinity)
  return {
    ids: hits.map(({ id }) => id),
    next: hits.length < limit ? null : cursorAt(hits.at(-1)),
  }
}

const ordersById = compiled((db, merchantId: string, ids: string[]) =>
  db
    .selectFrom('orders')
    .select(['id', 'number', 'status', 'reason', 'customer_name', 'customer_email'])
    .select(['total_cents', 'currency', 'created_at'])
    .where('merchant_id', '=', merchantId)
    .where('id', 'in', ids),
)

async function pageOf(
  db: Db,
  merchantId: string,
  hits: Hit[],
): Promise<{ orders: ListedOrder[]; newer: string | null }> {
  if (hits.length === 0) return { orders: [], newer: null }
  const ids = hits.map(({ id }) => id)
  const rows = new Map((await ordersById(db, merchantId, ids)).map((row) => [row.id, row]))

  const orders = ids.flatMap((id): ListedOrder[] => {
    const row = rows.get(id)
    if (!row) return []
    return [
      {
        id,
        number: row.number,
        status: row.status as OrderStatus,
        reason: row.reason as ReviewReason | null,
        customerName: row.customer_name,
        customerEmail: row.customer_email,
        totalCents: row.total_cents,
        currency: row.currency as Currency,
        createdAt: new Date(row.created_at),
      },
    ]
  })
  return { orders, newer: cursorAt(hits[0]) }
}

function cursorAt(hit: Hit | undefined): string | null {
  return hit ? cursorOf(placeOf(hit)) : null
}
