import { type AliasableExpression, type ExpressionBuilder, sql } from 'kysely'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import type { OrderCriteria } from '../order-filter.ts'
import type { Prefix, SearchTerms } from '../search-terms.ts'
import { needsAttention } from './desk-attention.ts'
import { type Direction, type Hit, type ListArguments, listing, WAYS } from './desk-listing.ts'

/** A text with more hits than this in one field is common: its hits are not gathered. */
export const MOST_GATHERED = 1_000

/**
 * All orders that a text finds and that meet the other criteria, in no order; null where the text is
 * too common for that. However many orders there are, this reads a thousand of each field at most,
 * and of a common text nothing but the indexes.
 */
export async function gatherHits(
  db: Db,
  merchantId: string,
  criteria: OrderCriteria,
  terms: SearchTerms,
): Promise<Hit[] | null> {
  if (Object.values(terms).every((term) => term === null)) return []
  const counts = await countQuery(db, merchantId, terms).execute()
  if (counts.some(({ count }) => count > MOST_GATHERED)) return null
  if (counts.every(({ count }) => count === 0)) return []

  const { statuses, since, before } = criteria
  const rows = await gatherQuery(db, merchantId, criteria, terms).execute()
  const fitting = rows.filter(
    ({ created_at, status, wanted }) =>
      wanted === 1 &&
      (statuses.length === 0 || statuses.some((one) => one === status)) &&
      (since === null || created_at >= since) &&
      (before === null || created_at < before),
  )
  return [...new Map(fitting.map((row) => [row.id, row])).values()]
}

/** How many hits each field has, as far as that matters. */
export function countQuery(db: Db, merchantId: string, terms: SearchTerms) {
  const one = sql<number>`1`.as('one')
  const orders = db.selectFrom('orders').select(one).where('orders.merchant_id', '=', merchantId)
  const payments = db
    .selectFrom('payments')
    .select(one)
    .where('payments.merchant_id', '=', merchantId)

  const { lastFour, paymentId } = terms
  const fields: AliasableExpression<{ one: number }>[] = [
    ...conditionsOf(terms).map((condition) => orders.where(condition).limit(MOST_GATHERED + 1)),
    ...(lastFour
      ? [payments.where('payments.last_four', '=', lastFour).limit(MOST_GATHERED + 1)]
      : []),
    ...(paymentId ? [payments.where('payments.id', '=', paymentId)] : []),
  ]
  return fields
    .map((field) =>
      db.selectFrom(field.as('found')).select(({ fn }) => fn.countAll<number>().as('count')),
    )
    .reduce((one, other) => one.unionAll(other))
}

/** `wanted` is 0 or 1: whether it needs attention, where only such orders are asked for. */
type Found = Hit & { status: string; wanted: number }

export function gatherQuery(
  db: Db,
  merchantId: string,
  { attention }: OrderCriteria,
  terms: SearchTerms,
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
  const byPayment = orders
    .innerJoin('payments', 'payments.order_id', 'orders.id')
    .where('payments.merchant_id', '=', merchantId)

  const { lastFour, paymentId } = terms
  const fields: AliasableExpression<Found>[] = [
    ...conditionsOf(terms).map((condition) => orders.where(condition)),
    ...(lastFour ? [byPayment.where('payments.last_four', '=', lastFour)] : []),
    ...(paymentId ? [byPayment.where('payments.id', '=', paymentId)] : []),
  ]
  return fields
    .map((field) => db.selectFrom(field.as('found')).selectAll())
    .reduce((one, other) => one.unionAll(other))
}

type OrderExpression = ExpressionBuilder<Schema, 'orders'>

/**
 * The first orders of a list that a text finds: the same fields, asked of each until there are
 * enough.
 */
export function hitsAmong(
  db: Db,
  list: ListArguments,
  direction: Direction,
  { name, email, number, lastFour }: SearchTerms,
  limit: number,
): Promise<Hit[]> {
  const fields = [some(name), some(email), some(number), some(lastFour)] as const
  return AMONG[direction](db, list, fields, limit)
}

/** Each of none or one, so that a query is compiled once for each set of fields. */
type Fields = readonly [
  names: readonly Prefix[],
  emails: readonly Prefix[],
  numbers: readonly Prefix[],
  lastFours: readonly string[],
]

function some<Value>(value: Value | null): Value[] {
  return value === null ? [] : [value]
}

const AMONG = { older: among('older'), newer: among('newer') }

function among(direction: Direction) {
  return compiled((db, list: ListArguments, fields: Fields, limit: number) =>
    amongQuery(db, list, direction, fields, limit),
  )
}

export function amongQuery(
  db: Db,
  list: ListArguments,
  direction: Direction,
  [[name], [email], [number], [lastFour]]: Fields,
  limit: number,
) {
  const [merchantId] = list
  const prefixes = { name: name ?? null, email: email ?? null, number: number ?? null }
  return (
    db
      .selectFrom(listing(db, list, direction).as('looked'))
      .innerJoin('orders', 'orders.id', 'looked.id')
      .select(['looked.id', 'looked.created_at'])
      .where('orders.merchant_id', '=', merchantId)
      .where((order) =>
        order.or([
          ...conditionsOf({ ...prefixes, intentId: null }).map((one) => one(order)),
          ...(lastFour ? [order.exists(paidByCard(order, merchantId, lastFour))] : []),
        ]),
      )
      // The list's own order: it is gone through as it comes, and no further than needed.
      .orderBy('looked.created_at', WAYS[direction])
      .orderBy('looked.id', WAYS[direction])
      .limit(limit)
  )
}

function paidByCard(order: OrderExpression, merchantId: string, lastFour: string) {
  return order
    .selectFrom('payments')
    .select('payments.id')
    .whereRef('payments.order_id', '=', 'orders.id')
    .where('payments.merchant_id', '=', merchantId)
    .where('payments.last_four', '=', lastFour)
}

/** One for each field of an order itself that a text may be of; each has an index. */
function conditionsOf({
  name,
  email,
  number,
  intentId,
}: Pick<SearchTerms, 'name' | 'email' | 'number' | 'intentId'>) {
  type Condition = (order: OrderExpression) => ReturnType<typeof startsWith>
  const conditions: Condition[] = []
  if (name) {
    conditions.push((order) => startsWith(order, 'search_name', name))
    conditions.push((order) => startsWith(order, 'search_last_name', name))
  }
  if (email) conditions.push((order) => startsWith(order, 'search_email', email))
  if (number) conditions.push((order) => startsWith(order, 'number', number))
  if (intentId) conditions.push((order) => order.and([order('orders.intent_id', '=', intentId)]))
  return conditions
}
type Searched = 'search_name' | 'search_last_name' | 'search_email' | 'number'

function startsWith(order: OrderExpression, column: Searched, { from, to }: Prefix) {
  return order.and([order(`orders.${column}`, '>=', from), order(`orders.${column}`, '<', to)])
}
