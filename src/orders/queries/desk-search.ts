import { type AliasableExpression, type ExpressionBuilder, sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import type { OrderCriteria } from '../order-filter.ts'
import type { Prefix, SearchTerms } from '../search-terms.ts'
import { type Hit, needsAttention } from './desk-listing.ts'

/** A text with more hits than this in one field is common: they are not gathered. */
export const MOST_GATHERED = 1_000

/**
 * All orders that a text finds and that meet the other criteria, in no order; undefined where the
 * text is too common for that. Whatever the number of orders, this reads no more than a thousand of
 * each field.
 */
export async function gatherHits(
  db: Db,
  merchantId: string,
  criteria: OrderCriteria,
  terms: SearchTerms,
): Promise<Hit[] | undefined> {
  const fields = fieldsOf(db, merchantId, criteria, terms, MOST_GATHERED + 1)
  const [first, ...others] = fields
  if (!first) return []

  const rows = await others.reduce((one, other) => one.unionAll(other), first).execute()
  const countOf = (field: string) => rows.filter((row) => row.field === field).length
  if (fields.some((_, index) => countOf(String(index)) > MOST_GATHERED)) return undefined

  const { statuses, since, before } = criteria
  const fitting = rows.filter(
    ({ created_at, status, wanted }) =>
      wanted === 1 &&
      (statuses.length === 0 || statuses.some((one) => one === status)) &&
      (since === null || created_at >= since) &&
      (before === null || created_at < before),
  )
  return [...new Map(fitting.map((row) => [row.id, row])).values()]
}

/** `wanted` is 0 or 1: whether it needs attention, where only such orders are asked for. */
type Found = Hit & { status: string; wanted: number }

function fieldsOf(
  db: Db,
  merchantId: string,
  { attention }: OrderCriteria,
  terms: SearchTerms,
  limit: number,
) {
  const orders = db
    .selectFrom('orders')
    .select(['orders.id', 'orders.created_at', 'orders.status'])
    .select((order) =>
      attention
        ? order
            .case()
            .when(needsAttention(order, merchantId, attention.unansweredSince))
            .then(sql<number>`1`)
            .else(sql<number>`0`)
            .end()
            .as('wanted')
        : sql<number>`1`.as('wanted'),
    )
    .where('orders.merchant_id', '=', merchantId)
    .limit(limit)
  const byPayment = orders
    .innerJoin('payments', 'payments.order_id', 'orders.id')
    .where('payments.merchant_id', '=', merchantId)

  const { name, email, number, lastFour, paymentId, intentId } = terms
  const fields: AliasableExpression<Found>[] = [
    ...(name ? [orders.where((order) => startsWith(order, 'search_name', name))] : []),
    ...(name ? [orders.where((order) => startsWith(order, 'search_last_name', name))] : []),
    ...(email ? [orders.where((order) => startsWith(order, 'search_email', email))] : []),
    ...(number ? [orders.where((order) => startsWith(order, 'number', number))] : []),
    ...(lastFour ? [byPayment.where('payments.last_four', '=', lastFour)] : []),
    ...(paymentId ? [byPayment.where('payments.id', '=', paymentId)] : []),
    ...(intentId ? [orders.where('orders.intent_id', '=', intentId)] : []),
  ]
  return fields.map((field, index) =>
    db
      .selectFrom(field.as('found'))
      .selectAll()
      .select(sql<string>`${sql.lit(String(index))}`.as('field')),
  )
}

type OrderExpression = ExpressionBuilder<Schema, 'orders'>

/** Whether an order is one that a text finds: the same fields, asked of one order. */
export function isFound(order: OrderExpression, terms: SearchTerms) {
  const { name, email, number, lastFour, paymentId, intentId } = terms
  return order.or([
    ...(name ? [startsWith(order, 'search_name', name)] : []),
    ...(name ? [startsWith(order, 'search_last_name', name)] : []),
    ...(email ? [startsWith(order, 'search_email', email)] : []),
    ...(number ? [startsWith(order, 'number', number)] : []),
    ...(lastFour ? [hasPayment(order, 'last_four', lastFour)] : []),
    ...(paymentId ? [hasPayment(order, 'id', paymentId)] : []),
    ...(intentId ? [order('orders.intent_id', '=', intentId)] : []),
  ])
}

type Searched = 'search_name' | 'search_last_name' | 'search_email' | 'number'

function startsWith(order: OrderExpression, column: Searched, { from, to }: Prefix) {
  return order.and([order(`orders.${column}`, '>=', from), order(`orders.${column}`, '<', to)])
}

function hasPayment(order: OrderExpression, column: 'id' | 'last_four', value: string) {
  return order.exists(
    order
      .selectFrom('payments')
      .select('payments.id')
      .whereRef('payments.order_id', '=', 'orders.id')
      .where(`payments.${column}`, '=', value),
  )
}
