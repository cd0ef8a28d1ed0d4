import { type Kysely, sql } from 'kysely'

// Refunds, disputes, mails, and money that no order explains.
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('payments')
    // Promised back and not yet in refunded_cents: what cannot be promised again.
    .addColumn('reserved_cents', 'bigint', (col) => col.notNull().defaultTo(0))
    .execute()
  await db.schema.alterTable('orders').addColumn('accepted_reviews', 'text').execute()
  await db.schema.alterTable('orders').addColumn('denied_at', 'text').execute()

  await db.schema
    .createTable('refunds')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('order_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('payment_id', 'text', (col) => col.notNull().references('payments.id'))
    .addColumn('idempotency_key', 'text', (col) => col.unique())
    .addColumn('form_key', 'text')
    .addColumn('refund_id', 'text', (col) => col.unique())
    .addColumn('amount_cents', 'bigint', (col) => col.notNull().check(sql`amount_cents > 0`))
    .addColumn('reason', 'text')
    .addColumn('note', 'text')
    .addColumn('outcome', 'text', (col) => col.notNull())
    .addColumn('error_code', 'text')
    .addColumn('actor', 'text')
    .addColumn('next_check_at', 'text')
    .addColumn('check_count', 'integer', (col) => col.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addColumn('updated_at', 'text', (col) => col.notNull())
    .addUniqueConstraint('refunds_form', ['merchant_id', 'form_key'])
    .addForeignKeyConstraint('refunds_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('refunds_of_order')
    .on('refunds')
    .columns(['order_id', 'created_at'])
    .execute()
  await db.schema
    .createIndex('refunds_due')
    .on('refunds')
    .column('next_check_at')
    .where(sql.ref('next_check_at'), 'is not', null)
    .execute()
  // JustiFi runs one refund of a payment at a time (refund_in_progress), and so does the shop.
  await db.schema
    .createIndex('refunds_one_at_a_time')
    .unique()
    .on('refunds')
    .column('payment_id')
    .where(sql.ref('outcome'), 'in', ['requested', 'unknown', 'pending'])
    .execute()

  await db.schema
    .createTable('disputes')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('order_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('payment_id', 'text', (col) => col.notNull().references('payments.id'))
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('amount_cents', 'bigint', (col) => col.notNull())
    .addColumn('currency', 'text', (col) => col.notNull())
    .addColumn('reason', 'text')
    .addColumn('due_date', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addColumn('updated_at', 'text', (col) => col.notNull())
    .addForeignKeyConstraint('disputes_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('disputes_of_order')
    .on('disputes')
    .columns(['order_id', 'created_at'])
    .execute()

  await db.schema
    .createTable('open_items')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('merchant_id', 'text', (col) => col.references('merchants.id'))
    .addColumn('account_id', 'text', (col) => col.notNull())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('subject_id', 'text', (col) => col.notNull())
    .addColumn('amount_cents', 'bigint', (col) => col.notNull())
    .addColumn('currency', 'text', (col) => col.notNull())
    .addColumn('data', 'text', (col) => col.notNull())
    .addColumn('found_at', 'text', (col) => col.notNull())
    .addColumn('resolved_at', 'text')
    .addColumn('resolution', 'text')
    .addUniqueConstraint('open_items_subject', ['kind', 'subject_id'])
    .execute()

  await db.schema
    .createTable('outbox')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('key', 'text', (col) => col.notNull().unique())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('order_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('data', 'text', (col) => col.notNull())
    .addColumn('due_at', 'text', (col) => col.notNull())
    .addColumn('attempts', 'integer', (col) => col.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('sent_at', 'text')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addForeignKeyConstraint('outbox_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .execute()
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

  await db.schema
    .createTable('passes')
    .addColumn('account_id', 'text', (col) => col.notNull())
    .addColumn('list', 'text', (col) => col.notNull())
    .addColumn('cursor', 'text')
    .addColumn('watermark', 'text')
    .addColumn('newest_seen', 'text')
    .addColumn('due_at', 'text', (col) => col.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('finished_at', 'text')
    .addPrimaryKeyConstraint('passes_pk', ['account_id', 'list'])
    .execute()
}
