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
      conflict
        .column('id')
        .doUpdateSet((set) => ({ deliveries: set('webhook_events.deliveries', '+', 1) })),
    )
    .returning(['deliveries', 'body_hash', 'outcome'])
    .executeTakeFirstOrThrow()

  return {
    outcome: row.outcome as EventOutcome,
    isRepeat: row.deliveries > 1,
    bodyDiffers: row.body_hash !== body.hash,
  }
}

/** The order was asked about after the event came. */
export async function markSettled(db: Db, eventId: string, at: Date): Promise<void> {
  await db
    .updateTable('webhook_events')
    .set({ outcome: 'settled' satisfies EventOutcome, processed_at: timestamp(at) })
    .where('id', '=', eventId)
    .execute()
}
