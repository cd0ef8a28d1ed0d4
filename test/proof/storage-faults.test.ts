import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import request from 'supertest'
import { openCheckout } from '../../src/checkout/open-checkout.ts'
import { lookAtDueOrders } from '../../src/checkout/watch-orders.ts'
import { systemClock } from '../../src/clock.ts'
import { openDatabase } from '../../src/db/database.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { signWebhook } from '../../src/justifi/webhook-signature.ts'
import { createLog } from '../../src/log.ts'
import { type RunningSandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts'
import type { Probe } from '../support/crash-points.ts'
import { CRASH_WEBHOOK_SECRET, type CrashShop, openCrashShop } from '../support/crash-shop.ts'
import { violationsOf } from './model/invariants.ts'
import { JustifiHand } from './model/justifi-hand.ts'
import { differencesOf } from './model/ledger.ts'
import { snapshotOf } from './model/snapshot.ts'
import type { WorldDatabase } from './model/world.ts'
import { placeOneMug } from './processes/place-one-mug.ts'
import { databaseOf } from './processes/scene.ts'

let database: WorldDatabase
let sandbox: RunningSandbox
let justifi: JustifiHand
let shop: CrashShop
let probe: Probe

async function open(engine: 'sqlite' | 'postgres'): Promise<void> {
  database = await databaseOf(engine)
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1' })
  justifi = new JustifiHand(sandbox.url)
  probe = () => {}
  shop = await openCrashShop({
    database: database.config,
    sandboxUrl: sandbox.url,
    clock: systemClock,
    log: createLog('silent'),
    probe: (point) => probe(point),
  })
}

afterEach(async () => {
  await shop.close()
  await sandbox.close()
  await database.drop()
})

/** An order that was paid, which the shop has not heard of. */
async function paidOrder() {
  const placed = await placeOneMug(shop.ctx, 'form-1')
  await openCheckout(shop.ctx, placed.orderId, 'pay')
  const { checkout_sessions } = await justifi.books()
  await justifi.card(String(checkout_sessions.at(-1)?.id), 'good')
  return placed
}

async function deliver(facts: object = {}): Promise<number> {
  const { events } = await justifi.books()
  const event = events.find(({ event_name }) => event_name === 'payment_intent.succeeded')
  const body = JSON.stringify({ ...event, ...facts })
  const sentAt = new Date().toISOString()
  const { status } = await request(shop.url)
    .post('/webhooks/justifi')
    .set('JUSTIFI-SIGNATURE', signWebhook(CRASH_WEBHOOK_SECRET, sentAt, body))
    .set('JUSTIFI-TIMESTAMP', sentAt)
    .set('Content-Type', 'application/json')
    .send(body)
  return status
}

async function demandSound(): Promise<void> {
  const now = await snapshotOf({ shop, justifi, clock: systemClock })
  expect([...violationsOf(now, undefined), ...differencesOf(now)]).toEqual([])
}

describe('a shop on SQLite', () => {
  beforeEach(() => open('sqlite'))

  it('C15: claims nothing while its disk is full, and goes on by itself once it is not', async () => {
    const { db } = shop.ctx
    const { token } = await paidOrder()
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(db)

    expect(await deliver({ note: 'x'.repeat(200_000) })).toBe(503)
    await request(shop.url).get('/').expect(200)
    await request(shop.url).get('/shops/fernhill-pottery').expect(200)
    expect(await db.selectFrom('webhook_events').select('id').execute()).toEqual([])

    await sql`pragma max_page_count = 1073741823`.execute(db)
    expect(await deliver({ note: 'x'.repeat(200_000) })).toBe(200)
    await lookAtDueOrders(shop.ctx)
    await request(shop.url)
      .get(`/orders/${token}`)
      .expect(200, /Payment received/)
    const check = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db)
    expect(check.rows).toEqual([{ integrity_check: 'ok' }])
    await demandSound()
  })

  it('C19: can be copied while it works, and its log of writes stays small', async () => {
    const { db } = shop.ctx
    const { config } = database
    if (config.engine !== 'sqlite') throw new Error('this is about SQLite')
    const copy = join(config.path, '..', 'copy.sqlite')
    const orders = Array.from({ length: 60 }, (_, index) => placeOneMug(shop.ctx, `form-${index}`))
    await sql`vacuum into ${copy}`.execute(db)
    await Promise.all(orders)
    for (let event = 0; event < 60; event++) await fill(event)

    const restored = new DatabaseSync(copy, { readOnly: true })
    const whole = 'select count(*) as n from orders where total_cents <> '
    const items = '(select sum(total_cents) from order_items where order_id = orders.id)'
    expect(restored.prepare(whole + items).get()).toEqual({ n: 0 })
    expect(restored.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    restored.close()
    // SQLite writes its log back at about 4 MB.
    expect(statSync(`${config.path}-wal`).size).toBeLessThan(16_000_000)

    function fill(event: number) {
      return db
        .insertInto('webhook_events')
        .values({
          id: `evt_${event}`,
          name: 'x',
          account_id: null,
          account_type: null,
          body_hash: '',
          body: 'x'.repeat(250_000),
          deliveries: 1,
          outcome: 'unknown_object',
          order_id: null,
          merchant_id: null,
          received_at: new Date().toISOString(),
          processed_at: null,
        })
        .execute()
    }
  })
})

describe('a shop on PostgreSQL', () => {
  beforeEach(() => open('postgres'))

  it('C21: keeps nothing of a transaction whose connection was cut, and does it again', async () => {
    await paidOrder()
    let isCut = false
    probe = async (point) => {
      if (isCut || point !== 'before commit: orders, webhook_events') return
      isCut = true
      await cutTransactions()
    }

    expect(await deliver()).toBe(503)
    expect(isCut).toBe(true)
    const kept = await shop.ctx.db.selectFrom('webhook_events').select('id').execute()
    expect(kept).toEqual([])

    expect(await deliver()).toBe(200)
    await lookAtDueOrders(shop.ctx)
    await demandSound()
  })

  it('C21: takes a commit whose answer was lost for neither done nor undone', async () => {
    await paidOrder()
    let isLost = false
    probe = (point) => {
      if (isLost || point !== 'after commit: orders, webhook_events') return
      isLost = true
      throw new Error('Connection terminated unexpectedly')
    }

    expect(await deliver()).toBe(503)
    expect(isLost).toBe(true)
    expect(await deliver()).toBe(200)

    const events = await shop.ctx.db.selectFrom('webhook_events').select('deliveries').execute()
    expect(events).toEqual([{ deliveries: 2 }])
    await lookAtDueOrders(shop.ctx)
    await demandSound()
  })

  it('C22: holds no connection while JustiFi is asked, and so serves others meanwhile', async () => {
    await justifi.fault({
      method: 'POST',
      path: '/v1/payment_intents',
      kind: 'delay',
      delay_ms: 1_500,
      times: 99,
    })
    const orders = await Promise.all(
      Array.from({ length: 25 }, (_, index) => placeOneMug(shop.ctx, `form-${index}`)),
    )
    const opened = Promise.all(
      orders.map(({ orderId }) => openCheckout(shop.ctx, orderId, 'checkout')),
    )
    await untilAsked(25)

    const held = await sql<{ n: number }>`
      select count(*) as n from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'
    `.execute(shop.ctx.db)
    expect(held.rows).toEqual([{ n: 0 }])
    await request(shop.url).get('/shops/fernhill-pottery').expect(200)

    expect((await opened).map(({ kind }) => kind)).toEqual(orders.map(() => 'page'))
  })

  it('C23: does a transaction again that PostgreSQL gave up, and its effects once', async () => {
    const { db } = shop.ctx
    const [first, second] = [await placeOneMug(shop.ctx, 'a'), await placeOneMug(shop.ctx, 'b')]
    const bothHoldOne = barrier(2)
    const touch = (ids: string[]) =>
      inTransaction(db, async (trx) => {
        for (const [index, id] of ids.entries()) {
          await trx
            .updateTable('orders')
            .set((set) => ({ version: set('version', '+', 1) }))
            .where('id', '=', id)
            .execute()
          if (index === 0) await bothHoldOne()
        }
      })

    await Promise.all([
      touch([first.orderId, second.orderId]),
      touch([second.orderId, first.orderId]),
    ])

    const versions = await db.selectFrom('orders').select('version').execute()
    expect(versions).toEqual([{ version: 3 }, { version: 3 }])
  })

  it('C24: commits to disk whatever the database was set to', async () => {
    const { config } = database
    if (config.engine !== 'postgres') throw new Error('this is about PostgreSQL')
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(
      shop.ctx.db,
    )
    await sql
      .raw(`alter database "${rows[0]?.name}" set synchronous_commit = off`)
      .execute(shop.ctx.db)

    const db = openDatabase(config, createLog('silent'))
    const setting = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(db)
    await db.destroy()

    expect(setting.rows).toEqual([{ synchronous_commit: 'on' }])
  })

  async function cutTransactions(): Promise<void> {
    const db = openDatabase(database.config, createLog('silent'))
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'
    `.execute(db)
    await db.destroy()
  }

  async function untilAsked(calls: number): Promise<void> {
    for (;;) {
      const { requests } = await justifi.books()
      const asked = requests.filter(
        ({ method, path }) => method === 'POST' && path === '/v1/payment_intents',
      )
      if (asked.length >= calls) return
    }
  }
})

/** Lets nobody pass before so many have come; from then on, everybody. */
function barrier(count: number): () => Promise<void> {
  let left = count
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    left -= 1
    if (left <= 0) open()
    return opened
  }
}
