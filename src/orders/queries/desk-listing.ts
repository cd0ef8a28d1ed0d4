import type { SelectQueryBuilder } from 'kysely'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { ORDER_STATUSES, type OrderStatus } from '../order.ts'
import type { OrderPlace } from '../order-cursor.ts'
import type { OrderCriteria } from '../order-filter.ts'
import { ATTENTION_STATUSES, attentionBranches, sparseHits } from './desk-attention.ts'

/** An order's id, with its time of placement: by these two, lists are in order. */
export type Hit = { id: string; created_at: string }

/** `older` is the way that lists go, newest first. */
export type Direction = 'older' | 'newer'

/** The part of a list that lies between two places, neither of them in it. */
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
  const { statuses, attention } = shapeOf(criteria)
  return LISTED[direction](db, merchantId, statuses, attention, boundsOf(stretch), limit)
}

/** How many there are in a stretch, counted no further than to `most`. */
export async function countHits(
  db: Db,
  merchantId: string,
  { statuses, attention }: OrderCriteria,
  stretch: Stretch,
  most: number,
): Promise<number> {
  if (!attention && statuses.length === 0) return countOf(db, merchantId, [], stretch, most)

  const wanted = statuses.length > 0 ? statuses : ORDER_STATUSES
  const byStatus = attention ? wanted.filter((one) => ATTENTION_STATUSES.includes(one)) : wanted
  const others = attention ? wanted.filter((one) => !ATTENTION_STATUSES.includes(one)) : []
  const [counts, sparse] = await Promise.all([
    Promise.all(byStatus.map((status) => countOf(db, merchantId, [status], stretch, most))),
    attention && others.length > 0
      ? sparseHits(db, merchantId, others, attention.unansweredSince, most)
      : [],
  ])
  const within = sparse.filter(
    ({ id, created_at: createdAt }) =>
      createdAt !== null &&
      isOlder({ createdAt, id }, stretch.newest) &&
      isOlder(stretch.oldest, { createdAt, id }),
  )
  const sum = counts.reduce((total, count) => total + count, 0)
  return sum + new Set(within.map(({ id }) => id)).size
}

async function countOf(
  db: Db,
  merchantId: string,
  statuses: readonly OrderStatus[],
  stretch: Stretch,
  most: number,
): Promise<number> {
  const [row] = await counted(db, merchantId, statuses, boundsOf(stretch), most)
  return row?.count ?? 0
}

/** Lists, so that a query is compiled once for each length of them. */
function shapeOf({ statuses, attention }: OrderCriteria) {
  return { statuses, attention: attention ? [attention.unansweredSince] : [] }
}

type Bounds = readonly [newestAt: string, newestId: string, oldestAt: string, oldestId: string]

function boundsOf({ newest, oldest }: Stretch): Bounds {
  return [newest.createdAt, newest.id, oldest.createdAt, oldest.id]
}

/**
 * The query itself. Each status, and each cause of attention, is walked in an index of its own and
 * gives no more than are wanted; those few are then put in order. One query with OR, or with IN,
 * would sort all that there are.
 *
 * @param attention where only orders that need it are wanted: since when silence is a cause of it
 */
export function listing(
  db: Db,
  merchantId: string,
  statuses: readonly OrderStatus[],
  attention: readonly string[],
  bounds: Bounds,
  limit: number,
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
  const walks = branches.map((branch) => inOrder(within(branch, bounds), direction, limit))

  const [only] = walks
  if (only && walks.length === 1) return only
  const joined = walks
    .map((walk) => db.selectFrom(walk.as('walk')).selectAll())
    // An order has one status, but may need attention for two causes.
    .reduce((one, other) =>
      unansweredSince === undefined ? one.unionAll(other) : one.union(other),
    )
  const merged = db.selectFrom(joined.as('orders')).select(['orders.id', 'orders.created_at'])
  return inOrder(merged, direction, limit)
}

const LISTED = { older: listed('older'), newer: listed('newer') }

function listed(direction: Direction) {
  return compiled(
    (
      db,
      merchantId: string,
      statuses: readonly OrderStatus[],
      attention: readonly string[],
      bounds: Bounds,
      limit: number,
    ) => listing(db, merchantId, statuses, attention, bounds, limit, direction),
  )
}

const counted = compiled(
  (db, merchantId: string, statuses: readonly OrderStatus[], bounds: Bounds, most: number) =>
    db
      .selectFrom(listing(db, merchantId, statuses, [], bounds, most, 'older').as('hits'))
      .select((hits) => hits.fn.countAll<number>().as('count')),
)

/** Orders of which a list is to be made. */
export type Orders = SelectQueryBuilder<Schema, 'orders', Hit>

function statusBranches(orders: Orders, statuses: readonly OrderStatus[]): Orders[] {
  if (statuses.length === 0) return [orders]
  return statuses.map((status) => orders.where('orders.status', '=', status))
}

function within(orders: Orders, [newestAt, newestId, oldestAt, oldestId]: Bounds): Orders {
  return orders
    .where((at) =>
      at(at.refTuple('orders.created_at', 'orders.id'), '<', at.tuple(newestAt, newestId)),
    )
    .where((at) =>
      at(at.refTuple('orders.created_at', 'orders.id'), '>', at.tuple(oldestAt, oldestId)),
    )
}

function inOrder(orders: Orders, direction: Direction, limit: number): Orders {
  const way = direction === 'older' ? 'desc' : 'asc'
  return orders.orderBy('orders.created_at', way).orderBy('orders.id', way).limit(limit)
}
