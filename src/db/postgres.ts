import { type Dialect, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { Logger } from '../log.ts'

const POOL_SIZE = 10

/** A server may be set to answer before it flushes. Stricter settings than `on` stay. */
const COMMIT_TO_DISK = `select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') = 'off'`

/**
 * Kysely on PostgreSQL. Sums and counts come back as numbers: no amount here outgrows 2^53. pg is
 * loaded here: a shop on SQLite starts without it.
 */
export function postgresDialect(url: string, log: Logger): Dialect {
  return new PostgresDialect({ pool: () => openPool(url, log) })
}

async function openPool(url: string, log: Logger): Promise<pg.Pool> {
  const { default: pg } = await import('pg')
  const { builtins, getTypeParser } = pg.types
  const numbersParsed = (oid: number, format?: 'text' | 'binary') =>
    oid === builtins.INT8 || oid === builtins.NUMERIC
      ? Number
      : getTypeParser(oid, format as 'text')

  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 5_000,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    types: { getTypeParser: numbersParsed as typeof getTypeParser },
  })
  pool.on('connect', (client) => {
    // Whoever uses the connection is told by its next query. Without a listener, one that breaks
    // between two queries of a transaction ends the process.
    client.on('error', (err) => log.warn({ err }, 'a database connection broke'))
    // A commit that is not on disk could be undone by a power cut, after the customer was sent to pay.
    client.query(COMMIT_TO_DISK).catch((err: unknown) => {
      log.error({ err }, 'PostgreSQL could not be told to commit to disk')
    })
  })
  // One that breaks while nobody uses it is told of above; the pool must be listened to as well.
  pool.on('error', () => {})

  return pool
}
