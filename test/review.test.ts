import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { lookAtDueOrders } from '../src/checkout/watch-orders.ts'
import { leaseDueOrders } from '../src/orders/queries/due-orders.ts'
import { acceptAsItIs } from './support/accept.ts'
import { Clerk } from './support/clerk.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const WATCHER = { source: 'watcher' } as const
const SAM = { source: 'merchant', actor: 'sam@example.com' } as const

describe.each(ENGINES)('money that does not fit its order, on %s', (engine) => {
  let store: Store
  let clock: TestClock

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
  })
  afterEach(() => store.close())

  const settle = async (orderId: string) => (await settleOrder(store.ctx, orderId, WATCHER)).order

  const mails = async () => {
    const rows = await store.ctx.db.selectFrom('outbox').select('kind').orderBy('id').execute()
    return rows.map(({ kind }) => kind)
  }

  async function paidOrder() {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))
    await settle(placed.orderId)
    return placed
  }

  it('O10: is reviewed when two pages of one order were paid, and one mail says so', async () => {
    const placed = await store.place()
    const first = await store.openPage(placed)
    // The second page is opened as JustiFi would for another shop's process: on the same intent.
    await store.ctx.db.updateTable('checkout_sessions').set({ expires_at: '2000-01-01' }).execute()
    clock.advance(3)
    const second = await store.openPage(placed)
    expect(second).not.toBe(first)

    await store.sandbox.payByCard(first)
    await store.sandbox.payByCard(second)
    const order = await settle(placed.orderId)
    await settle(placed.orderId)

    expect(order).toMatchObject({ status: 'needs_review', reason: 'paid_twice' })
    const { payments } = await store.sandbox.state()
    expect(order.paymentId).toBe(payments[0]?.id)
    expect((await mails()).filter((kind) => kind === 'merchant_needs_review')).toHaveLength(1)
  })

  it('stays accepted for the money that was looked at, and for no other', async () => {
    const placed = await store.place()
    const page = await store.openPage(placed)
    await store.ctx.db
      .updateTable('orders')
      .set({ status: 'cancelled', cancelled_at: clock.now().toISOString() })
      .execute()
    await store.sandbox.payByCard(page)
    expect((await settle(placed.orderId)).reason).toBe('paid_after_cancel')

    const accepted = await acceptAsItIs(store.ctx, placed.orderId, 'We ship it after all.', SAM)

    expect(accepted.order).toMatchObject({ status: 'paid', reason: null })
    expect((await settle(placed.orderId)).status).toBe('paid')
    expect(await store.timeline(placed)).toContain('review_accepted (merchant)')
    expect(await mails()).toEqual(expect.arrayContaining(['order_paid', 'merchant_order_paid']))

    await store.sandbox.fault({
      method: 'GET',
      path: '/v1/payment_intents/*',
      kind: 'patch',
      patch: { amount: 7 },
    })
    expect((await settle(placed.orderId)).reason).toBe('amount_mismatch')
  })

  it('was accepted by the first of two in few words, and the second is told so', async () => {
    const placed = await store.place()
    const page = await store.openPage(placed)
    await store.ctx.db
      .updateTable('orders')
      .set({ status: 'cancelled', cancelled_at: clock.now().toISOString() })
      .execute()
    await store.sandbox.payByCard(page)
    const { number } = await settle(placed.orderId)
    const path = `/merchant/orders/${number}`
    const [sam, kim] = [await Clerk.signIn(store), await Clerk.signIn(store, { role: 'staff' })]
    const shown = hiddenField(await sam.see(path), 'shown')
    await kim.see(path)
    const accept = async (clerk: Clerk, note: string) =>
      (await clerk.send(`${path}/review`, { shown, note })).headers.location

    const long = `${'Shipped. '.repeat(56)}End.`
    const tooLong = await sam.send(`${path}/review`, { shown, note: long })
    expect([tooLong.status, wordsOf(tooLong)]).toEqual([
      422,
      expect.stringContaining('Enter at most 500 characters'),
    ])
    expect(tooLong.text).toContain(`\n${long}</textarea>`)
    expect(tooLong.text).toMatch(/<textarea[^>]* name="note"[^>]* maxlength="500"/)

    expect(await accept(sam, 'We ship it.')).toBe(`${path}?notice=reviewed`)
    expect(await accept(sam, 'We ship it.')).toBe(`${path}?notice=reviewed`)
    expect(await accept(kim, 'We refund it.')).toBe(`${path}?notice=reviewed_before`)

    const told = wordsOf(await kim.see(`${path}?notice=reviewed_before`))
    expect(told).toContain('Somebody else had already accepted this. What you wrote was not kept')
    expect(told).toContain('Accepted after review: We ship it.')
    expect(told).not.toContain('We refund it.')
  })

  it('M17: is reviewed when JustiFi goes on denying it, and not for a moment’s silence', async () => {
    const placed = await paidOrder()
    const deny = () =>
      store.sandbox.fault({
        method: 'GET',
        path: '/v1/payment_intents/*',
        kind: 'stale',
        times: 99,
      })
    await deny()
    expect((await settle(placed.orderId)).status).toBe('paid')
    clock.advance(11 * 60)
    expect(await settle(placed.orderId)).toMatchObject({
      status: 'needs_review',
      reason: 'provider_denies',
    })

    await store.sandbox.endFaults()
    expect((await settle(placed.orderId)).status).toBe('paid')
  })

  it('O17: is reviewed when the bank takes the money back', async () => {
    const placed = await store.place()
    await store.sandbox.payByBank(await store.openPage(placed))
    const [payment] = (await store.sandbox.state()).payments
    await store.sandbox.settle(String(payment?.id), 'succeeded')
    expect((await settle(placed.orderId)).status).toBe('paid')

    await store.sandbox.settle(String(payment?.id), 'failed')

    expect(await settle(placed.orderId)).toMatchObject({
      status: 'needs_review',
      reason: 'payment_reversed',
    })
    expect(await mails()).toContain('merchant_needs_review')
    const { order } = await acceptAsItIs(store.ctx, placed.orderId, 'Called them.', SAM)
    expect(order.status).toBe('failed')
  })

  it('tells a customer whose bank payment comes to nothing, once', async () => {
    const placed = await store.place()
    await store.sandbox.payByBank(await store.openPage(placed))
    await settle(placed.orderId)
    const [payment] = (await store.sandbox.state()).payments
    await store.sandbox.settle(String(payment?.id), 'failed')
    await settle(placed.orderId)
    await settle(placed.orderId)

    expect((await store.order(placed)).status).toBe('failed')
    expect(await mails()).toEqual(['order_placed', 'bank_payment_pending', 'payment_failed'])
  })

  it('believes a failure at once, after a return that JustiFi has shown the payment of', async () => {
    const placed = await store.place()
    await store.sandbox.payByBank(await store.openPage(placed))
    await request(store.url).get(`/orders/${placed.token}/after-payment`).expect(200)
    expect((await store.order(placed)).status).toBe('processing')

    const [payment] = (await store.sandbox.state()).payments
    await store.sandbox.settle(String(payment?.id), 'failed')

    expect((await settle(placed.orderId)).status).toBe('failed')
  })

  it('D07: lets merchants take turns, whoever has more orders that are due', async () => {
    for (let count = 0; count < 6; count++) await store.place()
    const other = await store.place({ shop: 1 })
    clock.advance(3600)

    const leased = await leaseDueOrders(store.ctx.db, 2, clock.now(), clock.now())

    expect(leased.map(({ id }) => id)).toContain(other.orderId)
  })

  it('P10: slows down when JustiFi answers about none of the orders', async () => {
    const placed = [await store.place(), await store.place()]
    for (const order of placed) await store.openPage(order)
    clock.advance(60)
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'reset', times: 99 })

    expect(await lookAtDueOrders(store.ctx)).toMatchObject({ looked: 2, answered: false })
  })

  it('asks again soon, and not tomorrow, about a paid order that JustiFi does not know', async () => {
    const placed = await paidOrder()
    clock.advance(25 * 3600)
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'status', status: 404 })

    // A refusal is an answer: it slows nobody down.
    expect(await lookAtDueOrders(store.ctx)).toMatchObject({ looked: 1, answered: true })

    const { nextCheckAt } = await store.order(placed)
    expect((nextCheckAt?.getTime() ?? 0) - clock.now().getTime()).toBeLessThan(15 * 60_000)
  })
})
