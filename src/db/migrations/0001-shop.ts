import { type Kysely, sql } from 'kysely'

// The reasons behind the column types are in ../schema.ts. A migration never imports the schema:
// it has to mean the same when the schema has long moved on.
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('merchants')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('slug', 'text', (col) => col.notNull().unique())
    .addColumn('name', 'text', (col) => col.notNull())
    .addColumn('tagline', 'text', (col) => col.notNull())
    .addColumn('currency', 'text', (col) => col.notNull())
    .addColumn('sub_account_id', 'text', (col) => col.notNull())
    .addColumn('support_email', 'text', (col) => col.notNull())
    .addColumn('time_zone', 'text', (col) => col.notNull())
    .addColumn('language', 'text', (col) => col.notNull())
    .addColumn('created_at', 'text', (col) => col.notNull())
    .execute()

  await db.schema
    .createTable('products')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('merchant_id', 'text', (col) => col.notNull().references('merchants.id'))
    .addColumn('slug', 'text', (col) => col.notNull())
    .addColumn('name', 'text', (col) => col.notNull())
    .addColumn('description', 'text', (col) => col.notNull())
    .addColumn('price_cents', 'bigint', (col) => col.notNull().check(sql`price_cents > 0`))
    .addColumn('image', 'text')
    .addColumn('image_alt', 'text', (col) => col.notNull())
    .addColumn('position', 'integer', (col) => col.notNull())
    .addColumn('archived_at', 'text')
    .addColumn('version', 'integer', (col) => col.notNull())
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addColumn('updated_at', 'text', (col) => col.notNull())
    .addUniqueConstraint('products_merchant_slug', ['merchant_id', 'slug'])
    .execute()

  await db.schema
    .createTable('orders')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('merchant_id', 'text', (col) => col.notNull().references('merchants.id'))
    .addColumn('number', 'text', (col) => col.notNull().unique())
    .addColumn('token_hash', 'text', (col) => col.notNull().unique())
    .addColumn('token_sealed', 'text', (col) => col.notNull())
    .addColumn('checkout_key', 'text', (col) => col.notNull())
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('reason', 'text')
    .addColumn('version', 'integer', (col) => col.notNull())
    .addColumn('customer_name', 'text', (col) => col.notNull())
    .addColumn('customer_email', 'text', (col) => col.notNull())
    .addColumn('currency', 'text', (col) => col.notNull())
    .addColumn('total_cents', 'bigint', (col) => col.notNull().check(sql`total_cents > 0`))
    .addColumn('account_id', 'text', (col) => col.notNull())
    .addColumn('mode', 'text', (col) => col.notNull())
    .addColumn('intent_key', 'text', (col) => col.notNull().unique())
    .addColumn('intent_description', 'text', (col) => col.notNull())
    .addColumn('intent_id', 'text', (col) => col.unique())
    .addColumn('page_ends_at', 'text')
    .addColumn('returned_at', 'text')
    .addColumn('cancelled_at', 'text')
    .addColumn('paid_at', 'text')
    .addColumn('payment_id', 'text')
    .addColumn('paid_cents', 'bigint', (col) => col.notNull())
    .addColumn('refunded_cents', 'bigint', (col) => col.notNull())
    .addColumn('disputed_cents', 'bigint', (col) => col.notNull())
    .addColumn('asked_at', 'text')
    .addColumn('answered_at', 'text')
    .addColumn('next_check_at', 'text')
    .addColumn('check_count', 'integer', (col) => col.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addColumn('updated_at', 'text', (col) => col.notNull())
    .addUniqueConstraint('orders_checkout_key', ['merchant_id', 'checkout_key'])
    // Rows of an order name their merchant through this key, so none can belong to another.
    .addUniqueConstraint('orders_merchant_id', ['merchant_id', 'id'])
    .execute()

  await db.schema
    .createIndex('orders_newest')
    .on('orders')
    .columns(['merchant_id', 'created_at', 'id'])
    .execute()
  await db.schema
    .createIndex('orders_by_status')
    .on('orders')
    .columns(['merchant_id', 'status', 'created_at', 'id'])
    .execute()
  await db.schema
    .createIndex('orders_due')
    .on('orders')
    .column('next_check_at')
    .where(sql.ref('next_check_at'), 'is not', null)
    .execute()

  await db.schema
    .createTable('order_items')
    .addColumn('order_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('line', 'integer', (col) => col.notNull())
    .addColumn('product_id', 'text', (col) => col.notNull())
    .addColumn('product_slug', 'text', (col) => col.notNull())
    .addColumn('product_name', 'text', (col) => col.notNull())
    .addColumn('unit_price_cents', 'bigint', (col) => col.notNull())
    .addColumn('quantity', 'integer', (col) => col.notNull().check(sql`quantity > 0`))
    .addColumn('total_cents', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('order_items_pk', ['order_id', 'line'])
    .addForeignKeyConstraint('order_items_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .addCheckConstraint('order_items_total', sql`total_cents = unit_price_cents * quantity`)
    .execute()

  await db.schema
    .createTable('checkout_sessions')
    .addColumn('order_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('ordinal', 'integer', (col) => col.notNull())
    .addColumn('idempotency_key', 'text', (col) => col.notNull().unique())
    .addColumn('return_origin', 'text', (col) => col.notNull())
    .addColumn('session_id', 'text', (col) => col.unique())
    .addColumn('expires_at', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('checkout_sessions_pk', ['order_id', 'ordinal'])
    .addForeignKeyConstraint('checkout_sessions_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .execute()

  await db.schema
    .createTable('payments')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('order_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('account_id', 'text', (col) => col.notNull())
    .addColumn('is_test', 'integer', (col) => col.notNull())
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('amount_cents', 'bigint', (col) => col.notNull())
    .addColumn('currency', 'text', (col) => col.notNull())
    .addColumn('refunded_cents', 'bigint', (col) => col.notNull())
    .addColumn('disputed_cents', 'bigint', (col) => col.notNull())
    .addColumn('fee_cents', 'bigint')
    .addColumn('method', 'text')
    .addColumn('brand', 'text')
    .addColumn('last_four', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addColumn('updated_at', 'text', (col) => col.notNull())
    .addForeignKeyConstraint('payments_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('payments_of_order')
    .on('payments')
    .columns(['order_id', 'created_at'])
    .execute()

  await db.schema
    .createTable('timeline')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('order_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('at', 'text', (col) => col.notNull())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('source', 'text', (col) => col.notNull())
    .addColumn('actor', 'text')
    .addColumn('data', 'text', (col) => col.notNull())
    .addForeignKeyConstraint('timeline_order', ['merchant_id', 'order_id'], 'orders', [
      'merchant_id',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('timeline_of_order')
    .on('timeline')
    .columns(['order_id', 'id'])
    .execute()

  await db.schema
    .createTable('webhook_events')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('name', 'text', (col) => col.notNull())
    .addColumn('account_id', 'text')
    .addColumn('account_type', 'text')
    .addColumn('body_hash', 'text', (col) => col.notNull())
    .addColumn('body', 'text', (col) => col.notNull())
    .addColumn('deliveries', 'integer', (col) => col.notNull())
    .addColumn('outcome', 'text', (col) => col.notNull())
    .addColumn('order_id', 'text')
    .addColumn('merchant_id', 'text')
    .addColumn('received_at', 'text', (col) => col.notNull())
    .addColumn('processed_at', 'text')
    .execute()
  await db.schema
    .createIndex('webhook_events_open')
    .on('webhook_events')
    .column('received_at')
    .where(sql.ref('processed_at'), 'is', null)
    .execute()

  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('data', 'text', (col) => col.notNull())
    .addColumn('expires_at', 'text', (col) => col.notNull())
    .execute()
  await db.schema.createIndex('sessions_end').on('sessions').column('expires_at').execute()

  await db.schema
    .createTable('rate_limits')
    .addColumn('key', 'text', (col) => col.primaryKey())
    .addColumn('points', 'integer', (col) => col.notNull())
    .addColumn('expires_at', 'bigint')
    .execute()
  await db.schema.createIndex('rate_limits_end').on('rate_limits').column('expires_at').execute()
}
