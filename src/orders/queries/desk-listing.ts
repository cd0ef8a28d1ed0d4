import type { SelectQueryBuilder } from 'kysely'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { ORDER_STATUSES, type OrderStatus } from '../order.ts'
import type { OrderPlace } from '../order-cursor.ts'
import type { OrderCriteria } from '../order-filter.ts'
import { ATTENTION_STATUSES, attentionBranches, hitsOfOtherCauses } from './desk-attention.ts'

/** An order's id, with its time of placement: by these two, lists are in order. */
export type Hit = { id: string; created_at: string }

/** `older` is the way that lists go, newest first. */
export type Direction = 'older' | 'newer'

export const WAYS = { older: 'desc', newer: 'asc' } as const

/**
 * The part of a list that lies between two places. The one that it is gone through from is not in it;
 * the one that it is gone through to is.
 */
export type Stretch = { newest: OrderPlace; oldest: OrderPlace }

/** The criteria's days; less of them where the list goes on from a place. */
export function stretchOf(
  { since, before }: OrderCriteria,
  from: OrderPlace | null,
  direction: Direction,
): Stretch {
  // No id comes before '': a day's first moment is in, and the next day's is not.
  const newest = { createdAt: before ?? '9999', id: '' }
  const oldest = { createdAt: since ?? '', id: '' }
  if (!from) return { newest, oldest }
  return direction === 'older'
    ? { newest: isOlder(from, newest) ? from : newest, oldest }
    : { newest, oldest: isOlder(oldest, from) ? from : oldest }
}

/** No more of a stretch than up to a place, which is the last in it. */
export function stretchTo(stretch: Stretch, end: OrderPlace, direction: Direction): Stretch {
  return direction === 'older' ? { ...stretch, oldest: end } : { ...stretch, newest: end }
}

export function isOlder(one: OrderPlace, other: OrderPlace): boolean {
  return one.createdAt === other.createdAt ? one.id < other.id : one.createdAt < other.createdAt
}

/** The first orders of a stretch that meet all criteria but the text, in the direction's order. */
export function listHits(
  db: Db,
  merchantId: string,
  criteria: OrderCriteria,
  stretch: Stretch,
  direction: Direction,
  limit: number,
): Promise<Hit[]> {
  return LISTED[direction](db, listArguments(merchantId, criteria, stretch, limit))
}

/** The place after the first orders of a stretch, as many as `limit`; undefined where they end. */
export async function placeAfter(
  db: Db,
  list: ListArguments,
  direction: Direction,
): Promise<OrderPlace | undefined> {
  const [last] = await LAST_LISTED[direction](db, list, list[4] - 1)
  return last && { createdAt: last.created_at, id: last.id }
}

/** How many orders meet all criteria but the text, counted no further than to `most`. */
export async function countHits(
  db: Db,
  merchantId: string,
  { statuses, attention, since, before }: OrderCriteria,
  most: number,
): Promise<number> {
  const days: Days = [since ?? '', before ?? '9999']
  if (!attention && statuses.length === 0) return countOf(db, merchantId, [], days, most)

  const wanted = statuses.length > 0 ? statuses : ORDER_STATUSES
  const byStatus = attention ? wanted.filter((one) => ATTENTION_STATUSES.includes(one)) : wanted
  const others = attention ? wanted.filter((one) => !ATTENTION_STATUSES.includes(one)) : []
  let count = 0
  for (const status of byStatus) {
    count += await countOf(db, merchantId, [status], days, most - count)
    if (count === most) return count
  }
  if (!attention || others.length === 0) return count
  const { unansweredSince } = attention
  const hits = await hitsOfOtherCauses(db, merchantId, others, unansweredSince, days, most)
  return count + new Set(hits.map(({ id }) => id)).size
}

async function countOf(
  db: Db,
  merchantId: string,
  statuses: readonly OrderStatus[],
  days: Days,
  most: number,
): Promise<number> {
  const [row] = await counted(db, merchantId, statuses, days, most)
  return row?.count ?? 0
}

/** Since when, and before when. */
type Days = readonly [since: string, before: string]

/**
 * What a list is made of, in lists, so that a query is compiled once for each length of them.
 * `attention` is where only orders that need it are wanted: since when silence is a cause of it.
 */
