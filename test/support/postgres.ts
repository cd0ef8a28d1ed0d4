import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** An empty database of its own. The URL is one for `DATABASE_URL`. */
export type TestDatabase = { url: string; drop(): Promise<void> }

/** A server of one test's own, to be mistreated. */
export type OwnPostgres = {
  createDatabase(): Promise<TestDatabase>
  /** Stops it without a goodbye, as a power cut would. Its data stays. */
  crash(): Promise<void>
  /** Starts it again on the same socket and data: the URLs stay good. */
  restart(): Promise<void>
  /** Ends it and leaves nothing behind. */
  close(): Promise<void>
}

/** Names the folder of the run's shared server to the workers. Set before any test file runs. */
export const SHARED_HOME = 'TEST_POSTGRES_HOME'

const KEEPER = join(import.meta.dirname, 'postgres-keeper.ts')
const KEEPER_TIMEOUT_MS = 10_000
/** What a Unix socket's path may hold on macOS, the shortest of all, less the names in the folder. */
const MAX_HOME_LENGTH = 103 - '/.s.PGSQL.5432'.length

/**
 * A fresh database on the server that all test files of this run share. The first to ask starts it.
 *
 * @throws Error with the reason, where PostgreSQL is missing or does not start
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const home = process.env[SHARED_HOME]
  if (!home) throw new Error(`${SHARED_HOME} is unset: run this through jest.config.js`)
  await tell(home, 'start')
  return createDatabase(home)
}

/**
 * A server for the caller alone. With `fsync` on, what it acknowledges is on disk, as in production.
 *
 * @throws Error with the reason, where PostgreSQL is missing or does not start
 */
export async function startPostgres(options: { fsync: boolean }): Promise<OwnPostgres> {
  const home = openKeeper(options)
  const close = () => tell(home, 'close')
  await tell(home, 'start').catch(async (error) => {
    await close()
    throw error
  })
  return {
    createDatabase: () => createDatabase(home),
    crash: () => tell(home, 'crash'),
    restart: () => tell(home, 'start'),
    close,
  }
}

/** Starts a keeper, but no server yet. Answers the folder that both live in. */
export function openKeeper({ fsync }: { fsync: boolean }): string {
  const prefix = join(tmpdir(), 'test-postgres-')
  const home = mkdtempSync(prefix.length + 6 > MAX_HOME_LENGTH ? '/tmp/test-postgres-' : prefix)

  // A session of its own, so that Ctrl-C reaches us alone; our end of the pipe closes with us,
  // however we end, and that is what the keeper goes by.
  const keeper = spawn(process.execPath, [KEEPER, home, `fsync=${fsync ? 'on' : 'off'}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  keeper.unref()
  return home
}

/** Stops the server, if any, and removes the folder. */
export function closeKeeper(home: string): Promise<void> {
  return tell(home, 'close')
}

async function createDatabase(home: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await administer(home, `create database ${name}`)
  return {
    url: urlOf(home, name),
    drop: () => administer(home, `drop database if exists ${name} with (force)`),
  }
}

async function administer(home: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(home, 'postgres') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** With a host name that the parameter overrules, since `new URL` refuses a user at no host. */
function urlOf(home: string, database: string): string {
  return `postgres://shop@localhost/${database}?host=${encodeURIComponent(home)}`
}

async function tell(home: string, command: 'start' | 'crash' | 'close'): Promise<void> {
  const connection = await reach(join(home, 'keeper.sock'))
  connection.write(`${command}\n`)
  const { error } = JSON.parse(await text(connection)) as { error?: string }
  if (error) throw new Error(error)
}

async function reach(path: string) {
  const deadline = Date.now() + KEEPER_TIMEOUT_MS
  for (;;) {
    const connection = createConnection(path)
    try {
      await once(connection, 'connect')
      return connection
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error('the keeper of the PostgreSQL server does not answer', { cause: error })
      }
      await sleep(20)
    }
  }
}
