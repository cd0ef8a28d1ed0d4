import { PostgresAdapter, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Db } from './database.ts'
import * as shop from './migrations/0001-shop.ts'
import * as settlement from './migrations/0002-settlement.ts'
import * as users from './migrations/0003-users.ts'
import * as orderSearch from './migrations/0004-order-search.ts'
import * as jobs from './migrations/0005-jobs.ts'
import * as userMails from './migrations/0007-user-mails.ts'
import * as products from './migrations/0008-products.ts'
import * as attention from './migrations/0009-attention.ts'

/**
 * In their order. A landed one is never edited: the next change is the next number. There is no
 * 0006: what it was kept for landed after 0007, and so became 0008.
 */
const MIGRATIONS: Record<string, Migration> = {
  '0001-shop': shop,
  '0002-settlement': settlement,
  '0003-users': users,
  '0004-order-search': orderSearch,
  '0005-jobs': jobs,
  '0007-user-mails': userMails,
  '0008-products': products,
  '0009-attention': attention,
}

/** The database was made by a newer version of the shop than this one. */
export class SchemaTooNewError extends Error {
  override name = 'SchemaTooNewError'

  constructor(unknown: string[]) {
    super(
      `The database is newer than this version of the shop: it has ${unknown.join(', ')}. ` +
        'Start the version that made it, or restore a backup from before.',
    )
  }
}

/**
 * Brings the database to the newest schema, in one transaction and under a lock, so that several
 * instances can start at once.
 *
 * @returns the names of the migrations that ran
 * @throws SchemaTooNewError
 */
export async function migrateDatabase(db: Db): Promise<string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => patient(MIGRATIONS) },
  })

  const unknown = await unknownMigrations(db)
  if (unknown.length > 0) throw new SchemaTooNewError(unknown)

  const { error, results } = await migrator.migrateToLatest()
  if (error) throw error
  return (results ?? []).map((result) => result.migrationName)
}

/** A change of many rows takes longer than any statement of a page may. */
function patient(migrations: Record<string, Migration>): Record<string, Migration> {
  const entries = Object.entries(migrations).map(([name, { up }]): [string, Migration] => [
    name,
    {
      async up(db) {
        const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
        if (isPostgres) await sql`set local statement_timeout = 0`.execute(db)
        await up(db)
      },
    },
  ])
  return Object.fromEntries(entries)
}

/** Whether every migration has run, without running any: for the readiness check. */
export async function isMigrated(db: Db): Promise<boolean> {
  const executed = await executedMigrations(db)
  return Object.keys(MIGRATIONS).every((name) => executed.includes(name))
}

async function unknownMigrations(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return []
  return (await executedMigrations(db)).filter((name) => !(name in MIGRATIONS))
}

async function executedMigrations(db: Db): Promise<string[]> {
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map((row) => row.name)
}