export type ListArguments = readonly [
  merchantId: string,
  statuses: readonly OrderStatus[],
  attention: readonly string[],
  bounds: readonly [newestAt: string, newestId: string, oldestAt: string, oldestId: string],
  limit: number,
]

export function listArguments(
  merchantId: string,
  { statuses, attention }: OrderCriteria,
  { newest, oldest }: Stretch,
  limit: number,
): ListArguments {
  const bounds = [newest.createdAt, newest.id, oldest.createdAt, oldest.id] as const
  return [merchantId, statuses, attention ? [attention.unansweredSince] : [], bounds, limit]
}

/**
 * The query itself. Each status, and each cause of attention, is walked in an index of its own and
 * gives no more than are wanted; those few are then put in order. One query with OR, or with IN,
 * would sort all that there are.
 */
export function listing(
  db: Db,
  [merchantId, statuses, attention, bounds, limit]: ListArguments,
  direction: Direction,
) {
  const orders = db
    .selectFrom('orders')
    .select(['orders.id', 'orders.created_at'])
    .where('orders.merchant_id', '=', merchantId)
  const [unansweredSince] = attention
  const branches =
    unansweredSince === undefined
      ? statusBranches(orders, statuses)
      : attentionBranches(db, orders, merchantId, statuses, unansweredSince)
  const walks = branches.map((branch) =>
    inOrder(within(branch, bounds, direction), direction).limit(limit),
  )

  const [only] = walks
  if (only && walks.length === 1) return only
  const joined = walks
    .map((walk) => db.selectFrom(walk.as('walk')).selectAll())
    // An order has one status, but may need attention for two causes.
    .reduce((one, other) =>
      unansweredSince === undefined ? one.unionAll(other) : one.union(other),
    )
  const merged = db.selectFrom(joined.as('orders')).select(['orders.id', 'orders.created_at'])
  return inOrder(merged, direction).limit(limit)
}

const LISTED = { older: listed('older'), newer: listed('newer') }

function listed(direction: Direction) {
  return compiled((db, list: ListArguments) => listing(db, list, direction))
}

const LAST_LISTED = { older: lastListed('older'), newer: lastListed('newer') }

function lastListed(direction: Direction) {
  return compiled((db, list: ListArguments, offset: number) =>
    inOrder(db.selectFrom(listing(db, list, direction).as('orders')).selectAll(), direction)
      .limit(1)
      .offset(offset),
  )
}

const counted = compiled(
  (db, merchantId: string, statuses: readonly OrderStatus[], [since, before]: Days, most: number) =>
    db
      .selectFrom((eb) =>
        eb
          .selectFrom('orders')
          .select('orders.created_at')
          .where('orders.merchant_id', '=', merchantId)
          .$if(statuses.length > 0, (order) => order.where('orders.status', 'in', statuses))
          .where('orders.created_at', '>=', since)
          .where('orders.created_at', '<', before)
          .limit(most)
          .as('hits'),
      )
      .select((hits) => hits.fn.countAll<number>().as('count')),
)

/** Orders of which a list is to be made. */
export type Orders = SelectQueryBuilder<Schema, 'orders', Hit>

function statusBranches(orders: Orders, statuses: readonly OrderStatus[]): Orders[] {
  if (statuses.length === 0) return [orders]
  return statuses.map((status) => orders.where('orders.status', '=', status))
}

function within(
  orders: Orders,
  [newestAt, newestId, oldestAt, oldestId]: ListArguments[3],
  direction: Direction,
): Orders {
  const [before, after] = direction === 'older' ? (['<', '>='] as const) : (['<=', '>'] as const)
  return orders
    .where((at) =>
      at(at.refTuple('orders.created_at', 'orders.id'), before, at.tuple(newestAt, newestId)),
    )
    .where((at) =>
      at(at.refTuple('orders.created_at', 'orders.id'), after, at.tuple(oldestAt, oldestId)),
    )
}

function inOrder(orders: Orders, direction: Direction): Orders {
  const way = WAYS[direction]
  return orders.orderBy('orders.created_at', way).orderBy('orders.id', way)
}
