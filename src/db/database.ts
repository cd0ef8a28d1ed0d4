import { Kysely, type Transaction as KyselyTransaction } from 'kysely'
import type { DatabaseConfig } from '../config.ts'
import type { Logger } from '../log.ts'
import { postgresDialect } from './postgres.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite.ts'

/** Either the database or a transaction on it: for queries that do not care. */
export type Db = Kysely<Schema>

/**
 * For queries that only make sense inside one. On SQLite, writing to the database itself inside a
 * transaction waits for ever: there is one connection to write on.
 */
export type Transaction = KyselyTransaction<Schema>

/** Opens the database. It connects lazily; `migrateDatabase` is usually the first to use it. */
export function openDatabase(config: DatabaseConfig, log: Logger): Db {
  return new Kysely<Schema>({
    dialect:
      config.engine === 'sqlite' ? sqliteDialect(config.path) : postgresDialect(config.url, log),
  })
}
