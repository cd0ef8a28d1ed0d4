import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import {
  type Sqlite,
  SqliteDriver,
  type SqlitePair,
  type SqliteStatement,
} from './sqlite-driver.ts'

const STATEMENTS_KEPT = 500

/**
 * Kysely on Node's own SQLite.
 *
 * Durability comes before speed: WAL with synchronous=FULL flushes each commit to disk before it
 * is acknowledged. Transactions are ours only to write, so each begins IMMEDIATE: two processes
 * then queue for the lock, instead of failing when a reader turns writer.
 */
export function sqliteDialect(path: string): Dialect {
  return {
    createDriver: () => new SqliteDriver(() => openSqlite(path)),
    createAdapter: () => new OurSqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

function openSqlite(path: string): SqlitePair {
  makePrivate(path)
  const writer = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true })
  writer.exec('pragma journal_mode = wal; pragma synchronous = full;')
  const reader = new DatabaseSync(path, { timeout: 5_000, readOnly: true })

  return { writer: connection(writer), reader: connection(reader) }
}

function connection(sqlite: DatabaseSync): Sqlite {
  return {
    prepare: keptStatements(sqlite),
    get isTransaction() {
      return sqlite.isTransaction
    },
    close: () => sqlite.close(),
  }
}

/** It holds names and addresses. SQLite gives the files beside it the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a', 0o600))
}

/** Keeps prepared statements by their text, the most recently used ones. */
function keptStatements(sqlite: DatabaseSync): (sql: string) => SqliteStatement {
  const statements = new Map<string, SqliteStatement>()

  return (sql) => {
    const statement = statements.get(sql) ?? prepared(sqlite, sql)
    statements.delete(sql)
    statements.set(sql, statement)
    if (statements.size > STATEMENTS_KEPT) statements.delete(statements.keys().next().value ?? '')
    return statement
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

class OurSqliteAdapter extends SqliteAdapter {
  /** Lets the migrator run all its steps in one transaction, which on SQLite is also its lock. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }

  /** The driver itself lets one transaction at a time at the one that there is. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}
