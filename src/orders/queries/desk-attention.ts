import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { ORDER_STATUSES, type OrderStatus, STATUS_RULES } from '../order.ts'
import type { Orders } from './desk-listing.ts'

/** Statuses by which an order needs a person, whatever else is known of it. */
export const ATTENTION_STATUSES: readonly OrderStatus[] = ['needs_review']
const OPEN_STATUSES = ORDER_STATUSES.filter((status) => STATUS_RULES[status].open)

/**
 * One list of orders for each cause of attention; an order may be in several. Each is walked in an
 * index that has the lists' order, or has no more rows than need a person, and is gathered whole.
 */
export function attentionBranches(
  db: Db,
  orders: Orders,
  merchantId: string,
  statuses: readonly OrderStatus[],
  unansweredSince: string,
): Orders[] {
  const wanted = statuses.length === 0 ? orders : orders.where('orders.status', 'in', statuses)
  return [
    ...ATTENTION_STATUSES.map((status) => wanted.where('orders.status', '=', status)),
    ...otherBranches(db, wanted, merchantId, statuses, unansweredSince),
  ]
}

function otherBranches(
  db: Db,
  wanted: Orders,
  merchantId: string,
  statuses: readonly OrderStatus[],
  unansweredSince: string,
): Orders[] {
  const refunds = troubledRefunds(db.selectFrom('refunds'), merchantId)
  const disputes = undecidedDisputes(db.selectFrom('disputes'), merchantId)
  return [
    wanted.where((order) => isUnanswered(order, unansweredSince)),
    wanted.where(isDisputedByUnknown),
    gathered(db, branchOf(refunds, 'refunds', statuses)),
    gathered(db, branchOf(disputes, 'disputes', statuses)),
  ]
}

/**
 * Each order once, however many refunds of it are in trouble: who gets fewer rows than were asked
 * for takes it for the end of the list.
 */
function gathered(db: Db, few: Orders): Orders {
  return db
    .selectFrom(few.distinct().as('orders'))
    .select(['orders.id', 'orders.created_at']) as Orders
}

/**
 * Orders of some days that need attention for another cause than their status, as far as they are
 * counted. An order may be there for several causes.
 */
export const hitsOfOtherCauses = compiled(
  (
    db,
    merchantId: string,
    statuses: readonly OrderStatus[],
    unansweredSince: string,
    [since, before]: readonly [since: string, before: string],
    limit: number,
  ) => {
    const wanted = db
      .selectFrom('orders')
      .select(['orders.id', 'orders.created_at'])
      .where('orders.merchant_id', '=', merchantId)
      .where('orders.status', 'in', statuses)
    return otherBranches(db, wanted, merchantId, statuses, unansweredSince)
      .map((hits) =>
        hits
          .where('orders.created_at', '>=', since)
          .where('orders.created_at', '<', before)
          .limit(limit),
      )
      .map((few) => db.selectFrom(few.as('few')).selectAll())
      .reduce((one, other) => one.unionAll(other))
  },
)

/**
 * Goes from refunds, or disputes, to their orders, which are looked up one by one: as a join, or by
 * IN, a planner may go through all orders of the merchant instead.
 */
function branchOf<Table extends 'refunds' | 'disputes'>(
  found: SelectQueryBuilder<Schema, Table, unknown>,
  table: Table,
  statuses: readonly OrderStatus[],
): Orders {
  const rows = found as unknown as SelectQueryBuilder<Schema, 'refunds' | 'disputes', unknown>
  return rows.select((row) => [
    sql.ref<string>(`${table}.order_id`).as('id'),
    row
      .selectFrom('orders')
      .select('orders.created_at')
      .where('orders.id', '=', sql.ref<string>(`${table}.order_id`))
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
    isDisputedByUnknown(order),
    hasTroubledRefund(order, merchantId),
    hasUndecidedDispute(order, merchantId),
  ])
}

/** JustiFi has told nothing of it for too long, and there may be money. */
function isUnanswered(order: OrderExpression, unansweredSince: string) {
  return order.and([
    order('orders.unanswered_since', '<=', unansweredSince),
    order('orders.status', 'in', OPEN_STATUSES),
  ])
}

/** A payment of it is disputed, and the dispute itself has not been read yet. */
function isDisputedByUnknown(order: OrderExpression) {
  const known = order
    .selectFrom('disputes')
    .select('disputes.id')
    .whereRef('disputes.order_id', '=', 'orders.id')
  return order.and([order('orders.status', '=', 'disputed'), order.not(order.exists(known))])
}

function hasUndecidedDispute(order: OrderExpression, merchantId: string) {
  const disputes = undecidedDisputes(order.selectFrom('disputes'), merchantId)
  return order('orders.id', 'in', disputes.select('disputes.order_id'))
}

/** Neither won nor lost: somebody may have to answer. */
function undecidedDisputes<Row>(
  disputes: SelectQueryBuilder<Schema, 'disputes', Row>,
  merchantId: string,
) {
  return (
    disputes
      .where('disputes.merchant_id', '=', merchantId)
      // As in the index: a parameter would not match it.
      .where(sql<boolean>`disputes.status not in ('won', 'lost')`)
  )
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
