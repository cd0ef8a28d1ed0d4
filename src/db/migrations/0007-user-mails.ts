import { type Kysely, sql } from 'kysely'

// Mails to users, which are about no order; and who edits a shop's settings knows whether they are
// still the ones that were read.
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('merchants')
    .addColumn('version', 'integer', (col) => col.notNull().defaultTo(1))
    .execute()

  // SQLite cannot take NOT NULL from a column, so the table is made anew.
  await db.schema
    .createTable('new_outbox')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('key', 'text', (col) => col.notNull().unique())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('order_id', 'text')
    .addColumn('user_id', 'text')
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('data', 'text', (col) => col.notNull())
    .addColumn('due_at', 'text', (col) => col.notNull())
    .addColumn('attempts', 'integer', (col) => col.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('sent_at', 'text')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addCheckConstraint('outbox_about', sql`(order_id is null) <> (user_id is null)`)
    .addForeignKeyConstraint('outbox_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .addForeignKeyConstraint('outbox_user', ['merchant_id', 'user_id'], 'users', [
      'merchant_id',
      'id',
    ])
    .execute()
  const kept = sql`id, key, kind, order_id, merchant_id, data, due_at, attempts, leased_until,
    sent_at, last_error, created_at`
  await sql`insert into new_outbox (${kept}) select ${kept} from outbox`.execute(db)
  await db.schema.dropTable('outbox').execute()
  await db.schema.alterTable('new_outbox').renameTo('outbox').execute()

  await db.schema
    .createIndex('outbox_due')
    .on('outbox')
    .column('due_at')
    .where(sql.ref('sent_at'), 'is', null)
    .execute()
  await db.schema
    .createIndex('outbox_of_order')
    .on('outbox')
    .columns(['order_id', 'created_at'])
    .execute()
}
