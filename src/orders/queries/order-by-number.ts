import type { Db } from '../../db/database.ts'
import type { Order } from '../order.ts'
import { toOrder } from '../rows.ts'

/** The order of a number, which is unique across the installation. Its number opens no order. */
export async function findOrderByNumber(db: Db, number: string): Promise<Order | undefined> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .where('number', '=', number)
    .executeTakeFirst()
  return row && toOrder(row)
}
