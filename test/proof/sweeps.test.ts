import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sweepDueList } from '../../src/checkout/sweep-lists.ts'
import { lookAtDueOrders } from '../../src/checkout/watch-orders.ts'
import { createLog } from '../../src/log.ts'
import { type CrashShop, openCrashShop } from '../support/crash-shop.ts'
import {
  type FakeJustifi,
  json,
  paymentRecord,
  type Reply,
  reset,
  startFakeJustifi,
} from '../support/fake-justifi.ts'
import { DECLINED_CARD } from '../support/sandbox-control.ts'
import { ENGINES, Store, TestClock } from '../support/store.ts'
import { JustifiHand } from './model/justifi-hand.ts'
import type { WorldDatabase } from './model/world.ts'
import { databaseOf } from './processes/scene.ts'

const ACCOUNT = 'acc_demoFernhillPottery'
const PAGES = 5
const QUICK = { minRetryDelayMs: 1, maxRetryDelayMs: 2, breakMs: 1, maxBreakMs: 2 }

describe.each(ENGINES)('the passes over JustiFi’s lists, on %s', (engine) => {
  let database: WorldDatabase
  let justifi: FakeJustifi
  let shop: CrashShop
  let clock: TestClock
  /** Cursors that were asked for, in order; '' for the first page. */
  let asked: string[]
  let isBroken: (cursor: string) => boolean

  /**
   * Five pages of three payments. While a list is read, payments are made: what was last on a page
   * may be first on the next.
   */
  const payments: Reply = (request, res) => {
    if (request.headers['sub-account'] !== ACCOUNT) return emptyList(request, res)
    const cursor = request.query.get('after_cursor') ?? ''
    asked.push(cursor)
    if (isBroken(cursor)) return reset(request, res)
    const page = Number(cursor.replace('page-', '') || 1)
    const records = [2, 1, 0].map((back) =>
      paymentRecord({
        id: `py_${page * 2 - back}`,
        account_id: ACCOUNT,
        payment_intent_id: `pi_${page * 2 - back}`,
        created_at: new Date(clock.now().getTime() - page * 60_000).toISOString(),
      }),
    )
    const next = page < PAGES
    return json(200, {
      data: records,
      page_info: { has_next: next, end_cursor: next ? `page-${page + 1}` : null },
    })(request, res)
  }

  beforeEach(async () => {
    asked = []
    isBroken = () => false
    clock = new TestClock()
    database = await databaseOf(engine)
    justifi = await startFakeJustifi()
    justifi.always('GET /v1/payments', payments)
    for (const list of ['refunds', 'disputes']) justifi.always(`GET /v1/${list}`, emptyList)
    shop = await openCrashShop({
      database: database.config,
      sandboxUrl: justifi.url,
      clock,
      log: createLog('silent'),
      probe: () => {},
      limits: QUICK,
    })
  })
  afterEach(async () => {
    await shop.close()
    await justifi.close()
    await database.drop()
  })

  const sweep = async () => {
    clock.advance(61)
    while ((await sweepDueList(shop.ctx)).more);
  }
  const pass = () =>
    shop.ctx.db
      .selectFrom('passes')
      .select(['cursor', 'watermark'])
      .where('account_id', '=', ACCOUNT)
      .where('list', '=', 'payments')
      .executeTakeFirstOrThrow()

  it('P24: go on from the page that failed, and count as done only when all was read', async () => {
    await sweepDueList(shop.ctx)
    isBroken = (cursor) => cursor === 'page-3'
    await sweep()
    expect(await pass()).toEqual({ cursor: 'page-3', watermark: null })

    asked = []
    isBroken = () => false
    await sweep()

    expect(asked).toEqual(['page-3', 'page-4', 'page-5'])
    expect(await pass()).toEqual({ cursor: null, watermark: expect.any(String) })
    const items = await shop.ctx.db.selectFrom('open_items').select('subject_id').execute()
    const found = Array.from({ length: 11 }, (_, index) => `py_${index}`)
    expect(items.map(({ subject_id }) => subject_id).sort()).toEqual(found.sort())
  })
})

describe.each(ENGINES)('money that nobody tells of, on %s', (engine) => {
  let store: Store
  let clock: TestClock

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
  })
  afterEach(() => store.close())

  it('O22, O03: is settled within a quarter of an hour without any webhook or visit', async () => {
    const pages: string[] = []
    const placed = []
    for (let count = 0; count < 5; count++) {
      const order = await store.place({ shop: count % 2 === 0 ? 0 : 1 })
      placed.push(order)
      pages.push(await store.openPage(order))
    }
    const [good, declined, debited, alsoGood] = pages.map(String)
    // A watcher that has looked in vain for a while looks seldom.
    for (let minute = 0; minute < 60; minute++) await lookFor(1)
    await store.sandbox.payByCard(String(good))
    await store.sandbox.payByCard(String(declined), DECLINED_CARD)
    await store.sandbox.payByBank(String(debited))
    await store.sandbox.payByCard(String(alsoGood))

    for (let minute = 0; minute < 15; minute++) await lookFor(1)

    const statuses = await Promise.all(placed.map(async (each) => (await store.order(each)).status))
    expect(statuses).toEqual(['paid', 'failed', 'processing', 'paid', 'awaiting_payment'])

    async function lookFor(minutes: number): Promise<void> {
      clock.advance(minutes * 60)
      while ((await lookAtDueOrders(store.ctx)).looked > 0);
    }
  })

  it('M18, C29: is put before the merchant whose account took it, where no order explains it', async () => {
    const merchants = await store.ctx.db
      .selectFrom('merchants')
      .select(['id', 'sub_account_id', 'currency'])
      .orderBy('slug')
      .execute()
    const hand = new JustifiHand(store.sandbox.url)
    for (const [serial, { sub_account_id, currency }] of merchants.entries()) {
      await hand.payElsewhere(sub_account_id, currency, serial)
    }

    for (let round = 0; round < 3; round++) {
      clock.advance(16 * 60)
      while ((await sweepDueList(store.ctx)).more);
    }

    const items = await store.ctx.db.selectFrom('open_items').selectAll().execute()
    const { payments } = await store.sandbox.state()
    const expected = merchants.map(({ id, sub_account_id }) => ({
      merchant_id: id,
      account_id: sub_account_id,
      kind: 'unknown_payment',
      subject_id: payments.find(({ account_id }) => account_id === sub_account_id)?.id,
    }))
    expect(items).toHaveLength(merchants.length)
    expect(items).toEqual(
      expect.arrayContaining(expected.map((item) => expect.objectContaining(item))),
    )
  })
})

const emptyList: Reply = json(200, { data: [], page_info: { has_next: false, end_cursor: null } })
