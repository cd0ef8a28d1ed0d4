import { type Kysely, PostgresAdapter, sql } from 'kysely'
import { type SearchColumns, searchColumns } from '../../search-text.ts'

// What the merchant's list of orders looks for, and what of it needs a person.
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  // Indexes over many orders take longer than any page may.
  if (isPostgres) await sql`set local statement_timeout = 0`.execute(db)

  // Beginnings are looked up as ranges of bytes. That is how SQLite compares text; PostgreSQL does
  // so by its collation "C".
  const bytewise = isPostgres ? sql`text collate "C"` : sql`text`
  if (isPostgres) {
    await sql`alter table orders alter column number type text collate "C"`.execute(db)
  }
  for (const column of ['search_name', 'search_last_name', 'search_email']) {
    await db.schema
      .alterTable('orders')
      .addColumn(column, bytewise, (col) => col.notNull().defaultTo(''))
      .execute()
  }
  await db.schema.alterTable('orders').addColumn('fulfilled_at', 'text').execute()
  // Since when JustiFi has been asked about the order in vain.
  await db.schema.alterTable('orders').addColumn('unanswered_since', 'text').execute()
  // A person has dealt with a refund that failed, or that nobody knows the outcome of.
  await db.schema.alterTable('refunds').addColumn('dealt_with_at', 'text').execute()

  await fillSearchColumns(db as Kysely<Orders>)

  for (const column of ['number', 'search_name', 'search_last_name', 'search_email']) {
    await db.schema
      .createIndex(`orders_by_${column}`)
      .on('orders')
      .columns(['merchant_id', column])
      .execute()
  }
  await db.schema
    .createIndex('orders_unanswered')
    .on('orders')
    .columns(['merchant_id', 'unanswered_since'])
    .where(sql.ref('unanswered_since'), 'is not', null)
    .execute()
  await db.schema
    .createIndex('payments_by_last_four')
    .on('payments')
    .columns(['merchant_id', 'last_four'])
    .execute()
  await db.schema
    .createIndex('refunds_in_trouble')
    .on('refunds')
    .columns(['merchant_id', 'order_id'])
    .where(sql.ref('outcome'), 'in', ['failed', 'unknown'])
    .where(sql.ref('dealt_with_at'), 'is', null)
    .execute()
  await db.schema
    .createIndex('open_items_of_merchant')
    .on('open_items')
    .columns(['merchant_id', 'found_at'])
    .where(sql.ref('resolved_at'), 'is', null)
    .execute()
}

type Orders = {
  orders: SearchColumns & { id: string; customer_name: string; customer_email: string }
}

const BATCH = 1_000

async function fillSearchColumns(db: Kysely<Orders>): Promise<void> {
  let last = ''
  for (;;) {
    const rows = await db
      .selectFrom('orders')
      .select(['id', 'customer_name', 'customer_email'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(BATCH)
      .execute()
    for (const { id, customer_name: name, customer_email: email } of rows) {
      await db
        .updateTable('orders')
        .set(searchColumns({ name, email }))
        .where('id', '=', id)
        .execute()
    }
    if (rows.length < BATCH) return
    last = rows.at(-1)?.id ?? ''
  }
}
