import type { Kysely } from 'kysely'

// The people of a merchant, and what they did.
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('merchant_id', 'text', (col) => col.notNull().references('merchants.id'))
    .addColumn('email', 'text', (col) => col.notNull().unique())
    .addColumn('name', 'text', (col) => col.notNull())
    .addColumn('role', 'text', (col) => col.notNull())
    .addColumn('may_refund', 'integer', (col) => col.notNull())
    .addColumn('may_export', 'integer', (col) => col.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('sessions_version', 'integer', (col) => col.notNull())
    .addColumn('disabled_at', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addColumn('updated_at', 'text', (col) => col.notNull())
    // Rows of a user name their merchant through this key, so none can belong to another.
    .addUniqueConstraint('users_merchant_id', ['merchant_id', 'id'])
    .execute()

  await db.schema
    .createTable('user_links')
    .addColumn('token_hash', 'text', (col) => col.primaryKey())
    .addColumn('user_id', 'text', (col) => col.notNull())
    .addColumn('merchant_id', 'text', (col) => col.notNull())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('expires_at', 'text', (col) => col.notNull())
    .addColumn('used_at', 'text')
    .addColumn('created_at', 'text', (col) => col.notNull())
    .addForeignKeyConstraint('user_links_user', ['merchant_id', 'user_id'], 'users', [
      'merchant_id',
      'id',
    ])
    .execute()
  await db.schema.createIndex('user_links_of_user').on('user_links').column('user_id').execute()

  await db.schema
    .createTable('audit_log')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .addColumn('merchant_id', 'text', (col) => col.notNull().references('merchants.id'))
    .addColumn('at', 'text', (col) => col.notNull())
    .addColumn('actor', 'text', (col) => col.notNull())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('data', 'text', (col) => col.notNull())
    .execute()
  await db.schema
    .createIndex('audit_log_of_merchant')
    .on('audit_log')
    .columns(['merchant_id', 'id'])
    .execute()
}
