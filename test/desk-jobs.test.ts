import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Placed } from '../src/checkout/place-order.ts'
import { later, MINUTE } from '../src/clock.ts'
import type { AppContext } from '../src/context.ts'
import type { CheckOrdersParams } from '../src/jobs/check-orders.ts'
import type { Job } from '../src/jobs/job.ts'
import { beginJob, cancelJob, findJob, keepStep, leaseDueJob } from '../src/jobs/queries.ts'
import { runDueJob } from '../src/jobs/run-jobs.ts'
import { findShop } from '../src/merchants/queries.ts'
import { plansOf } from './support/query-plans.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

/** JustiFi is left alone for two seconds after it did not answer six times. */
const BREAKER_PAUSE = 2_200

const OPEN = 'status=awaiting_payment&status=processing&status=failed'

describe.each(ENGINES)('checking many orders with JustiFi, on %s', (engine) => {
  let store: Store
  let clock: TestClock
  let merchantId: string

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
    merchantId = await idOf(store.ctx, 'fernhill-pottery')
  })
  afterEach(() => store.close())

  it('asks about every open order, and tells how many it looked at and changed', async () => {
    const paid = [await paidOrder(), await paidOrder()]
    const waiting = [await openOrder(), await openOrder(), await openOrder()]
    const stranger = await paidOrder(1)

    const job = await finished(await begin())

    expect(job).toMatchObject({ state: 'done', total: 5, done: 5, changed: 2, failed: 0 })
    expect(await statusesOf(paid)).toEqual(['paid', 'paid'])
    expect(await statusesOf(waiting)).toEqual(Array(3).fill('awaiting_payment'))
    expect(await statusesOf([stranger])).toEqual(['awaiting_payment'])
    expect(await store.timeline(paid[0] as Placed)).toContain('status paid (merchant)')
    const [entry] = await store.ctx.db
      .selectFrom('timeline')
      .select('actor')
      .where('source', '=', 'merchant')
      .execute()
    expect(entry?.actor).toBe('sam@fernhill.example')
  })

  it('takes the orders of the filter alone', async () => {
    await paidOrder()
    const other = await paidOrder()
    const { number } = await store.order(other)

    const job = await finished(await begin({ filter: `q=${number}` }))

    expect(job).toMatchObject({ total: 1, done: 1, changed: 1 })
    expect(await statusesOf([other])).toEqual(['paid'])
  })

  it('is the same job when its form is sent twice', async () => {
    const [one, two] = await Promise.all([begin({ formKey: 'k' }), begin({ formKey: 'k' })])
    expect(one).toBe(two)
    const other = await idOf(store.ctx, 'northline-paper')
    expect(await begin({ formKey: 'k', merchantId: other })).not.toBe(one)
  })

  it('has nothing to do where no order meets the filter', async () => {
    expect(await finished(await begin())).toMatchObject({ state: 'done', total: 0, done: 0 })
  })

  it('waits while JustiFi does not answer, ever longer, and then goes on', async () => {
    await paidOrder()
    const id = await begin()
    await runDueJob(store.ctx)
    await silence(1)
    await runDueJob(store.ctx)

    expect(await find(id)).toMatchObject({ state: 'open', done: 0, vainTries: 1 })
    expect((await runDueJob(store.ctx)).more).toBe(false)

    await store.sandbox.endFaults()
    clock.advance(MINUTE / 1_000)
    expect(await finished(id)).toMatchObject({ state: 'done', done: 1, changed: 1, failed: 0 })
  })

  it('counts an order that JustiFi gives no usable answer about, and goes on', async () => {
    const bad = await paidOrder()
    await paidOrder()
    const { intentId } = await store.order(bad)
    const path = `/v1/payment_intents/${intentId}`
    await store.sandbox.fault({ method: 'GET', path, kind: 'status', status: 404, times: 9 })

    expect(await finished(await begin())).toMatchObject({ done: 2, changed: 1, failed: 1 })
    expect(await statusesOf([bad])).toEqual(['awaiting_payment'])
  })

  it('asks again about those that were turned away while JustiFi came back', async () => {
    const orders = [await openOrder(), await openOrder(), await openOrder(), await openOrder()]
    const id = await begin()
    await runDueJob(store.ctx)
    const { intentId, accountId } = await store.order(orders[0] as Placed)
    const look = () => store.ctx.justifi.observe({ reference: String(intentId), accountId })
    await silence(99)
    for (let n = 0; n < 6; n++) await look().catch(() => undefined)
    await store.sandbox.endFaults()
    // JustiFi is now left alone; then one question is let through, and the others are turned away.
    await sleep(BREAKER_PAUSE)

    expect(await finished(id)).toMatchObject({ state: 'done', done: 4, failed: 0 })
  })

  it('stops when it is cancelled, also in the middle of a step', async () => {
    for (let n = 0; n < 6; n++) await openOrder()
    const id = await begin()
    await runDueJob(store.ctx)
    await runDueJob(store.ctx)
    const leased = (await leaseDueJob(store.ctx.db, clock.now(), later(clock.now(), MINUTE))) as Job

    expect(await cancelJob(store.ctx.db, merchantId, id, clock.now())).toBe(true)
    expect(await keep(leased)).toBe(false)
    expect((await runDueJob(store.ctx)).more).toBe(false)
    expect(await find(id)).toMatchObject({ state: 'cancelled', total: 6, done: 4 })
    expect(await cancelJob(store.ctx.db, merchantId, id, clock.now())).toBe(false)
  })

  it('C13: keeps nothing of a step whose lease ran out while it slept', async () => {
    await begin()
    const sleeper = (await leaseDueJob(store.ctx.db, clock.now(), clock.now())) as Job
    clock.advance(1)
    const other = (await leaseDueJob(store.ctx.db, clock.now(), later(clock.now(), MINUTE))) as Job
    expect(other.id).toBe(sleeper.id)

    expect(await keep(sleeper)).toBe(false)
    expect(await keep(other)).toBe(true)
  })

  it('is found by an index of the open ones', async () => {
    const [plan] = await plansOf(store.ctx.db, engine, (db) =>
      leaseDueJob(db, clock.now(), clock.now()),
    )
    expect(plan).toContain('jobs_due')
  })

  it('A23: belongs to one merchant: others neither find nor cancel it', async () => {
    const id = await begin()
    const other = await idOf(store.ctx, 'northline-paper')
    expect(await findJob(store.ctx.db, other, id)).toBeUndefined()
    expect(await cancelJob(store.ctx.db, other, id, clock.now())).toBe(false)
    expect(await find(id)).toMatchObject({ state: 'open' })
  })

  async function openOrder(shop: 0 | 1 = 0): Promise<Placed> {
    const placed = await store.place({ shop })
    await store.openPage(placed)
    return placed
  }

  async function paidOrder(shop: 0 | 1 = 0): Promise<Placed> {
    const placed = await store.place({ shop })
    await store.sandbox.payByCard(await store.openPage(placed))
    return placed
  }

  /** Every call is left without an answer, and few enough that the breaker stays closed. */
  function silence(times: number): Promise<void> {
    const path = '/v1/payment_intents/*'
    const fault = { method: 'GET', path, kind: 'status', status: 500, times: times * 3 }
    return store.sandbox.fault(fault)
  }

  async function begin(
    given: Partial<CheckOrdersParams> & { formKey?: string; merchantId?: string } = {},
  ): Promise<string> {
    const { filter = OPEN, timeZone = 'America/New_York' } = given
    const { id } = await beginJob(
      store.ctx.db,
      {
        merchantId: given.merchantId ?? merchantId,
        kind: 'check_orders',
        formKey: given.formKey ?? String(Math.random()),
        params: { filter, timeZone },
        begunBy: 'sam@fernhill.example',
      },
      clock.now(),
    )
    return id
  }

  function find(id: string): Promise<Job | undefined> {
    return findJob(store.ctx.db, merchantId, id)
  }

  async function finished(id: string): Promise<Job | undefined> {
    while ((await runDueJob(store.ctx)).more);
    return find(id)
  }

  function keep(job: Job): Promise<boolean> {
    const { cursor, total, result } = job
    const counts = { done: 9, changed: 9, failed: 9, vainTries: 0 }
    const change = { state: 'open', cursor, total, result, ...counts, dueAt: clock.now() } as const
    return keepStep(store.ctx.db, job, change, clock.now())
  }

  async function statusesOf(orders: Placed[]): Promise<string[]> {
    return Promise.all(orders.map(async (placed) => (await store.order(placed)).status))
  }
})

async function idOf(ctx: AppContext, slug: string): Promise<string> {
  const shop = await findShop(ctx.db, slug)
  if (!shop) throw new Error(`no shop ${slug}`)
  return shop.merchantId
}
