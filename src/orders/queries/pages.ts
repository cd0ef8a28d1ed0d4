import { timestamp } from '../../clock.ts'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import type { NewRow, Row } from '../../db/schema.ts'
import type { Order } from '../order.ts'

/** A payment page of an order: asked for, and opened once JustiFi's answer is stored. */
export type PageAttempt = {
  ordinal: number
  idempotencyKey: string
  returnOrigin: string
  askedAt: Date
  /** Null until JustiFi's answer is stored. */
  opened: { pageId: string; expiresAt: Date } | null
}

const newest = compiled((db, orderId: string) =>
  db
    .selectFrom('checkout_sessions')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('ordinal', 'desc')
    .limit(1),
)
const page = compiled((db, orderId: string, ordinal: number) =>
  db
    .selectFrom('checkout_sessions')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('ordinal', '=', ordinal),
)
const intend = compiled((db, row: NewRow<'checkout_sessions'>) =>
  db
    .insertInto('checkout_sessions')
    .values(row)
    .onConflict((conflict) => conflict.columns(['order_id', 'ordinal']).doNothing())
    .returningAll(),
)
const store = compiled(
  (db, orderId: string, ordinal: number, answer: { session_id: string; expires_at: string }) =>
    db
      .updateTable('checkout_sessions')
      .set(answer)
      .where('order_id', '=', orderId)
      .where('ordinal', '=', ordinal)
      .where('session_id', 'is', null),
)

export async function findNewestPage(db: Db, orderId: string): Promise<PageAttempt | undefined> {
  const [row] = await newest(db, orderId)
  return row && toPageAttempt(row)
}

/**
 * Stores the intention to open an order's next page, with its key. Of several callers at once, all
 * get the same one.
 */
export async function intendPage(
  db: Db,
  order: Order,
  ordinal: number,
  returnOrigin: string,
  now: Date,
): Promise<PageAttempt> {
  const [intended] = await intend(db, {
    order_id: order.id,
    merchant_id: order.merchantId,
    ordinal,
    idempotency_key: `session-${order.id}-${ordinal}`,
    return_origin: returnOrigin,
    session_id: null,
    expires_at: null,
    created_at: timestamp(now),
  })
  const [row] = intended ? [intended] : await page(db, order.id, ordinal)
  if (!row) throw new Error(`page ${ordinal} of order ${order.id} was not stored`)
  return toPageAttempt(row)
}

/** Stores JustiFi's answer about a page. A page already stored stays as it was. */
export async function storePage(
  db: Db,
  orderId: string,
  ordinal: number,
  opened: { pageId: string; expiresAt: Date },
): Promise<void> {
  await store(db, orderId, ordinal, {
    session_id: opened.pageId,
    expires_at: timestamp(opened.expiresAt),
  })
}

function toPageAttempt(row: Row<'checkout_sessions'>): PageAttempt {
  return {
    ordinal: row.ordinal,
    idempotencyKey: row.idempotency_key,
    returnOrigin: row.return_origin,
    askedAt: new Date(row.created_at),
    opened:
      row.session_id !== null && row.expires_at !== null
        ? { pageId: row.session_id, expiresAt: new Date(row.expires_at) }
        : null,
  }
}
