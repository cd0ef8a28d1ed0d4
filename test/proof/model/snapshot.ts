import type { Clock } from '../../../src/clock.ts'
import type { AppContext } from '../../../src/context.ts'
import type { Db } from '../../../src/db/database.ts'
import type { Row } from '../../../src/db/schema.ts'
import type { BookedPayment, Books, JustifiHand } from './justifi-hand.ts'

/** The shop's books and JustiFi's, side by side. */
export type Snapshot = {
  orders: Row<'orders'>[]
  pages: Row<'checkout_sessions'>[]
  payments: Row<'payments'>[]
  refunds: Row<'refunds'>[]
  disputes: Row<'disputes'>[]
  timeline: Row<'timeline'>[]
  outbox: Row<'outbox'>[]
  openItems: Row<'open_items'>[]
  books: Books
  /** The shop's clock; JustiFi's is in its books. */
  here: string
  /** So often JustiFi forgot its idempotency keys. */
  forgettings: number
  /** Of the one product whose pieces are counted, with how many there were at first. */
  stock: Stock | undefined
  items: Row<'order_items'>[]
}

export type Stock = { productId: string; atFirst: number; left: number }

type Sides = {
  shop: { ctx: AppContext }
  justifi: JustifiHand
  clock: Clock
  forgettings?: number
  counted?: { productId: string; atFirst: number } | undefined
}

export async function snapshotOf(sides: Sides): Promise<Snapshot> {
  const { shop, justifi, clock, counted, forgettings = 0 } = sides
  const { db } = shop.ctx
  // The shop first: what JustiFi says is then at least as new.
  return {
    orders: await all(db, 'orders', 'id'),
    pages: await all(db, 'checkout_sessions', 'order_id'),
    payments: await all(db, 'payments', 'created_at'),
    refunds: await all(db, 'refunds', 'id'),
    disputes: await all(db, 'disputes', 'id'),
    timeline: await all(db, 'timeline', 'id'),
    outbox: await all(db, 'outbox', 'id'),
    openItems: await all(db, 'open_items', 'id'),
    books: await justifi.books(),
    here: clock.now().toISOString(),
    forgettings,
    stock: counted && { ...counted, left: await piecesLeft(db, counted.productId) },
    items: await all(db, 'order_items', 'order_id'),
  }
}

async function piecesLeft(db: Db, productId: string): Promise<number> {
  const { stock } = await db
    .selectFrom('products')
    .select('stock')
    .where('id', '=', productId)
    .executeTakeFirstOrThrow()
  return Number(stock)
}

async function all<Table extends keyof Rows>(
  db: Db,
  table: Table,
  order: string,
): Promise<Row<Table>[]> {
  const rows = await db
    .selectFrom(table as 'orders')
    .selectAll()
    .orderBy(order as 'id')
    .execute()
  return rows as unknown as Row<Table>[]
}

type Rows = {
  [Table in
    | 'orders'
    | 'checkout_sessions'
    | 'payments'
    | 'refunds'
    | 'disputes'
    | 'timeline'
    | 'outbox'
    | 'open_items'
    | 'order_items']: Row<Table>
}

const TOOK_MONEY = ['succeeded', 'partially_refunded', 'fully_refunded', 'disputed']

export function tookMoney({ status }: { status: string }): boolean {
  return TOOK_MONEY.includes(status)
}

/** JustiFi's payments for an order's intent, oldest first. */
export function bookedFor(books: Books, order: Row<'orders'>): BookedPayment[] {
  return books.payments
    .filter(({ payment_intent_id }) => payment_intent_id === order.intent_id)
    .sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0))
}

/** What of an order's timeline tells of its status, in order: `from`, `to`. */
export function statusChanges(snapshot: Snapshot, order: Row<'orders'>) {
  return snapshot.timeline
    .filter(({ order_id, kind }) => order_id === order.id && kind === 'status')
    .map(({ data }) => JSON.parse(data) as { from: string; to: string; reason: string | null })
}

export function mailsOf(snapshot: Snapshot, order: Row<'orders'>, kind: string) {
  return snapshot.outbox.filter((mail) => mail.order_id === order.id && mail.kind === kind)
}
