import { timestamp } from '../../clock.ts'
import type { Db } from '../../db/database.ts'
import type { Order, OrderStatus } from '../order.ts'
import { toOrder } from '../rows.ts'

/**
 * Takes orders that are due for a look, the longest overdue first, and keeps other instances off
 * them until `until`. On PostgreSQL two instances that pick the same order queue for its row, and
 * the second finds the lease taken; on SQLite there is one writer at a time.
 */
export async function leaseDueOrders(
  db: Db,
  limit: number,
  now: Date,
  until: Date,
): Promise<Order[]> {
  const at = timestamp(now)
  const rows = await db
    .updateTable('orders')
    .set({ leased_until: timestamp(until) })
    .where('id', 'in', (due) =>
      due
        .selectFrom('orders')
        .select('id')
        .where('next_check_at', '<=', at)
        .where((where) =>
          where.or([where('leased_until', 'is', null), where('leased_until', '<=', at)]),
        )
        .orderBy('next_check_at')
        .limit(limit),
    )
    .where((where) =>
      where.or([where('leased_until', 'is', null), where('leased_until', '<=', at)]),
    )
    .returningAll()
    .execute()
  return rows.map(toOrder)
}

/** After a restart nobody knows what was missed, so every order of these statuses is due. */
export async function makeDue(db: Db, statuses: readonly OrderStatus[], now: Date): Promise<void> {
  await db
    .updateTable('orders')
    .set({ next_check_at: timestamp(now), leased_until: null })
    .where('status', 'in', statuses)
    .where('next_check_at', '>', timestamp(now))
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
