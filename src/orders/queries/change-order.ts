import { timestamp } from '../../clock.ts'
import { compiled } from '../../db/compiled.ts'
import type { Db, Transaction } from '../../db/database.ts'
import type { Change } from '../../db/schema.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Order } from '../order.ts'
import { recordTimeline, type TimelineEntry, type Witness } from '../timeline.ts'

const change = compiled(
  (db, id: string, readVersion: number, change: Change<'orders'> & { version: number }) =>
    db
      .updateTable('orders')
      .set(change)
      .where('id', '=', id)
      .where('version', '=', readVersion)
      .returning('id'),
)

/**
 * Writes a change of an order's state, unless somebody else has changed the order since it was
 * read: that one UPDATE is the lock, on both databases.
 *
 * @returns whether this caller won; who loses reads the order again and decides again
 */
export async function changeOrder(
  trx: Transaction,
  order: Order,
  changes: Change<'orders'>,
  at: Date,
): Promise<boolean> {
  const changed = await change(trx, order.id, order.version, {
    ...changes,
    version: order.version + 1,
    updated_at: timestamp(at),
  })
  return changed.length === 1
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
