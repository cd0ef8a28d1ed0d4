import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import { seedDemo } from '../../src/demo/seed-demo.ts'
import { createLog } from '../../src/log.ts'
import { hashPassword } from '../../src/merchants/passwords.ts'
import { insertUser } from '../../src/merchants/user-queries.ts'
import { Browser, type Reply } from './browser.ts'

const SHOP = 'fernhill-pottery'
const EMAIL = 'bench@example.com'
const PASSWORD = 'four words make a password'

/** An open shop's orders, as many as are asked for: one each half minute up to now. */
export type Seeded = { databaseUrl: string; orders: number }

/** Makes a database with one shop's orders in it, and somebody who may see them. */
export async function seedOrders(databaseUrl: string, orders: number): Promise<Seeded> {
  const { database } = readConfig({ DATABASE_URL: databaseUrl })
  const db = openDatabase(database, createLog('silent'))
  try {
    await migrateDatabase(db)
    await seedDemo(db, systemClock)
    const { id: merchantId } = await db
      .selectFrom('merchants')
      .select('id')
      .where('slug', '=', SHOP)
      .executeTakeFirstOrThrow()
    await insertUser(
      db,
      {
        ...{ merchantId, email: EMAIL, name: 'Bench', role: 'owner', mayRefund: true },
        ...{ mayExport: true, passwordHash: await hashPassword(PASSWORD) },
      },
      systemClock.now(),
    )
    await db.destroy()
    if (database.engine === 'sqlite') fillSqlite(database.path, merchantId, orders)
    else await fillPostgres(databaseUrl, merchantId, orders)
  } finally {
    await db.destroy()
  }
  return { databaseUrl, orders }
}

/** Signs in at the desk of a shop that runs on a seeded database. */
export async function signIn(shopUrl: string): Promise<Browser> {
  const clerk = new Browser(shopUrl)
  const page = await clerk.get('/merchant/sign-in')
  const [, token = ''] = /name="_csrf" value="([^"]*)"/.exec(page.body) ?? []
  const fields = { email: EMAIL, password: PASSWORD, _csrf: token }
  const reply: Reply = await clerk.post('/merchant/sign-in', fields)
  if (reply.status !== 303) throw new Error(`sign-in answered ${reply.status}`)
  return clerk
}

const SPACING_SECONDS = 30

/** What differs between the engines: a row for each order `i`, numbers in fixed width, times. */
type Dialect = {
  rows: (count: number) => string
  pad: string
  at: (startSeconds: number) => string
}

const SQLITE: Dialect = {
  rows: (count) =>
    `(with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      select i from n)`,
  pad: `substr('00000000' || i, -7)`,
  at: (start) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${start} + i * ${SPACING_SECONDS}, 'unixepoch')`,
}
const POSTGRES: Dialect = {
  rows: (count) => `(select i from generate_series(1, ${count}) as series(i))`,
  pad: `right('00000000' || i, 7)`,
  at: (start) =>
    `to_char(to_timestamp(${start} + i * ${SPACING_SECONDS}) at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
}

/** Each of the other statuses has one in twenty: a thousand orders fill two pages with each. */
const STATUSES = [
  ...['awaiting_payment', 'processing', 'failed', 'cancelled', 'expired'],
  ...['partially_refunded', 'refunded', 'disputed', 'needs_review'],
]
const FIRST = ['Ann', 'Bo', 'Cleo', 'Dee', 'Eve', 'Finn', 'Gus', 'Hal', 'Ivy', 'Jo', 'Kit', 'Lou']
const LAST = ['Abel', 'Berg', 'Cole', 'Dunn', 'Engel', 'Ford', 'Gray', 'Hale', 'Irons', 'Jung']

