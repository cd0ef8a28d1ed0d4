import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { SharedCommit, Turns } from './shared-commit.ts'

/**
 * In a crowd the first need not wait until the last have written: by then JustiFi could long have
 * their calls. A commit costs half a millisecond, so this is a few of them.
 */
const SHARED_FOR_MS = 4

/** A connection to SQLite. What it is told to do is done when the call returns. */
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

/** One that writes, and one that reads and sees of it what is committed. */
export type SqlitePair = { writer: Sqlite; reader: Sqlite }

/**
 * Kysely on two SQLite connections that everybody shares.
 *
 * To flush a commit to disk takes many times as long as all that it writes. So those who write in
 * one turn of the event loop share a commit: each works behind a savepoint, is undone alone where
 * it fails, and is told of success when the commit is on disk. Reads outside transactions have the
 * other connection: they wait for nobody, and see what is on disk. So nobody acts on, or shows,
 * what a power cut could take back.
 */
export class SqliteDriver implements Driver {
  readonly #open: () => SqlitePair
  readonly #turns = new Turns()
  #opened: SqlitePair | undefined
  #commit: SharedCommit | undefined

  constructor(open: () => SqlitePair) {
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
      await this.#joinCommit()
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
    const commit = this.#commit
    try {
      if (this.#writer.isTransaction) {
        this.#do('rollback to work')
        this.#do('release work')
      }
    } finally {
      this.#endTransaction(connection)
    }
    await commit?.over
  }

  async destroy(): Promise<void> {
    await this.#turns.take()
    this.#finishCommit()
    this.#both.reader.close()
    this.#both.writer.close()
  }

  get #both(): SqlitePair {
    if (!this.#opened) throw new Error('the database is not open')
    return this.#opened
  }

  get #writer(): Sqlite {
    return this.#both.writer
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
      if (!this.#writer.isTransaction) throw new Error('the transaction has been given up')
      return this.#write(query)
    }
    if (query.query.kind === 'SelectQueryNode') return run(this.#both.reader, query)

    const { commit, outcome } = await this.#inTurn(async () => {
      if (WRITES.has(query.query.kind)) await this.#joinCommit()
      // What is neither, such as a pragma, may not work within a transaction.
      else this.#finishCommit()
      return this.#write(query)
    })
    await commit?.over
    if ('error' in outcome) throw outcome.error
    await commit?.onDisk
    return outcome.result
  }

  /** What came of a piece of work that had the writer for itself, and the commit that it joined. */
  async #inTurn<Result>(
    work: () => Promise<Result>,
  ): Promise<{ commit: SharedCommit | undefined; outcome: Outcome<Result> }> {
    await this.#turns.take()
    try {
      const outcome = await work().then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      )
      return { commit: this.#commit, outcome }
    } finally {
      this.#turns.pass()
    }
  }

  #write(query: CompiledQuery): QueryResult<unknown> {
    try {
      return run(this.#writer, query)
    } catch (error) {
      if (!this.#writer.isTransaction) this.#giveUpCommit(error)
      throw error
    }
  }

  #do(sql: string): void {
    this.#writer.prepare(sql).run([])
  }

  /** Begins a commit for all who write in this turn, unless one has begun and is not old yet. */
  async #joinCommit(): Promise<void> {
    if (this.#commit) {
      if (performance.now() - this.#commit.since < SHARED_FOR_MS) return
      this.#finishCommit()
      // Who is through goes on first, and what he sends leaves before the next begin.
      await nextTurn()
    }
    this.#do('begin immediate')
    this.#commit = new SharedCommit()
    void this.#finishLater(this.#commit)
  }

  async #finishLater(commit: SharedCommit): Promise<void> {
    await nextTurn()
    if (commit !== this.#commit) return
    await this.#turns.take()
    if (commit === this.#commit) this.#finishCommit()
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
      if (this.#writer.isTransaction) this.#do('rollback')
      commit.fail(error)
    }
  }
}

type Execute = (connection: SqliteConnection, query: CompiledQuery) => Promise<QueryResult<unknown>>

const WRITES = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'])

function run(sqlite: Sqlite, { sql, parameters }: CompiledQuery): QueryResult<unknown> {
  const statement = sqlite.prepare(sql)
  if (statement.reader) return { rows: statement.all(parameters) }
  const { changes, lastInsertRowid } = statement.run(parameters)
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
}

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

type Outcome<Result> = { result: Result } | { error: unknown }
