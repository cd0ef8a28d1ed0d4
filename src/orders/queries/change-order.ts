import { timestamp } from '../../clock.ts'
import type { Db, Transaction } from '../../db/database.ts'
import type { Change } from '../../db/schema.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Order } from '../order.ts'
import { recordTimeline, type TimelineEntry, type Witness } from '../timeline.ts'

/**
 * Writes a change of an order's state, unless somebody else has changed the order since it was
 * read: that one UPDATE is the lock, on both databases.
 *
 * @returns whether this caller won; who loses reads the order again and decides again
 */
export async function changeOrder(
  trx: Transaction,
  order: Order,
  change: Change<'orders'>,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('orders')
    .set({ ...change, version: order.version + 1, updated_at: timestamp(at) })
    .where('id', '=', order.id)
    .where('version', '=', order.version)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** A change and what the timeline tells of it, in one transaction. Answers whether it won. */
export function changeOrderWith(
  db: Db,
  order: Order,
  change: Change<'orders'>,
  entries: readonly TimelineEntry[],
  witness: Witness,
  at: Date,
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    if (!(await changeOrder(trx, order, change, at))) return false
    await recordTimeline(trx, order, entries, witness, at)
    return true
  })
}

/** The customer came back from paying, for the first time since the page was opened. */
export function markReturned(db: Db, order: Order, at: Date): Promise<boolean> {
  return changeOrderWith(
    db,
    order,
    { returned_at: timestamp(at) },
    [{ kind: 'returned', data: {} }],
    { source: 'after_payment' },
    at,
  )
}