function statements(merchantId: string, count: number, { rows, pad, at }: Dialect): string[] {
  const start = Math.floor(Date.now() / 1_000) - count * SPACING_SECONDS
  const pick = (list: string[], from: string) =>
    `case ${from} ${list.map((one, i) => `when ${i} then '${one}'`).join(' ')} end`
  const order = `select i, '00000000-0000-7000-8000-00000' || ${pad} as id, ${at(start)} as at,
    'N' || ${pad} as number,
    coalesce(${pick(STATUSES, 'i % 20')}, 'paid') as status,
    ${pick(FIRST, `i % ${FIRST.length}`)} as first,
    ${pick(LAST, `(i / 7) % ${LAST.length}`)} as last
    from ${rows(count)} as numbered`
  const hasMoney = `i % 20 >= 5`

  return [
    `insert into orders (id, merchant_id, number, token_hash, token_sealed, checkout_key, status,
       version, customer_name, customer_email, search_name, search_last_name, search_email,
       currency, total_cents, account_id, mode, intent_key, intent_description, intent_id,
       payment_id, paid_at, paid_cents, refunded_cents, disputed_cents, asked_at, answered_at,
       check_count, created_at, updated_at)
     select id, '${merchantId}', number, 'hash-' || number, 'sealed', id, status,
       1, first || ' ' || last, lower(first) || '.' || lower(number) || '@example.com',
       lower(first || ' ' || last), lower(last || ' ' || first),
       lower(first) || '.' || lower(number) || '@example.com',
       'usd', 1000 + i % 9000, 'acc_bench', 'test', 'intent-' || id, 'Order ' || number,
       'pi_' || number,
       case when ${hasMoney} then 'py_' || number end, case when ${hasMoney} then at end,
       case when ${hasMoney} then 1000 + i % 9000 else 0 end, 0, 0, at, at, 0, at, at
     from (${order}) as o`,
    `insert into payments (id, order_id, merchant_id, account_id, is_test, status, amount_cents,
       currency, refunded_cents, disputed_cents, fee_cents, method, brand, last_four, created_at,
       updated_at)
     select 'py_' || number, id, '${merchantId}', 'acc_bench', 1, 'succeeded', 1000 + i % 9000,
       'usd', 0, 0, 152, 'card', 'visa', substr(number, 5, 4), at, at
     from (${order}) as o where ${hasMoney}`,
    `insert into order_items (order_id, merchant_id, line, product_id, product_slug, product_name,
       unit_price_cents, quantity, total_cents)
     select id, '${merchantId}', 1, 'product', 'blue-mug', 'Blue mug', 1000 + i % 9000, 1,
       1000 + i % 9000
     from (${order}) as o`,
  ]
}

/** Indexes are made afterwards: to keep them in order row by row takes many times as long. */
function fillSqlite(path: string, merchantId: string, orders: number): void {
  const sqlite = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  sqlite.exec('pragma synchronous = off; pragma cache_size = -500000; pragma temp_store = memory')
  const indexes = sqlite
    .prepare(
      `select name, sql from sqlite_master where type = 'index' and sql is not null
       and tbl_name in ('orders', 'payments', 'order_items')`,
    )
    .all() as { name: string; sql: string }[]
  sqlite.exec('begin')
  for (const { name } of indexes) sqlite.exec(`drop index ${name}`)
  for (const statement of statements(merchantId, orders, SQLITE)) sqlite.exec(statement)
  for (const { sql } of indexes) sqlite.exec(sql)
  sqlite.exec('commit')
  sqlite.close()
}

async function fillPostgres(url: string, merchantId: string, orders: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows: indexes } = await client.query<{ indexname: string; indexdef: string }>(
      `select indexname, indexdef from pg_indexes where tablename in ('orders', 'payments')
       and indexname not in (select conname from pg_constraint)`,
    )
    await client.query(`set maintenance_work_mem = '512MB'`)
    await client.query('begin')
    for (const { indexname } of indexes) await client.query(`drop index ${indexname}`)
    await client.query('alter table order_items disable trigger all')
    await client.query('alter table payments disable trigger all')
    for (const statement of statements(merchantId, orders, POSTGRES)) await client.query(statement)
    await client.query('alter table order_items enable trigger all')
    await client.query('alter table payments enable trigger all')
    for (const { indexdef } of indexes) await client.query(indexdef)
    await client.query('commit')
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}

/** The path of a SQLite database in a workshop's folder, as `DATABASE_URL` has it. */
export function sqliteIn(dir: string, name: string): string {
  return `sqlite:${join(dir, `${name}.sqlite`)}`
}
