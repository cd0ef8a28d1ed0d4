import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'

/** What the driver needs of SQLite. Everything in it happens at once, on the one connection. */
export type Sqlite = {
  prepare(sql: string): SqliteStatement
  /** False also after SQLite gave a transaction up by itself, as for a full disk. */
  readonly isTransaction: boolean
  close(): void
}

export type SqliteStatement = {
  /** Whether it answers rows. */
  reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): {
    changes: number | bigint
    lastInsertRowid: number | bigint
  }
}

/**
 * Kysely on one SQLite connection that everybody shares.
 *
 * To flush a commit to disk takes many times as long as all that it writes. So those who write in
 * one turn of the event loop share a commit: each works behind a savepoint, is undone alone where
 * it fails, and is told of success when the commit is on disk. Who reads what is not on disk yet
 * is told when it is, so nobody acts on, or shows, what a power cut could take back.
 */
export class SqliteDriver implements Driver {
  readonly #open: () => Sqlite
  readonly #turns = new Turns()
  #opened: Sqlite | undefined
  #commit: SharedCommit | undefined

  constructor(open: () => Sqlite) {
    this.#open = open
  }

  async init(): Promise<void> {
    this.#opened = this.#open()
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteConnection((connection, query) => this.#execute(connection, query))
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(connection: SqliteConnection): Promise<void> {
    await this.#turns.take()
    try {
      this.#joinCommit()
      this.#do('savepoint work')
      connection.isInTransaction = true
    } catch (error) {
      this.#turns.pass()
      throw error
    }
  }

  async commitTransaction(connection: SqliteConnection): Promise<void> {
    this.#do('release work')
    const commit = this.#commit
    this.#endTransaction(connection)
    await commit?.onDisk
  }

  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    if (!connection.isInTransaction) return
    try {
      if (this.#sqlite.isTransaction) {
        this.#do('rollback to work')
        this.#do('release work')
      }
    } finally {
      this.#endTransaction(connection)
    }
  }

  async destroy(): Promise<void> {
    await this.#turns.take()
    this.#finishCommit()
    this.#sqlite.close()
  }

  get #sqlite(): Sqlite {
    if (!this.#opened) throw new Error('the database is not open')
    return this.#opened
  }

  #endTransaction(connection: SqliteConnection): void {
    connection.isInTransaction = false
    this.#turns.pass()
  }

  async #execute(
    connection: SqliteConnection,
    query: CompiledQuery,
  ): Promise<QueryResult<unknown>> {
    if (connection.isInTransaction) {
      // SQLite gave it up by itself; what follows would be kept without what went before.
      if (!this.#sqlite.isTransaction) throw new Error('the transaction has been given up')
      return this.#run(query)
    }

    await this.#turns.take()
    let commit: SharedCommit | undefined
    let result: QueryResult<unknown>
    try {
      if (WRITES.has(query.query.kind)) this.#joinCommit()
      // What is neither, such as a pragma, may not work within a transaction.
      else if (query.query.kind !== 'SelectQueryNode') this.#finishCommit()
      commit = this.#commit
      result = this.#run(query)
    } finally {
      this.#turns.pass()
    }
    await commit?.onDisk
    return result
  }

  #run({ sql, parameters }: CompiledQuery): QueryResult<unknown> {
    const statement = this.#sqlite.prepare(sql)
    try {
      return this.#step(statement, parameters)
    } catch (error) {
      if (!this.#sqlite.isTransaction) this.#giveUpCommit(error)
      throw error
    }
  }

  #step(statement: SqliteStatement, parameters: readonly unknown[]): QueryResult<unknown> {
    if (statement.reader) return { rows: statement.all(parameters) }
    const { changes, lastInsertRowid } = statement.run(parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  #do(sql: string): void {
    this.#sqlite.prepare(sql).run([])
  }

  /** Begins a commit for all who write in this turn, unless one has begun. */
  #joinCommit(): void {
    if (this.#commit) return

    this.#do('begin immediate')
    this.#commit = new SharedCommit()
    void this.#finishLater()
  }

  async #finishLater(): Promise<void> {
    await nextTurn()
    await this.#turns.take()
    this.#finishCommit()
    this.#turns.pass()
  }

  /** SQLite gave the transaction up by itself: what everybody wrote in it is lost. */
  #giveUpCommit(error: unknown): void {
    this.#commit?.fail(error)
    this.#commit = undefined
  }

  #finishCommit(): void {
    const commit = this.#commit
    this.#commit = undefined
    if (!commit) return
    try {
      this.#do('commit')
      commit.succeed()
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#do('rollback')
      commit.fail(error)
    }
  }
}

type Execute = (connection: SqliteConnection, query: CompiledQuery) => Promise<QueryResult<unknown>>

const WRITES = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'])

class SqliteConnection implements DatabaseConnection {
  isInTransaction = false
  readonly #execute: Execute

  constructor(execute: Execute) {
    this.#execute = execute
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#execute(this, query) as Promise<QueryResult<R>>
  }

  /** All rows at once: who reads many reads them in batches. */
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query)
  }
}

class SharedCommit {
  /** Rejects where the commit failed: then nothing of what its members wrote is kept. */
  readonly onDisk: Promise<void>
  readonly succeed: () => void
  readonly fail: (error: unknown) => void

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.onDisk = promise
    this.succeed = resolve
    this.fail = reject
    // Members that were undone do not wait for it.
    promise.catch(() => undefined)
  }
}

/** Lets one at a time, in the order of their coming. */
class Turns {
  #isTaken = false
  readonly #waiting: (() => void)[] = []

  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#isTaken = true
  }

  pass(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#isTaken = false
  }
}
