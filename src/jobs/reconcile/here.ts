import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { Compared, Entry, ListName, ReconcileParams } from './books.ts'

export type OrderName = { id: string; merchantId: string }

/** One thing of the shop's own books. */
export type Booked = Omit<Compared, 'there' | 'here'> & { entry: Entry }

/** How far the shop's own books were read: time and id of the last row. */
export type Place = { at: string; id: string }

/** The orders that payment intents were made for, whosever they are. */
export async function ordersOfIntents(
  db: Db,
  intentIds: readonly string[],
): Promise<Map<string, OrderName>> {
  if (intentIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('orders')
    .select(['id', 'merchant_id', 'intent_id'])
    .where('intent_id', 'in', [...intentIds])
    .execute()
  return new Map(rows.map((row) => [row.intent_id ?? '', nameOf(row)]))
}

/** The orders of mirrored payments, whosever they are. */
export async function ordersOfPayments(
  db: Db,
  paymentIds: readonly string[],
): Promise<Map<string, OrderName>> {
  if (paymentIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('payments')
    .select(['id as payment_id', 'order_id as id', 'merchant_id'])
    .where('id', 'in', [...paymentIds])
    .execute()
  return new Map(rows.map((row) => [row.payment_id, nameOf(row)]))
}

function nameOf(row: { id: string; merchant_id: string }): OrderName {
  return { id: row.id, merchantId: row.merchant_id }
}

/** Which rows of the books: the next of a period and account, or those under some ids of JustiFi's. */
type Wanted =
  | { accountId: string; after: Place; until: string; limit: number }
  | { ids: readonly string[] }

/**
 * What the shop booked in the period, of the account that is compared: an order of the time before
 * the shop changed its account is in another list.
 *
 * @returns the next rows after a place, oldest first
 */
export async function listHere(
  db: Db,
  merchantId: string,
  { accountId, since, until }: ReconcileParams,
  list: ListName,
  place: Place | null,
  limit: number,
): Promise<{ booked: Booked[]; last: Place | null }> {
  const after = place ?? { at: since, id: '' }
  const rows = await BOOKS[list](db, merchantId, { accountId, after, until, limit }).execute()
  const last = rows.at(-1)
  return {
    booked: rows.map((row) => toBooked(list, row)),
    last: last ? { at: last.at, id: last.id } : null,
  }
}

/** What the shop has booked under JustiFi's ids, whenever that was. */
export async function findHere(
  db: Db,
  merchantId: string,
  list: ListName,
  ids: readonly string[],
): Promise<Booked[]> {
  if (ids.length === 0) return []
  const rows = await BOOKS[list](db, merchantId, { ids }).execute()
  return rows.map((row) => toBooked(list, row))
}

type BookRow = {
  id: string
  /** JustiFi's. */
  subjectId: string | null
  paymentId: string | null
  orderId: string
  at: string
  status: string
  cents: number
  currency: string | null
  feeCents: number | null
  refundedCents: number | null
}

type BookQuery = { execute(): Promise<BookRow[]> }

const BOOKS: Record<ListName, (db: Db, merchantId: string, wanted: Wanted) => BookQuery> = {
  payments(db, merchantId, wanted) {
    const query = db
      .selectFrom('payments as book')
      .select([
        'book.id',
        'book.id as subjectId',
        sql<null>`null`.as('paymentId'),
        'book.order_id as orderId',
        'book.created_at as at',
        'book.status',
        'book.amount_cents as cents',
        'book.currency',
        'book.fee_cents as feeCents',
        'book.refunded_cents as refundedCents',
      ])
      .where('book.merchant_id', '=', merchantId)
    if ('ids' in wanted) return query.where('book.id', 'in', [...wanted.ids])
    return query
      .where('book.account_id', '=', wanted.accountId)
      .where('book.created_at', '<', wanted.until)
      .where(afterPlace(wanted.after))
      .orderBy('book.created_at')
      .orderBy('book.id')
      .limit(wanted.limit)
  },

  refunds(db, merchantId, wanted) {
    const query = db
      .selectFrom('refunds as book')
      .innerJoin('payments', 'payments.id', 'book.payment_id')
      .select([
        'book.id',
        'book.refund_id as subjectId',
        'book.payment_id as paymentId',
        'book.order_id as orderId',
        'book.created_at as at',
        'book.outcome as status',
        'book.amount_cents as cents',
        ...NOT_OF_THIS_LIST,
      ])
      .where('book.merchant_id', '=', merchantId)
    if ('ids' in wanted) return query.where('book.refund_id', 'in', [...wanted.ids])
    return query
      .where('payments.account_id', '=', wanted.accountId)
      .where('book.created_at', '<', wanted.until)
      .where(afterPlace(wanted.after))
      .orderBy('book.created_at')
      .orderBy('book.id')
      .limit(wanted.limit)
  },

  disputes(db, merchantId, wanted) {
    const query = db
      .selectFrom('disputes as book')
      .innerJoin('payments', 'payments.id', 'book.payment_id')
      .select([
        'book.id',
        'book.id as subjectId',
        'book.payment_id as paymentId',
        'book.order_id as orderId',
        'book.created_at as at',
        'book.status',
        'book.amount_cents as cents',
        ...NOT_OF_THIS_LIST,
      ])
      .where('book.merchant_id', '=', merchantId)
    if ('ids' in wanted) return query.where('book.id', 'in', [...wanted.ids])
    return query
      .where('payments.account_id', '=', wanted.accountId)
      .where('book.created_at', '<', wanted.until)
      .where(afterPlace(wanted.after))
      .orderBy('book.created_at')
      .orderBy('book.id')
      .limit(wanted.limit)
  },
}

/** Their currency and fee are the payment's. */
const NOT_OF_THIS_LIST = [
  sql<null>`null`.as('currency'),
  sql<null>`null`.as('feeCents'),
  sql<null>`null`.as('refundedCents'),
] as const

function afterPlace({ at, id }: Place) {
  return sql<boolean>`(book.created_at, book.id) > (${at}, ${id})`
}

function toBooked(list: ListName, row: BookRow): Booked {
  return {
    list,
    subjectId: row.subjectId ?? row.id,
    paymentId: row.paymentId,
    orderId: row.orderId,
    at: row.at,
    entry: {
      status: row.status,
      cents: row.cents,
      currency: row.currency,
      feeCents: row.feeCents,
      refundedCents: row.refundedCents,
    },
  }
}
