import type { ExpressionBuilder } from 'kysely'
import { timestamp } from '../../clock.ts'
import type { Db } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import type { Order, OrderStatus } from '../order.ts'
import { toOrder } from '../rows.ts'

/**
 * Takes orders that are due for a look, and keeps other instances off them until `until`. Merchants
 * take turns, each with the order that is longest overdue, so that a flood at one of them holds up
 * no other. On PostgreSQL two instances that pick the same order queue for its row, and the second
 * finds the lease taken; on SQLite there is one writer at a time.
 */
export async function leaseDueOrders(
  db: Db,
  limit: number,
  now: Date,
  until: Date,
): Promise<Order[]> {
  const at = timestamp(now)
  const isFree = (free: ExpressionBuilder<Schema, 'orders'>) =>
    free.or([free('leased_until', 'is', null), free('leased_until', '<=', at)])

  const rows = await db
    .with('due', (query) =>
      query
        .selectFrom('orders')
        .select((row) => [
          'id',
          'next_check_at',
          row.fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('merchant_id').orderBy('next_check_at'))
            .as('turn'),
        ])
        .where('next_check_at', '<=', at)
        .where(isFree),
    )
    .updateTable('orders')
    .set({ leased_until: timestamp(until) })
    .where('id', 'in', (query) =>
      query.selectFrom('due').select('id').orderBy('turn').orderBy('next_check_at').limit(limit),
    )
    .where(isFree)
    .returningAll()
    .execute()
  return rows.map(toOrder)
}

/**
 * After a restart nobody knows what was missed, so every order of these statuses is due, also one
 * that was being looked at when the process ended.
 */
export async function makeDue(db: Db, statuses: readonly OrderStatus[], now: Date): Promise<void> {
  await db
    .updateTable('orders')
    .set({ next_check_at: timestamp(now), leased_until: null })
    .where('next_check_at', 'is not', null)
    .where((open) =>
      open.or([
        open('status', 'in', statuses),
        // Given up, and yet its page can still be paid on.
        open.and([open('status', '=', 'cancelled'), open('page_ends_at', '>', timestamp(now))]),
      ]),
    )
    .execute()
}

/** Makes one order due, as a bell does; inside the transaction that stores the bell. */
export async function makeOrderDue(db: Db, orderId: string, now: Date): Promise<void> {
  await db
    .updateTable('orders')
    .set({ next_check_at: timestamp(now), check_count: 0 })
    .where('id', '=', orderId)
    .execute()
}
