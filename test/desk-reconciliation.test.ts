import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Placed } from '../src/checkout/place-order.ts'
import { refundOrder } from '../src/checkout/refund-order.ts'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { sweepDueList } from '../src/checkout/sweep-lists.ts'
import { newSecret } from '../src/ids.ts'
import { beginReconciliation } from '../src/jobs/begin.ts'
import type { Job } from '../src/jobs/job.ts'
import { findJob } from '../src/jobs/queries.ts'
import type { ReconcileResult } from '../src/jobs/reconcile/reconcile.ts'
import { listDifferences } from '../src/jobs/reconcile/rows.ts'
import type { Sum } from '../src/jobs/reconcile/sums.ts'
import { runDueJob } from '../src/jobs/run-jobs.ts'
import { addDays, localDay } from '../src/local-time.ts'
import { findShop } from '../src/merchants/queries.ts'
import type { Shop } from '../src/merchants/shop.ts'
import type { User } from '../src/merchants/user.ts'
import { findUserByEmail } from '../src/merchants/user-queries.ts'
import { addUser } from './support/clerk.ts'
import { connect } from './support/sandbox-client.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

describe.each(ENGINES)('comparing the books with JustiFi, on %s', (engine) => {
  let store: Store
  let clock: TestClock
  let shop: Shop
  let user: User

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
    shop = (await findShop(store.ctx.db, 'fernhill-pottery')) as Shop
    user = (await findUserByEmail(store.ctx.db, await addUser(store.ctx))) as User
  })
  afterEach(() => store.close())

  it('M17: finds equal sums, which are those of the ledger, and no difference', async () => {
    const refunded = await paidOrder()
    await refund(refunded, 500)
    const disputed = await paidOrder()
    await store.sandbox.dispute(await paymentOf(disputed))
    await paidOrder()
    await unfinishedOrders()
    await sweepAll()

    const { sums, differences, found } = await reconcile()

    expect(found).toEqual([])
    expect(differences).toBe(0)
    const { payments, refunds, disputes } = await store.sandbox.state()
    const taken = payments.filter(({ status }) => !['pending', 'failed'].includes(status))
    expect(sums.payments).toEqual(bothSides(taken))
    expect(sums.refunds).toEqual(bothSides(refunds))
    expect(sums.disputes).toEqual(bothSides(disputes))
    expect(taken).toHaveLength(3)
    expect([refunds.length, disputes.length]).toEqual([1, 1])
    expect(sums.fees.there).toEqual(sums.fees.here)
    expect(sums.fees.there.cents).toBeGreaterThan(0)
    expect(sums.pendingRefunds).toEqual(bothSides([]))
    expect(await rows()).toBe(0)
  })

  it('finds a refund that was made in the dashboard, and lists it once', async () => {
    const placed = await paidOrder()
    await store.sandbox.refundAtJustifi(await paymentOf(placed), 300)

    const { sums, found } = await reconcile()

    expect(found).toMatchObject([
      { list: 'refunds', difference: 'not_here', orderNumber: (await store.order(placed)).number },
    ])
    expect(found[0]).toMatchObject({ there: { cents: 300 }, here: null })
    expect(sums.refunds).toEqual({ there: { count: 1, cents: 300 }, here: { count: 0, cents: 0 } })

    await sweepAll()
    expect((await reconcile()).found).toEqual([])
  })

  it('M18: finds money that no order explains, and money of an order that is not booked', async () => {
    const { id } = await (await connect(store.sandbox.url)).cardPayment(
      { amount: 7_700 },
      shop.accountId,
    )
    const unbooked = await openOrder()
    await store.sandbox.payByCard(await store.openPage(unbooked))

    const { sums, found } = await reconcile()

    expect(found.map(({ difference }) => difference).sort()).toEqual(['no_order', 'not_here'])
    expect(found.find(({ difference }) => difference === 'no_order')).toMatchObject({
      ...{ subjectId: id, orderNumber: null, there: { cents: 7_700 }, here: null },
    })
    expect(found.find(({ difference }) => difference === 'not_here')).toMatchObject({
      orderNumber: (await store.order(unbooked)).number,
    })
    expect(sums.payments.here.count).toBe(0)
    expect(sums.payments.there.count).toBe(2)
  })

  it('M17: finds money that the shop has booked and JustiFi does not list', async () => {
    const placed = await paidOrder()
    const paymentId = await paymentOf(placed)
    const payment = await store.ctx.db
      .selectFrom('payments')
      .selectAll()
      .where('id', '=', paymentId)
      .executeTakeFirstOrThrow()
    await store.ctx.db
      .insertInto('payments')
      .values({ ...payment, id: 'py_made_up' })
      .execute()

    expect((await reconcile()).found).toMatchObject([
      { list: 'payments', subjectId: 'py_made_up', difference: 'not_there', there: null },
    ])
  })

  it.each([
    ['amount', { amount_cents: 1 }],
    ['fee', { fee_cents: 1 }],
    ['refunded', { refunded_cents: 1 }],
    ['not_here', { status: 'failed' }],
  ])('finds a payment that is booked otherwise: %s', async (difference, change) => {
    const paymentId = await paymentOf(await paidOrder())
    await store.ctx.db.updateTable('payments').set(change).where('id', '=', paymentId).execute()

    const { found } = await reconcile()

    expect(found).toMatchObject([{ list: 'payments', subjectId: paymentId, difference }])
  })

  it.each([
    ['status', { outcome: 'pending' }],
    ['amount', { amount_cents: 1 }],
  ])('finds a refund that is booked otherwise: %s', async (difference, change) => {
    const placed = await paidOrder()
    await refund(placed, 200)
    await store.ctx.db.updateTable('refunds').set(change).execute()
    expect((await reconcile()).found).toMatchObject([{ list: 'refunds', difference }])
  })

  it('finds a dispute that nobody told the shop of', async () => {
    const placed = await paidOrder()
    await store.sandbox.dispute(await paymentOf(placed))
    const { found } = await reconcile()
    expect(found).toMatchObject([{ list: 'disputes', difference: 'not_here', here: null }])
  })

  it('asks again before it calls something a difference', async () => {
    await paidOrder()
    const patch = { amount: 1, fee_amount: 7 }
    await store.sandbox.fault({ method: 'GET', path: '/v1/payments', kind: 'patch', patch })
    const { found, sums } = await reconcile()
    expect(found).toEqual([])
    expect(sums.payments.there).toEqual(sums.payments.here)
  })

  it('compares what is of the period, and says so of nothing else', async () => {
    const old = await paidOrder()
    await store.ctx.db
      .updateTable('payments')
      .set({ amount_cents: 1 })
      .where('id', '=', await paymentOf(old))
      .execute()

    const { found, sums } = await reconcile({ from: '2020-01-01', to: '2020-01-31' })

    expect(found).toEqual([])
    expect(sums.payments).toEqual(bothSides([]))
  })

  it('A23: leaves out what belongs to another shop, even of the same account', async () => {
    await store.ctx.db
      .updateTable('merchants')
      .set({ sub_account_id: shop.accountId, currency: shop.currency })
      .where('slug', '=', 'northline-paper')
      .execute()
    await paidOrder()
    await paidOrder(1)

    const { sums, found } = await reconcile()

    expect(found).toEqual([])
    expect(sums.payments.there.count).toBe(1)
    expect(sums.payments.here.count).toBe(1)
  })

  it('tells what was with a former account, and compares that on request', async () => {
    const old = shop.accountId
    const before = await paidOrder()
    await refund(before, 500)
    await store.sandbox.dispute(await paymentOf(before))
    await store.openPage(await openOrder())
    await sweepAll()
    expect((await reconcile()).elsewhere).toEqual([])

    await store.ctx.db
      .updateTable('merchants')
      .set({ sub_account_id: 'acc_new' })
      .where('id', '=', shop.merchantId)
      .execute()
    shop = (await findShop(store.ctx.db, 'fernhill-pottery')) as Shop
    await paidOrder()

    const now = await reconcile()
    expect(now.found).toEqual([])
    expect(now.sums.payments.there.count).toBe(1)
    const left = { accountId: old, payments: 1, refunds: 1, disputes: 1 }
    expect(now.elsewhere).toEqual([left])
    expect((await reconcile({ from: '2020-01-01', to: '2020-01-31' })).elsewhere).toEqual([])

    const then = await reconcile({ accountId: old })
    expect(then.found).toEqual([])
    expect(then.sums.refunds.there).toEqual({ count: 1, cents: 500 })
    expect(then.elsewhere).toEqual([{ ...left, accountId: 'acc_new', refunds: 0, disputes: 0 }])
  })

  it('P24: goes on from the page at which JustiFi did not answer', async () => {
    await paidOrder()
    const list = { method: 'GET', path: '/v1/refunds*', kind: 'status', status: 503 }
    await store.sandbox.fault({ ...list, times: 3 })

    const id = await begin()
    while ((await runDueJob(store.ctx)).more);
    expect(await find(id)).toMatchObject({ state: 'open', vainTries: 1 })
    clock.advance(60)
    while ((await runDueJob(store.ctx)).more);

    expect(await find(id)).toMatchObject({ state: 'done' })
  })

  it('is given up where JustiFi refuses its list', async () => {
    await store.sandbox.fault({
      ...{ method: 'GET', path: '/v1/payments*', kind: 'status', status: 403, times: 99 },
    })
    const id = await begin()
    for (let n = 0; n < 5; n++) {
      while ((await runDueJob(store.ctx)).more);
      clock.advance(60)
    }
    expect(await find(id)).toMatchObject({ state: 'failed', result: null })
  })

  async function openOrder(shopIndex: 0 | 1 = 0): Promise<Placed> {
    return store.place({ shop: shopIndex })
  }

  async function paidOrder(shopIndex: 0 | 1 = 0): Promise<Placed> {
    const placed = await openOrder(shopIndex)
    await store.sandbox.payByCard(await store.openPage(placed))
    await settleOrder(store.ctx, placed.orderId, { source: 'watcher' })
    return placed
  }

  /** None of these has moved money. */
  async function unfinishedOrders(): Promise<void> {
    await openOrder()
    await store.openPage(await openOrder())
    await store.sandbox.payByBank(await store.openPage(await openOrder()))
    await store.sandbox.payByCard(await store.openPage(await openOrder()), '4000000000000002')
  }

  async function paymentOf(placed: Placed): Promise<string> {
    return String((await store.order(placed)).paymentId)
  }

  async function refund(placed: Placed, amountCents: number): Promise<void> {
    const order = { amountCents, reason: 'customer_request', note: null, formKey: newSecret() }
    const witness = { source: 'merchant', actor: user.email } as const
    await refundOrder(store.ctx, placed.orderId, { ...order, reason: 'customer_request' }, witness)
  }

  async function sweepAll(): Promise<void> {
    clock.advance(16 * 60)
    while ((await sweepDueList(store.ctx)).more);
  }

  function begin(given: Given = {}): Promise<string> {
    const today = localDay(clock.now(), shop.timeZone)
    const usual = { from: addDays(today, -1), to: today, accountId: shop.accountId }
    const beginner = { user, shop, formKey: newSecret() }
    return beginReconciliation(store.ctx, beginner, { ...usual, ...given })
  }

  async function reconcile(given?: Given) {
    // The sandbox's clock goes on: what it made a moment ago is of the period too.
    clock.advance(120)
    const id = await begin(given)
    while ((await runDueJob(store.ctx)).more);
    const job = await find(id)
    expect(job?.state).toBe('done')
    const result = JSON.parse(String(job?.result)) as ReconcileResult
    const found = await listDifferences(store.ctx.db, job as Job, null, 100)
    expect(result.differences).toBe(found.length)
    return { ...result, found }
  }

  function find(id: string): Promise<Job | undefined> {
    return findJob(store.ctx.db, shop.merchantId, id)
  }

  async function rows(): Promise<number> {
    return (await store.ctx.db.selectFrom('reconciliation_rows').selectAll().execute()).length
  }
})

type Given = { from?: string; to?: string; accountId?: string }

function bothSides(ledger: { amount: number }[]): { there: Sum; here: Sum } {
  const sum = {
    count: ledger.length,
    cents: ledger.reduce((cents, { amount }) => cents + amount, 0),
  }
  return { there: sum, here: sum }
}
