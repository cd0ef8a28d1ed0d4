import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import { type Db, openDatabase } from '../src/db/database.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { isDatabaseUnavailable } from '../src/db/unavailable.ts'
import { createLog } from '../src/log.ts'

describe('those who write to SQLite at the same moment', () => {
  let folder: string
  let path: string
  let db: Db
  /** Another process, as it were: it sees what is committed, and nothing else. */
  let other: DatabaseSync

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'commits-'))
    path = join(folder, 'shop.sqlite')
    db = openDatabase({ engine: 'sqlite', path }, createLog('silent'))
    await migrateDatabase(db)
    other = new DatabaseSync(path)
  })
  afterEach(async () => {
    other.close()
    await db.destroy()
    rmSync(folder, { recursive: true })
  })

  function insert(on: Db, key: string) {
    return on.insertInto('rate_limits').values({ key, points: 1, expires_at: null }).execute()
  }

  function insertInTransaction(key: string) {
    return db.transaction().execute((trx) => insert(trx, key))
  }

  function committed(): unknown[] {
    return other
      .prepare('select key from rate_limits order by key')
      .all()
      .map(({ key }) => key)
  }

  /** How much has gone through the write-ahead log. */
  function logged(): number {
    return statSync(`${path}-wal`).size
  }

  it('share commits, and so the wait for the disk', async () => {
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`)
    const before = logged()
    for (const key of keys) await insertInTransaction(`${key} alone`)
    const alone = logged() - before

    await Promise.all(keys.map((key) => insertInTransaction(`${key} together`)))

    expect(logged() - before - alone).toBeLessThan(alone / 10)
    expect(committed()).toHaveLength(100)
  })

  it('are told so when it is committed, and no sooner', async () => {
    const writers = ['a', 'b', 'c'].map((key, index) =>
      (index % 2 ? insert(db, key) : insertInTransaction(key)).then(committed),
    )

    expect(await Promise.all(writers)).toEqual(Array(3).fill(['a', 'b', 'c']))
  })

  it('show nobody what is not committed yet, and let nobody wait for it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const writing = db.transaction().execute(async (trx) => {
      await insert(trx, 'a')
      await promise
    })
    const keys = () => db.selectFrom('rate_limits').select('key').execute()

    expect(await keys()).toEqual([])
    resolve()
    await writing
    expect(await keys()).toEqual([{ key: 'a' }])
  })

  it('are let through in portions when they are many', async () => {
    let doneWhenLastBegan: unknown[] = []
    const slowly = (key: string) =>
      db.transaction().execute(async (trx) => {
        doneWhenLastBegan = committed()
        await insert(trx, key)
        const since = performance.now()
        while (performance.now() - since < 5);
      })

    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(slowly))

    expect(doneWhenLastBegan).toEqual(['a', 'b', 'c', 'd'])
    expect(committed()).toHaveLength(5)
  })

  it('fail alone', async () => {
    const outcomes = await Promise.allSettled([
      insertInTransaction('a'),
      db.transaction().execute(async (trx) => {
        await insert(trx, 'b')
        throw new Error('changed its mind')
      }),
      insert(db, 'a'),
      insertInTransaction('c'),
    ])

    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(committed()).toEqual(['a', 'c'])
  })

  it('are told that they failed when what made them fail can be read', async () => {
    const writing = insertInTransaction('a')
    const keys = () => db.selectFrom('rate_limits').select('key').execute()

    const losers = [insertInTransaction('a'), insert(db, 'a')].map((losing) => losing.catch(keys))

    expect(await Promise.all(losers)).toEqual([[{ key: 'a' }], [{ key: 'a' }]])
    await writing
  })

  it('fail together where the commit fails, and the next succeed', async () => {
    const outcomes = await Promise.allSettled([
      insertInTransaction('a'),
      db.transaction().execute(async (trx) => {
        await sql`pragma defer_foreign_keys = on`.execute(trx)
        await trx
          .insertInto('products')
          .values({
            ...{ id: 'p', merchant_id: 'of nobody', slug: 'p', name: 'P', description: '' },
            ...{ price_cents: 1, image: null, image_alt: '', position: 1, archived_at: null },
            ...{ version: 1, created_at: 'x', updated_at: 'x' },
          })
          .execute()
      }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(committed()).toEqual([])

    await insertInTransaction('b')
    expect(committed()).toEqual(['b'])
  })

  it('fail together where SQLite gives up for a full disk, and the next succeed', async () => {
    const [{ page_count: pages }] = (
      await sql<{ page_count: number }>`pragma page_count`.execute(db)
    ).rows as [{ page_count: number }]
    await sql`pragma max_page_count = ${sql.lit(pages)}`.execute(db)
    const big = 'x'.repeat(1_000_000)

    const outcomes = await Promise.allSettled([
      insertInTransaction('a'),
      db.transaction().execute(async (trx) => {
        await insert(trx, big).catch(() => undefined)
        await insert(trx, 'half of it')
      }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(outcomes.map((outcome) => isDatabaseUnavailable(reasonOf(outcome)))).toEqual([
      true,
      false,
    ])
    expect(committed()).toEqual([])

    await sql`pragma max_page_count = 1000000`.execute(db)
    await insertInTransaction('b')
    expect(committed()).toEqual(['b'])
  })

  it('wait for a transaction that takes its time, and are kept apart from it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow = db.transaction().execute(async (trx) => {
      await insert(trx, 'slow')
      await promise
      return (await trx.selectFrom('rate_limits').select('key').execute()).length
    })
    const quick = insertInTransaction('quick').then(() => 'done')

    await new Promise((later) => setTimeout(later, 50))
    expect(committed()).toEqual([])
    resolve()

    expect(await slow).toBe(1)
    expect(await quick).toBe('done')
    expect(committed()).toEqual(['quick', 'slow'])
  })

  it('leave room for what cannot work in a transaction', async () => {
    const writing = insertInTransaction('a')
    await sql`vacuum`.execute(db)
    await writing
    expect(committed()).toEqual(['a'])
  })
})

function reasonOf(outcome: PromiseSettledResult<unknown>): unknown {
  return outcome.status === 'rejected' ? outcome.reason : undefined
}
