import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { ORDER_STATUSES, type OrderStatus, STATUS_RULES } from '../order.ts'
import type { OrderPlace } from '../order-cursor.ts'
import type { OrderCriteria } from '../order-filter.ts'

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
  criteria: OrderCriteria,
  stretch: Stretch,
  most: number,
): Promise<number> {
  const { statuses, attention } = shapeOf(criteria)
  const [row] = await counted(db, merchantId, statuses, attention, boundsOf(stretch), most)
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
  (
    db,
    merchantId: string,
    statuses: readonly OrderStatus[],
    attention: readonly string[],
    bounds: Bounds,
    most: number,
  ) =>
    db
      .selectFrom(listing(db, merchantId, statuses, attention, bounds, most, 'older').as('hits'))
      .select((hits) => hits.fn.countAll<number>().as('count')),
)

type Orders = SelectQueryBuilder<Schema, 'orders', Hit>

function statusBranches(orders: Orders, statuses: readonly OrderStatus[]): Orders[] {
  if (statuses.length === 0) return [orders]
  return statuses.map((status) => orders.where('orders.status', '=', status))
}

/** Statuses by which an order needs a person, whatever else is known of it. */
const ATTENTION_STATUSES = ['needs_review', 'disputed'] as const
const OPEN_STATUSES = ORDER_STATUSES.filter((status) => STATUS_RULES[status].open)

/** What only few orders have is gathered whole, by an index of its own, and then put in order. */
const MOST_SPARSE = 5_000

function attentionBranches(
  db: Db,
  orders: Orders,
  merchantId: string,
  statuses: readonly OrderStatus[],
  unansweredSince: string,
): Orders[] {
  const wanted = statuses.length === 0 ? orders : orders.where('orders.status', 'in', statuses)
  const sparse = [
    wanted.where((order) => isUnanswered(order, unansweredSince)),
    wanted.where((order) => hasTroubledRefund(order, merchantId)),
  ]
  return [
    ...ATTENTION_STATUSES.map((status) => wanted.where('orders.status', '=', status)),
    ...sparse.map((few) =>
      db.selectFrom(few.limit(MOST_SPARSE).as('orders')).select(['orders.id', 'orders.created_at']),
    ),
  ] as Orders[]
}

type OrderExpression = ExpressionBuilder<Schema, 'orders'>

/** The same causes, as a condition on one order. */
export function needsAttention(
  order: OrderExpression,
  merchantId: string,
  unansweredSince: string,
) {
  return order.or([
    order('orders.status', 'in', ATTENTION_STATUSES),
    isUnanswered(order, unansweredSince),
    hasTroubledRefund(order, merchantId),
  ])
}

/** JustiFi has told nothing of it for too long, and there may be money. */
function isUnanswered(order: OrderExpression, unansweredSince: string) {
  return order.and([
    order('orders.unanswered_since', '<=', unansweredSince),
    order('orders.status', 'in', OPEN_STATUSES),
  ])
}

/** A refund failed or has an unknown outcome, no later one stands, and nobody has dealt with it. */
function hasTroubledRefund(order: OrderExpression, merchantId: string) {
  return order('orders.id', 'in', (query) =>
    query
      .selectFrom('refunds')
      .select('refunds.order_id')
      .where('refunds.merchant_id', '=', merchantId)
      // As in the index: a parameter would not match it.
      .where(sql<boolean>`refunds.outcome in ('failed', 'unknown')`)
      .where('refunds.dealt_with_at', 'is', null)
      .where((refund) =>
        refund.not(
          refund.exists((later) =>
            later
              .selectFrom('refunds as later')
              .select('later.id')
              .whereRef('later.order_id', '=', 'refunds.order_id')
              .whereRef('later.created_at', '>', 'refunds.created_at')
              .where('later.outcome', 'in', ['requested', 'pending', 'succeeded']),
          ),
        ),
      ),
  )
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
