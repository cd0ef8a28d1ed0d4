import type { Transaction } from '../../db/database.ts'
import type { NewRow } from '../../db/schema.ts'

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
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('orders')
    .values(order)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows !== 1n) return false

  await trx.insertInto('order_items').values(items).execute()
  return true
}
