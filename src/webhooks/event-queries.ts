import { timestamp } from '../clock.ts'
import type { Db, Transaction } from '../db/database.ts'
import type { JustifiEvent } from './event.ts'

/** What became of an event. `rung`: its order is being asked about. */
export type EventOutcome = 'rung' | 'settled' | 'unknown_object' | 'wrong_mode' | 'account_mismatch'

export type StoredEvent = { outcome: EventOutcome; isRepeat: boolean; bodyDiffers: boolean }

/**
 * Stores an event once by its id; a repeat only counts up.
 *
 * @returns the event as it is stored, and whether it had been there
 */
export async function storeEvent(
  trx: Transaction,
  event: JustifiEvent,
  body: { text: string; hash: string },
  found: { outcome: EventOutcome; orderId: string | null; merchantId: string | null },
  at: Date,
): Promise<StoredEvent> {
  const row = await trx
    .insertInto('webhook_events')
    .values({
      id: event.id,
      name: event.name,
      account_id: event.accountId,
      account_type: event.accountType,
      body_hash: body.hash,
      body: body.text,
      deliveries: 1,
      outcome: found.outcome,
      order_id: found.orderId,
      merchant_id: found.merchantId,
      received_at: timestamp(at),
      processed_at: found.outcome === 'rung' ? null : timestamp(at),
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((set) => ({
        deliveries: set('webhook_events.deliveries', '+', 1),
        last_delivery_at: timestamp(at),
      })),
    )
    .returning(['deliveries', 'body_hash', 'outcome'])
    .executeTakeFirstOrThrow()

  return {
    outcome: row.outcome as EventOutcome,
    isRepeat: row.deliveries > 1,
    bodyDiffers: row.body_hash !== body.hash,
  }
}

/**
 * The order was asked about after the event came. What the order's timeline has of that tells
 * whether the event brought news.
 *
 * @param isNews known otherwise, where it was not the event itself that made the shop ask
 */
export async function markSettled(
  db: Db,
  event: { id: string; orderId: string },
  at: Date,
  isNews = false,
): Promise<void> {
  const news = await db
    .selectFrom('timeline')
    .select('id')
    .where('order_id', '=', event.orderId)
    .where('source', '=', 'webhook')
    .where('actor', '=', event.id)
    .limit(1)
    .executeTakeFirst()
  await db
    .updateTable('webhook_events')
    .set({
      outcome: 'settled' satisfies EventOutcome,
      order_id: event.orderId,
      processed_at: timestamp(at),
      brought_news: isNews || news ? 1 : 0,
    })
    .where('id', '=', event.id)
    .execute()
}
