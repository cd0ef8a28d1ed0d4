import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import { readConfig } from '../src/config.ts'
import { compiled } from '../src/db/compiled.ts'
import { type Db, openDatabase } from '../src/db/database.ts'
import { isMigrated, migrateDatabase, SchemaTooNewError } from '../src/db/migrate.ts'
import { createLog } from '../src/log.ts'
import { createTestDatabase } from './support/postgres.ts'
import { ENGINES } from './support/store.ts'

const log = createLog('silent')

/** Runs one of the project's programs, and answers what it printed. */
async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const options = { env: { ...process.env, ...env } }
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], options)
  return stdout
}

describe.each(ENGINES)('a database on %s', (engine) => {
  let url: string
  let open: Db[]
  let clean: () => Promise<void>

  beforeEach(async () => {
    open = []
    if (engine === 'postgres') {
      const database = await createTestDatabase()
      url = database.url
      clean = () => database.drop()
    } else {
      const folder = mkdtempSync(join(tmpdir(), 'database-'))
      url = `sqlite:${join(folder, 'deep/shop.sqlite')}`
      clean = async () => rmSync(folder, { recursive: true })
    }
  })
  afterEach(async () => {
    await Promise.all(open.map((db) => db.destroy()))
    await clean()
  })

  function connect(): Db {
    const db = openDatabase(readConfig({ DATABASE_URL: url }).database, log)
    open.push(db)
    return db
  }

  it('C28: is migrated once, also by several processes that start at the same time', async () => {
    const printed = await Promise.all(
      [1, 2, 3].map(() => run('src/commands/migrate.ts', [], { DATABASE_URL: url })),
    )
    expect(printed.filter((line) => line.includes('0001-shop, 0002-settlement'))).toHaveLength(1)
    expect(printed.filter((line) => line.includes('up to date'))).toHaveLength(2)
    expect(await isMigrated(connect())).toBe(true)
  })

  it('C28: is left alone when it is newer than the code', async () => {
    const db = connect()
    await migrateDatabase(db)
    await sql`insert into kysely_migration (name, timestamp) values ('0999-future', '')`.execute(db)

    await expect(migrateDatabase(db)).rejects.toThrow(SchemaTooNewError)
    await expect(migrateDatabase(db)).rejects.toThrow(/0999-future/)
  })

  if (engine === 'postgres') {
    it('is migrated without a limit of time, however much it holds', async () => {
      const db = connect()
      await sql`create table noted (what text, limit_of_time text)`.execute(db)
      await sql`create function note() returns event_trigger language plpgsql as $$ begin
        insert into noted select object_identity, current_setting('statement_timeout')
        from pg_event_trigger_ddl_commands(); end $$`.execute(db)
      await sql`create event trigger noting on ddl_command_end
        when tag in ('CREATE TABLE', 'ALTER TABLE', 'CREATE INDEX')
        execute function note()`.execute(db)
      await migrateDatabase(db)

      const { rows } = await sql<{ what: string }>`select distinct what from noted
        where limit_of_time <> '0' and what not like '%kysely%'`.execute(db)
      expect(rows).toEqual([])
      const { rows: after } = await sql`select current_setting('statement_timeout') as now`.execute(
        db,
      )
      expect(after).toEqual([{ now: '5s' }])
    })
  }

  it('C28: keeps nothing of a migration that broke off', async () => {
    const db = connect()
    await sql`create table sessions (id text)`.execute(db)

    await expect(migrateDatabase(db)).rejects.toThrow(/sessions/)
    const tables = await db.introspection.getTables()
    expect(tables.map(({ name }) => name)).toEqual(['sessions'])
  })

  it('rolls back what a failed transaction wrote', async () => {
    const db = connect()
    await migrateDatabase(db)
    const write = db.transaction().execute(async (trx) => {
      await trx.insertInto('sessions').values({ id: 's', data: '{}', expires_at: 'x' }).execute()
      throw new Error('changed my mind')
    })
    await expect(write).rejects.toThrow('changed my mind')
    expect(await db.selectFrom('sessions').selectAll().execute()).toEqual([])
  })

  it('refuses rows of an order that name another merchant', async () => {
    const db = connect()
    await migrateDatabase(db)
    const orphan = db
      .insertInto('timeline')
      .values({
        id: 't',
        order_id: 'o',
        merchant_id: 'm',
        at: '',
        kind: 'placed',
        source: 'checkout',
        actor: null,
        data: '{}',
      })
      .execute()
    await expect(orphan).rejects.toThrow(/foreign key/i)
  })

  it('answers sums and large amounts as numbers', async () => {
    const db = connect()
    const { rows } = await sql`select cast(9007199254740991 as bigint) as large`.execute(db)
    expect(rows).toEqual([{ large: 9007199254740991 }])
  })

  it('runs a compiled query with each call’s own parameters', async () => {
    const db = connect()
    await migrateDatabase(db)
    const add = compiled((on, id: string, data: string) =>
      on.insertInto('sessions').values({ id, data, expires_at: 'x' }).returning('data'),
    )
    expect(await Promise.all([add(db, 'a', '1'), add(db, 'b', '2')])).toEqual([
      [{ data: '1' }],
      [{ data: '2' }],
    ])
  })

  it('gives each value its own column, also when a table was altered since', async () => {
    const db = connect()
    const read = () => sql`select pots.*, 'last' as tail from pots`.execute(db)
    await sql`create table pots (name text, glaze text)`.execute(db)
    await sql`insert into pots values ('mug', 'blue')`.execute(db)
    const before = await read()

    await sql`alter table pots add column fired text default 'yes'`.execute(db)

    expect(before.rows).toEqual([{ name: 'mug', glaze: 'blue', tail: 'last' }])
    expect((await read()).rows).toEqual([
      { name: 'mug', glaze: 'blue', fired: 'yes', tail: 'last' },
    ])
  })
})

describe('SQLite', () => {
  it('C18: lets several processes read, then write, and loses nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'database-'))
    const path = join(folder, 'shop.sqlite')
    const db = openDatabase({ engine: 'sqlite', path }, log)
    await migrateDatabase(db)
    await db.insertInto('rate_limits').values({ key: 'k', points: 0, expires_at: null }).execute()

    const writer = () => run('test/support/counting-writer.ts', [`sqlite:${path}`, '200'])
    await Promise.all([writer(), writer(), writer()])

    const row = await db.selectFrom('rate_limits').selectAll().executeTakeFirst()
    expect(row?.points).toBe(600)
    await db.destroy()
    rmSync(folder, { recursive: true })
  })

  it('C17: flushes each commit and enforces foreign keys', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'database-'))
    const db = openDatabase({ engine: 'sqlite', path: join(folder, 'shop.sqlite') }, log)
    const pragma = async (name: string) =>
      Object.values((await sql.raw(`pragma ${name}`).execute(db)).rows[0] as object)[0]

    expect(await pragma('journal_mode')).toBe('wal')
    expect(await pragma('synchronous')).toBe(2)
    expect(await pragma('foreign_keys')).toBe(1)
    expect(await pragma('busy_timeout')).toBe(5000)

    await db.destroy()
    rmSync(folder, { recursive: true })
  })
})
