import type { Kysely } from 'kysely'

// Pieces that are counted, and pictures that merchants bring.
export async function up(db: Kysely<unknown>): Promise<void> {
  // Null: not counted. Below zero: money came for more than there were.
  await db.schema.alterTable('products').addColumn('stock', 'integer').execute()
  // Pieces that the order took from the stock and has not given back; null: none were counted.
  await db.schema.alterTable('order_items').addColumn('held', 'integer').execute()

  await db.schema
    .createTable('product_images')
    .addColumn('merchant_id', 'text', (col) => col.notNull().references('merchants.id'))
    .addColumn('hash', 'text', (col) => col.notNull())
    .addColumn('type', 'text', (col) => col.notNull())
    .addColumn('bytes', 'bytea', (col) => col.notNull())
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('product_images_pk', ['merchant_id', 'hash'])
    .execute()
  await db.schema.createIndex('product_images_hash').on('product_images').column('hash').execute()
}
