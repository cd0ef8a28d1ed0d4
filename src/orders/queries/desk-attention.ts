import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { ORDER_STATUSES, type OrderStatus, STATUS_RULES } from '../order.ts'
import type { Orders } from './desk-listing.ts'

/** Statuses by which an order needs a person, whatever else is known of it. */
export const ATTENTION_STATUSES: readonly OrderStatus[] = ['needs_review', 'disputed']
const OPEN_STATUSES = ORDER_STATUSES.filter((status) => STATUS_RULES[status].open)

/** What only few orders have is gathered whole, by an index of its own, and then put in order. */
const MOST_SPARSE = 5_000

export function attentionBranches(
  db: Db,
  orders: Orders,
  merchantId: string,
  statuses: readonly OrderStatus[],
  unansweredSince: string,
): Orders[] {
  const wanted = statuses.length === 0 ? orders : orders.where('orders.status', 'in', statuses)
  const sparse = sparseBranches(db, wanted, merchantId, statuses, unansweredSince)
  return [
    ...ATTENTION_STATUSES.map((status) => wanted.where('orders.status', '=', status)),
    ...sparse.map((few) =>
      db.selectFrom(few.limit(MOST_SPARSE).as('orders')).select(['orders.id', 'orders.created_at']),
    ),
  ] as Orders[]
}

function sparseBranches(
  db: Db,
  wanted: Orders,
  merchantId: string,
  statuses: readonly OrderStatus[],
  unansweredSince: string,
): Orders[] {
  return [
    wanted.where((order) => isUnanswered(order, unansweredSince)),
    refundBranch(db, merchantId, statuses),
  ]
}

/**
 * Orders that need attention for another cause than their status, as far as they are counted. An
 * order may be there for two causes.
 */
export const sparseHits = compiled(
  (
    db,
    merchantId: string,
    statuses: readonly OrderStatus[],
    unansweredSince: string,
    limit: number,
  ) => {
    const wanted = db
      .selectFrom('orders')
      .select(['orders.id', 'orders.created_at'])
      .where('orders.merchant_id', '=', merchantId)
      .where('orders.status', 'in', statuses)
    return sparseBranches(db, wanted, merchantId, statuses, unansweredSince)
      .map((few) => db.selectFrom(few.limit(limit).as('few')).selectAll())
      .reduce((one, other) => one.unionAll(other))
  },
)

/**
 * Goes from refunds to their orders, which are looked up one by one: as a join, or by IN, a planner
 * may go through all orders of the merchant instead.
 */
function refundBranch(db: Db, merchantId: string, statuses: readonly OrderStatus[]): Orders {
  return troubledRefunds(db.selectFrom('refunds'), merchantId).select((refund) => [
    'refunds.order_id as id',
    refund
      .selectFrom('orders')
      .select('orders.created_at')
      .whereRef('orders.id', '=', 'refunds.order_id')
      .$if(statuses.length > 0, (order) => order.where('orders.status', 'in', statuses))
      // Null where the status is another: no bounds hold for it.
      .as('created_at'),
  ]) as unknown as Orders
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

function hasTroubledRefund(order: OrderExpression, merchantId: string) {
  const refunds = troubledRefunds(order.selectFrom('refunds'), merchantId)
  return order('orders.id', 'in', refunds.select('refunds.order_id'))
}

/** Failed or of an unknown outcome, with no later one that stands, and dealt with by nobody. */
function troubledRefunds<Row>(
  refunds: SelectQueryBuilder<Schema, 'refunds', Row>,
  merchantId: string,
) {
  return (
    refunds
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
      )
  )
}
