import { type Kysely, PostgresAdapter, sql } from 'kysely'

// Long work of the desk, what a reconciliation found, and what the home page and the log of events
// look up.
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  // Indexes over many orders take longer than any page may.
  if (isPostgres) await sql`set local statement_timeout = 0`.execute(db)

  await db.schema
    .createTable('jobs')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('merchant_id', 'text', (col) => col.notNull().references('merchants.id'))
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('form_key', 'text', (col) => col.notNull())
    .addColumn('params', 'text', (col) => col.notNull())
    .addColumn('state', 'text', (col) => col.notNull())
    .addColumn('cursor', 'text')
    .addColumn('total', 'integer')
    .addColumn('done_count', 'integer', (col) => col.notNull())
    .addColumn('changed_count', 'integer', (col) => col.notNull())
    .addColumn('failed_count', 'integer', (col) => col.notNull())
    .addColumn('result', 'text')
    .addColumn('begun_by', 'text', (col) => col.notNull())
    .addColumn('due_at', 'text', (col) => col.notNull())
    .addColumn('vain_tries', 'integer', (col) => col.notNull())
    .addColumn('lease', 'integer', (col) => col.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addColumn('updated_at', 'text', (col) => col.notNull())
    .addColumn('finished_at', 'text')
    .addUniqueConstraint('jobs_form', ['merchant_id', 'form_key'])
    // Rows of a job name their merchant through this key, so none can belong to another.
    .addUniqueConstraint('jobs_merchant_id', ['merchant_id', 'id'])
    .execute()
  await db.schema
    .createIndex('jobs_due')
    .on('jobs')
    .column('due_at')
    .where(sql.ref('state'), '=', 'open')
    .execute()
  await db.schema
    .createIndex('jobs_newest')
    .on('jobs')
    .columns(['merchant_id', 'kind', 'created_at'])
    .execute()

  await db.schema
    .createTable('reconciliation_rows')
    .addColumn('job_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('list', 'text', (col) => col.notNull())
    .addColumn('subject_id', 'text', (col) => col.notNull())
    .addColumn('payment_id', 'text')
    .addColumn('order_id', 'text')
    .addColumn('at', 'text', (col) => col.notNull())
    .addColumn('there_status', 'text')
    .addColumn('there_cents', 'bigint')
    .addColumn('there_currency', 'text')
    .addColumn('there_fee_cents', 'bigint')
    .addColumn('there_refunded_cents', 'bigint')
    .addColumn('here_status', 'text')
    .addColumn('here_cents', 'bigint')
    .addColumn('here_currency', 'text')
    .addColumn('here_fee_cents', 'bigint')
    .addColumn('here_refunded_cents', 'bigint')
    .addColumn('difference', 'text')
    .addPrimaryKeyConstraint('reconciliation_rows_pk', ['job_id', 'list', 'subject_id'])
    .addForeignKeyConstraint('reconciliation_rows_job', ['merchant_id', 'job_id'], 'jobs', [
      'merchant_id',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('reconciliation_rows_by_payment')
    .on('reconciliation_rows')
    .columns(['job_id', 'payment_id'])
    .execute()

  await db.schema
    .alterTable('webhook_events')
    .addColumn('brought_news', 'integer', (col) => col.notNull().defaultTo(0))
    .execute()
  await db.schema.alterTable('webhook_events').addColumn('last_delivery_at', 'text').execute()
  await sql`update webhook_events set brought_news = case when exists (
      select 1 from timeline where timeline.order_id = webhook_events.order_id
        and timeline.source = 'webhook' and timeline.actor = webhook_events.id) then 1 else 0 end
    where outcome = 'settled'`.execute(db)
  // What no order explains belongs to the merchant whose account it names.
  await sql`update webhook_events set merchant_id =
      (select id from merchants where sub_account_id = account_id order by created_at limit 1)
    where merchant_id is null and account_id is not null`.execute(db)
  await db.schema
    .createIndex('webhook_events_newest')
    .on('webhook_events')
    .columns(['merchant_id', 'received_at', 'id'])
    .execute()
  await db.schema
    .createIndex('webhook_events_by_outcome')
    .on('webhook_events')
    .columns(['merchant_id', 'outcome', 'brought_news', 'received_at', 'id'])
    .execute()
  await db.schema
    .createIndex('webhook_events_repeated')
    .on('webhook_events')
    .columns(['merchant_id', 'received_at', 'id'])
    .where(sql.ref('deliveries'), '>', 1)
    .execute()
  await db.schema
    .createIndex('webhook_events_of_order')
    .on('webhook_events')
    .columns(['order_id', 'received_at'])
    .where(sql.ref('order_id'), 'is not', null)
    .execute()

  // The sums of a day come from the index alone.
  await db.schema
    .createIndex('orders_by_day')
    .on('orders')
    .columns(['merchant_id', 'created_at', 'status', 'paid_cents', 'refunded_cents'])
    .execute()
  await db.schema
    .createIndex('timeline_found_by_us')
    .on('timeline')
    .columns(['merchant_id', 'at'])
    .where(sql.ref('kind'), '=', 'status')
    .where(sql.ref('source'), 'in', ['watcher', 'sweep'])
    .execute()
  await db.schema
    .createIndex('payments_newest')
    .on('payments')
    .columns(['merchant_id', 'account_id', 'created_at', 'id'])
    .execute()
  await db.schema
    .createIndex('refunds_newest')
    .on('refunds')
    .columns(['merchant_id', 'created_at', 'id'])
    .execute()
  await db.schema
    .createIndex('disputes_newest')
    .on('disputes')
    .columns(['merchant_id', 'created_at', 'id'])
    .execute()
}
