import { compiled } from '../../db/compiled.ts'
import type { Transaction } from '../../db/database.ts'
import type { NewRow } from '../../db/schema.ts'

const insert = compiled((db, order: NewRow<'orders'>) =>
  db
    .insertInto('orders')
    .values(order)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
)
const insertItems = compiled((db, items: NewRow<'order_items'>[]) =>
  db.insertInto('order_items').values(items),
)

/**
 * Writes an order and its lines.
 *
 * @returns false when the order's checkout key, or another of its unique names, is already taken
 */
export async function insertOrder(
  trx: Transaction,
  order: NewRow<'orders'>,
  items: NewRow<'order_items'>[],
): Promise<boolean> {
  const inserted = await insert(trx, order)
  if (inserted.length !== 1) return false

  await insertItems(trx, items)
  return true
}
