import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely'

const STATEMENTS_KEPT = 500

/**
 * Kysely on Node's own SQLite.
 *
 * Durability comes before speed: WAL with synchronous=FULL flushes each commit to disk before it
 * is acknowledged. Transactions are ours only to write, so each begins IMMEDIATE: two processes
 * then queue for the lock, instead of failing when a reader turns writer.
 */
export function sqliteDialect(path: string): Dialect {
  const config: SqliteDialectConfig = { database: async () => kept(openSqlite(path)) }

  return Object.assign(new SqliteDialect(config), {
    createDriver: () => new ImmediateSqliteDriver(config),
    createAdapter: () => new TransactionalDdlSqliteAdapter(),
  })
}

function openSqlite(path: string): DatabaseSync {
  if (path !== ':memory:') makePrivate(path)
  const sqlite = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true })
  sqlite.exec('pragma journal_mode = wal; pragma synchronous = full;')
  return sqlite
}

/** It holds names and addresses. SQLite gives the files beside it the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a', 0o600))
}

/** Keeps prepared statements by their text, the most recently used ones. */
function kept(sqlite: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()

  return {
    close: () => sqlite.close(),
    prepare(sql) {
      const statement = statements.get(sql) ?? prepared(sqlite, sql)
      statements.delete(sql)
      statements.set(sql, statement)
      if (statements.size > STATEMENTS_KEPT) statements.delete(statements.keys().next().value ?? '')
      return statement
    },
  }
}

function prepared(sqlite: DatabaseSync, sql: string): SqliteStatement {
  const statement = sqlite.prepare(sql)
  statement.setReturnArrays(true)
  let columns = statement.columns()
  let toObject = objectMaker(columns)

  return {
    reader: columns.length > 0,
    all(parameters) {
      const rows = statement.all(...bindable(parameters)) as unknown as unknown[][]
      // A newer version of the shop may have altered the table meanwhile.
      if (rows[0] && rows[0].length !== columns.length) {
        columns = statement.columns()
        toObject = objectMaker(columns)
      }
      return rows.map(toObject)
    },
    run: (parameters) => statement.run(...bindable(parameters)),
    // An iteration outlives the call, so it gets a statement that nobody else steps.
    iterate: (parameters) => sqlite.prepare(sql).iterate(...bindable(parameters)),
  }
}

/**
 * Makes a row's values into an object. Those that node:sqlite makes are dictionaries, slow to build
 * and to read; a literal with every column in its place is neither.
 */
function objectMaker(columns: { name: string }[]): (values: unknown[]) => unknown {
  const fields = columns.map(({ name }, index) => `${JSON.stringify(name)}: values[${index}]`)
  return new Function('values', `return { ${fields.join(', ')} }`) as (values: unknown[]) => unknown
}

function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters as SQLInputValue[]
}

class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** Lets the migrator run all its steps in one transaction, which on SQLite is also its lock. */
class TransactionalDdlSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
