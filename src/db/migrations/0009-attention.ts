import { type Kysely, sql } from 'kysely'

// Orders that need a person, however many.
export async function up(db: Kysely<unknown>): Promise<void> {
  // In the order of lists, so that the first of them are found without the others.
  await db.schema.dropIndex('orders_unanswered').execute()
  await db.schema
    .createIndex('orders_unanswered')
    .on('orders')
    .columns(['merchant_id', 'created_at', 'id', 'unanswered_since', 'status'])
    .where(sql.ref('unanswered_since'), 'is not', null)
    .execute()
  // Neither won nor lost.
  await db.schema
    .createIndex('disputes_undecided')
    .on('disputes')
    .columns(['merchant_id', 'order_id'])
    .where(sql.ref('status'), 'not in', ['won', 'lost'])
    .execute()
}
