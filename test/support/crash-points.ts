import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import type { Justifi } from '../../src/justifi/create-hosted-checkout.ts'

/**
 * Told of every place at which the shop's process can end with something half done: before and
 * after each commit, and before and after each call to JustiFi. It may wait there, or end it all.
 */
export type Probe = (point: string) => void | Promise<void>

const WRITE = /\b(?:insert into|update|delete from)\s+"(\w+)"/i

/**
 * A database whose commits have points before and after them, named by the tables that they write:
 * `before commit: orders, timeline`.
 */
export function probedDialect(dialect: Dialect, probe: Probe): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => new ProbedDriver(dialect.createDriver(), probe),
  }
}

/** JustiFi with a point before and after each call: `before refund`, `after refund` … */
export function probedJustifi(justifi: Justifi, probe: Probe): Justifi {
  return new Proxy(justifi, {
    get(target, name: keyof Justifi) {
      const member = target[name]
      if (typeof member !== 'function' || name === 'pageUrl') return member
      return async (...parameters: unknown[]) => {
        await probe(`before ${name}`)
        const answer = await (member as (...parameters: unknown[]) => unknown)(...parameters)
        await probe(`after ${name}`)
        return answer
      }
    },
  })
}

class ProbedDriver implements Driver {
  readonly #inner: Driver
  readonly #probe: Probe

  constructor(inner: Driver, probe: Probe) {
    this.#inner = inner
    this.#probe = probe
  }

  init(): Promise<void> {
    return this.#inner.init()
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new ProbedConnection(await this.#inner.acquireConnection(), this.#probe)
  }

  async beginTransaction(connection: ProbedConnection, settings: TransactionSettings) {
    await this.#inner.beginTransaction(connection.inner, settings)
    connection.writes = new Set()
  }

  async commitTransaction(connection: ProbedConnection): Promise<void> {
    const what = [...(connection.writes ?? [])].sort().join(', ')
    if (what !== '') await this.#probe(`before commit: ${what}`)
    await this.#inner.commitTransaction(connection.inner)
    connection.writes = undefined
    if (what !== '') await this.#probe(`after commit: ${what}`)
  }

  async rollbackTransaction(connection: ProbedConnection): Promise<void> {
    connection.writes = undefined
    await this.#inner.rollbackTransaction(connection.inner)
  }

  releaseConnection(connection: ProbedConnection): Promise<void> {
    return this.#inner.releaseConnection(connection.inner)
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }
}

class ProbedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection
  /** What the transaction under way has written; undefined outside of one. */
  writes: Set<string> | undefined
  readonly #probe: Probe

  constructor(inner: DatabaseConnection, probe: Probe) {
    this.inner = inner
    this.#probe = probe
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const [, table] = WRITE.exec(query.sql) ?? []
    if (table && this.writes) {
      const result = await this.inner.executeQuery<R>(query)
      this.writes.add(table)
      return result
    }

    // Outside a transaction each statement is one of its own.
    await this.#probe(table ? `before commit: ${table}` : 'read')
    const result = await this.inner.executeQuery<R>(query)
    if (table) await this.#probe(`after commit: ${table}`)
    return result
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number) {
    return this.inner.streamQuery<R>(query, chunkSize)
  }
}
