import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openCheckout } from '../../src/checkout/open-checkout.ts'
import { refundOrder } from '../../src/checkout/refund-order.ts'
import { lookAtDueOrders } from '../../src/checkout/watch-orders.ts'
import { createLog } from '../../src/log.ts'
import { getOrder } from '../../src/orders/queries/find-order.ts'
import { type RunningSandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts'
import type { Probe } from '../support/crash-points.ts'
import { type CrashShop, openCrashShop } from '../support/crash-shop.ts'
import { ENGINES, TestClock } from '../support/store.ts'
import { violationsOf } from './model/invariants.ts'
import { JustifiHand } from './model/justifi-hand.ts'
import { differencesOf } from './model/ledger.ts'
import { snapshotOf } from './model/snapshot.ts'
import type { WorldDatabase } from './model/world.ts'
import { placeOneMug } from './processes/place-one-mug.ts'
import { databaseOf } from './processes/scene.ts'

const STAFF = { source: 'merchant', actor: 'sam@example.com' } as const

describe.each(ENGINES)('two instances on one database, %s', (engine) => {
  let database: WorldDatabase
  let sandbox: RunningSandbox
  let justifi: JustifiHand
  let shops: CrashShop[]

  beforeEach(async () => {
    database = await databaseOf(engine)
    sandbox = await startSandbox({ port: 0, host: '127.0.0.1' })
    justifi = new JustifiHand(sandbox.url)
    shops = []
  })
  afterEach(async () => {
    for (const shop of shops) await shop.close()
    await sandbox.close()
    await database.drop()
  })

  async function openShop(clock: TestClock, probe: Probe = () => {}) {
    const { config } = database
    const log = createLog('silent')
    const shop = await openCrashShop({
      database: config,
      sandboxUrl: sandbox.url,
      clock,
      log,
      probe,
    })
    shops.push(shop)
    return shop.ctx
  }

  async function payAtJustifi(): Promise<void> {
    const { checkout_sessions } = await justifi.books()
    await justifi.card(String(checkout_sessions[0]?.id), 'good')
  }

  async function demandSound(ctx: CrashShop['ctx'], clock: TestClock): Promise<void> {
    const now = await snapshotOf({ shop: { ctx }, justifi, clock })
    expect([...violationsOf(now, undefined), ...differencesOf(now)]).toEqual([])
  }

  /** Two connections to one SQLite file, in one process, cannot wait for each other. */
  async function together<T>(works: (() => Promise<T>)[]): Promise<T[]> {
    if (engine === 'postgres') return Promise.all(works.map((work) => work()))
    const results: T[] = []
    for (const work of works) results.push(await work())
    return results
  }

  it('C13: let the one that slept through its lease change nothing when it wakes', async () => {
    const clock = new TestClock()
    let wake = () => {}
    let isAsleep = () => {}
    const asleep = new Promise<void>((resolve) => {
      isAsleep = resolve
    })
    // It has read JustiFi's answer, and is stopped before it can write.
    const sleeper = await openShop(clock, async (point) => {
      if (point !== 'after observe') return
      await new Promise<void>((resolve) => {
        wake = resolve
        isAsleep()
      })
    })
    const other = await openShop(clock)
    const { orderId } = await placeOneMug(sleeper, 'form-1')
    await openCheckout(other, orderId, 'pay')
    clock.advance(30)
    const look = lookAtDueOrders(sleeper)
    await asleep

    await payAtJustifi()
    expect(await lookAtDueOrders(other)).toMatchObject({ looked: 0 })
    clock.advance(61)
    expect(await lookAtDueOrders(other)).toMatchObject({ looked: 1 })
    const request = { amountCents: 700, reason: null, note: null, formKey: 'refund-1' }
    await refundOrder(other, orderId, request, STAFF)
    wake()
    await look

    expect((await getOrder(other.db, orderId)).status).toBe('partially_refunded')
    await demandSound(other, clock)
  })

  it('C26: pay an order once, with clocks ten minutes apart', async () => {
    const clock = new TestClock()
    const fastClock = new TestClock()
    fastClock.advance(600)
    const [punctual, fast] = [await openShop(clock), await openShop(fastClock)]
    const { orderId } = await placeOneMug(punctual, 'form-1')
    await together([punctual, fast].map((ctx) => () => openCheckout(ctx, orderId, 'pay')))
    await payAtJustifi()
    for (const each of [clock, fastClock]) each.advance(30)

    await together([punctual, fast, punctual, fast].map((ctx) => () => lookAtDueOrders(ctx)))
    for (const ctx of [punctual, fast]) while ((await lookAtDueOrders(ctx)).looked > 0);

    expect((await getOrder(fast.db, orderId)).status).toBe('paid')
    await demandSound(punctual, clock)
    const request = { amountCents: 2_400, reason: null, note: null }
    const refunds = await together(
      [punctual, fast].map((ctx, shop) => () => {
        return refundOrder(ctx, orderId, { ...request, formKey: `form-${shop}` }, STAFF)
      }),
    )
    expect(refunds.filter(({ kind }) => kind === 'stored')).toHaveLength(1)
    expect((await justifi.books()).refunds).toHaveLength(1)
  })
})
