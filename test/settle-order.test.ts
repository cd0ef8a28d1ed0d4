import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { cancelOrder } from '../src/checkout/cancel-order.ts'
import { openCheckout } from '../src/checkout/open-checkout.ts'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { lookAtDueOrders } from '../src/checkout/watch-orders.ts'
import { later, timestamp } from '../src/clock.ts'
import { inTransaction } from '../src/db/transaction.ts'
import { claimAsk } from '../src/orders/queries/ask.ts'
import { changeOrder } from '../src/orders/queries/change-order.ts'
import { DECLINED_CARD } from './support/sandbox-control.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const PAID = ['payment succeeded', 'status paid']

describe.each(ENGINES)('an order on %s', (engine) => {
  let store: Store
  let clock: TestClock

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
  })
  afterEach(() => store.close())

  it('is stored before JustiFi is asked, and asks for one intent and one session', async () => {
    const placed = await store.place()
    expect(await store.sandbox.calls()).toEqual([])

    const url = await store.openPage(placed)

    const { payment_intents, checkout_sessions } = await store.sandbox.state()
    expect(await store.sandbox.calls()).toEqual([
      'POST /v1/payment_intents 201',
      'POST /v1/checkout_sessions 201',
    ])
    expect(url).toBe(`${store.sandbox.url}/r/${checkout_sessions[0]?.id}`)
    expect(payment_intents[0]?.description).toContain((await store.order(placed)).number)
  })

  it('is paid when its customer comes back, however often', async () => {
    const placed = await store.place()
    const { to } = await store.sandbox.payByCard(await store.openPage(placed))

    await request(String(to))
      .get('')
      .expect(200, /Payment received/)
    await request(String(to))
      .get('')
      .expect(200, /Payment received/)

    expect(await store.order(placed)).toMatchObject({ status: 'paid', reason: null })
    const timeline = await store.timeline(placed)
    expect(timeline.slice(-2)).toEqual(PAID.map((entry) => `${entry} (after_payment)`))
  })

  it('O02: is paid once when every door is used at the same moment', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))

    const doors = ['after_payment', 'webhook', 'watcher', 'back'] as const
    await Promise.all(doors.map((source) => settleOrder(store.ctx, placed.orderId, { source })))

    const timeline = await store.timeline(placed)
    expect(timeline.filter((entry) => entry.startsWith('status paid'))).toHaveLength(1)
    expect(timeline.filter((entry) => entry.startsWith('payment'))).toHaveLength(1)
  })

  it('O03: is paid by the watcher alone, when nobody rings', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))

    clock.advance(25)
    expect(await lookAtDueOrders(store.ctx)).toMatchObject({ looked: 1 })

    expect((await store.order(placed)).status).toBe('paid')
    expect(await lookAtDueOrders(store.ctx)).toMatchObject({ looked: 0 })
  })

  it('O07: fails, and is paid with another card on the same page and intent', async () => {
    const placed = await store.place()
    const page = await store.openPage(placed)
    await store.sandbox.payByCard(page, DECLINED_CARD)
    await request(store.url).get(`/orders/${placed.token}/back`).expect(200)
    expect((await store.order(placed)).status).toBe('failed')

    expect(await store.openPage(placed)).toBe(page)
    const { to } = await store.sandbox.payByCard(page)
    await request(String(to)).get('').expect(200)

    expect((await store.order(placed)).status).toBe('paid')
    expect((await store.sandbox.state()).payment_intents).toHaveLength(1)
  })

  it('O12, O15: resumes the same page after a turn back, and a new one after 24 hours', async () => {
    const placed = await store.place()
    const page = await store.openPage(placed)
    expect(await store.openPage(placed)).toBe(page)

    await store.sandbox.advance(24 * 3600 + 1)
    await request(store.url).get(`/orders/${placed.token}`).expect(200)
    expect((await store.order(placed)).status).toBe('expired')

    clock.advance(3)
    const second = await store.openPage(placed)
    expect(second).not.toBe(page)
    expect((await store.order(placed)).status).toBe('awaiting_payment')
    expect((await store.sandbox.state()).payment_intents).toHaveLength(1)

    await store.sandbox.payByCard(second)
    await settleOrder(store.ctx, placed.orderId, { source: 'watcher' })
    expect((await store.order(placed)).status).toBe('paid')
  })

  it('O16: is processing while the bank works, and cannot be paid again', async () => {
    const placed = await store.place()
    await store.sandbox.payByBank(await store.openPage(placed))
    await request(store.url).get(`/orders/${placed.token}/after-payment`).expect(200)
    expect((await store.order(placed)).status).toBe('processing')

    await request(store.url).post(`/orders/${placed.token}/pay`).expect(303)

    const { payments } = await store.sandbox.state()
    await store.sandbox.settle(String(payments[0]?.id), 'succeeded')
    await settleOrder(store.ctx, placed.orderId, { source: 'watcher' })
    expect((await store.order(placed)).status).toBe('paid')
  })

  it('answers Pay on a paid order with its page, and opens nothing', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))

    const response = await request(store.url).post(`/orders/${placed.token}/pay`).expect(303)

    expect(response.headers.location).toBe(`/orders/${placed.token}?notice=already_paid`)
    expect((await store.sandbox.state()).checkout_sessions).toHaveLength(1)
  })

  it('O08: shares one page between two clicks at once', async () => {
    const placed = await store.place()
    const opened = await Promise.all(
      [1, 2, 3].map(() => openCheckout(store.ctx, placed.orderId, 'checkout')),
    )
    const { payment_intents, checkout_sessions } = await store.sandbox.state()
    expect(new Set(opened.map((page) => page.kind === 'page' && page.url)).size).toBe(1)
    expect([payment_intents.length, checkout_sessions.length]).toEqual([1, 1])
  })

  it('O08: is one order for one form, and takes the corrected address', async () => {
    const [first, second] = await Promise.all([
      store.place({ checkoutKey: 'k'.repeat(43) }),
      store.place({ checkoutKey: 'k'.repeat(43) }),
    ])
    expect(second).toMatchObject({ orderId: first.orderId, token: first.token })
    expect([first.created, second.created].sort()).toEqual([false, true])
  })

  it('O13: leads to no page when it is cancelled while JustiFi makes its intent', async () => {
    const placed = await store.place()
    await store.sandbox.fault({
      ...{ method: 'POST', path: '/v1/payment_intents' },
      ...{ kind: 'delay', delay_ms: 400 },
    })
    const opening = openCheckout(store.ctx, placed.orderId, 'checkout')
    // As another instance would, while this one waits.
    const asPlaced = await store.order(placed)
    const cancelled = { status: 'cancelled', cancelled_at: timestamp(clock.now()) }
    await inTransaction(store.ctx.db, (trx) => changeOrder(trx, asPlaced, cancelled, clock.now()))

    expect(await opening).toEqual({ kind: 'not_payable' })
    expect((await store.sandbox.state()).checkout_sessions).toEqual([])
    expect(await store.order(placed)).toMatchObject({ status: 'cancelled', pageEndsAt: null })
  })

  it('O13: is reviewed when it is paid after it was cancelled', async () => {
    const placed = await store.place()
    const page = await store.openPage(placed)
    await request(store.url).post(`/orders/${placed.token}/cancel`).expect(303)
    expect((await store.order(placed)).status).toBe('cancelled')
    await request(store.url).post(`/orders/${placed.token}/pay`).expect(303)

    await store.sandbox.payByCard(page)
    clock.advance(16 * 60)
    await lookAtDueOrders(store.ctx)

    expect(await store.order(placed)).toMatchObject({
      status: 'needs_review',
      reason: 'paid_after_cancel',
    })
  })

  it('O13: is asked about at once when its customer returns, cancelled or not', async () => {
    const placed = await store.place()
    const page = await store.openPage(placed)
    await request(store.url).post(`/orders/${placed.token}/cancel`).expect(303)

    const unpaid = await request(store.url).get(`/orders/${placed.token}/after-payment`).expect(200)
    expect(unpaid.text).toContain('data-checking="true"')

    clock.advance(3)
    await store.sandbox.payByCard(page)
    await request(store.url).get(`/orders/${placed.token}/after-payment`).expect(200)
    expect((await store.order(placed)).reason).toBe('paid_after_cancel')
  })

  it('O14: is not cancelled when JustiFi says that it is paid', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))

    expect(await cancelOrder(store.ctx, placed.orderId, { source: 'cancel' })).toBe(
      'not_cancellable',
    )
    expect((await store.order(placed)).status).toBe('paid')
  })

  it('is not cancelled while JustiFi cannot be asked', async () => {
    const placed = await store.place()
    await store.openPage(placed)
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'status', status: 404 })

    expect(await cancelOrder(store.ctx, placed.orderId, { source: 'cancel' })).toBe('unknown')
    expect((await store.order(placed)).status).toBe('awaiting_payment')
  })

  it('can be paid when somebody else asks JustiFi as its answer comes', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed), DECLINED_CARD)
    const { justifi, db } = store.ctx
    const observe: typeof justifi.observe = async (prepared, options) => {
      const seen = await justifi.observe(prepared, options)
      // As another instance does for a webhook, its clock a little ahead.
      await claimAsk(db, placed.orderId, later(clock.now(), 50), 0)
      return seen
    }
    const ctx = { ...store.ctx, justifi: Object.assign(Object.create(justifi), { observe }) }

    expect(await openCheckout(ctx, placed.orderId, 'pay')).toMatchObject({ kind: 'page' })
  })

  it('is not paid again within the hour in which the bank may still answer the last try', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed), DECLINED_CARD)
    await store.sandbox.fault({
      ...{ method: 'GET', path: '/v1/payment_intents/*', kind: 'patch', times: 100 },
      patch: { error_code: 'gateway_timeout_error' },
    })
    await settleOrder(store.ctx, placed.orderId, { source: 'webhook' })
    expect((await store.order(placed)).status).toBe('failed')

    expect(await openCheckout(store.ctx, placed.orderId, 'pay')).toEqual({ kind: 'not_payable' })
    clock.advance(61 * 60)
    expect(await openCheckout(store.ctx, placed.orderId, 'pay')).toMatchObject({ kind: 'page' })
  })

  it('P01: is kept when JustiFi refuses to answer, and goes on with the same key', async () => {
    const placed = await store.place()
    await store.sandbox.fault({
      method: 'POST',
      path: '/v1/payment_intents',
      kind: 'reset',
      times: 9,
    })
    const response = await request(store.url).post(`/orders/${placed.token}/pay`).expect(502)
    expect(response.text).toContain(`action="/orders/${placed.token}/pay"`)
    expect((await store.order(placed)).status).toBe('awaiting_payment')

    await store.sandbox.endFaults()
    await store.openPage(placed)

    const { requests, payment_intents } = await store.sandbox.state()
    const keys = requests
      .filter(({ path, method }) => method === 'POST' && path === '/v1/payment_intents')
      .map((call) => call.idempotency_key)
    expect(new Set(keys).size).toBe(1)
    expect(payment_intents).toHaveLength(1)
  })

  it('P03: finds the intent that was made when the answer was lost', async () => {
    const placed = await store.place()
    await store.sandbox.fault({
      method: 'POST',
      path: '/v1/payment_intents',
      kind: 'reset_after',
      times: 3,
    })
    await request(store.url).post(`/orders/${placed.token}/pay`)

    clock.advance(25)
    await store.sandbox.endFaults()
    await lookAtDueOrders(store.ctx)

    const { payment_intents } = await store.sandbox.state()
    expect(payment_intents).toHaveLength(1)
    expect((await store.order(placed)).intentId).toBe(payment_intents[0]?.id)
  })

  it('P05: leads to the same intent when the session’s answer was lost', async () => {
    const placed = await store.place()
    await store.sandbox.fault({
      method: 'POST',
      path: '/v1/checkout_sessions',
      kind: 'truncated',
      times: 3,
    })
    await request(store.url).post(`/orders/${placed.token}/pay`).expect(502)
    await store.sandbox.endFaults()
    await store.openPage(placed)

    const { payment_intents, checkout_sessions } = await store.sandbox.state()
    expect(payment_intents).toHaveLength(1)
    expect(new Set(checkout_sessions.map((session) => session.payment_intent_id)).size).toBe(1)
  })

  it('P13: stays as it is, unconfirmed, when JustiFi’s answer cannot be read', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'html', times: 9 })

    const page = await request(store.url).get(`/orders/${placed.token}/after-payment`).expect(200)

    expect(page.text).toContain('data-checking="true"')
    expect(page.text).not.toContain('/pay"')
    expect((await store.order(placed)).status).toBe('awaiting_payment')
  })

  it('M01: is reviewed when JustiFi took another amount', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))
    await store.sandbox.fault({
      method: 'GET',
      path: '/v1/payment_intents/*',
      kind: 'patch',
      patch: { amount: 1 },
    })

    await settleOrder(store.ctx, placed.orderId, { source: 'watcher' })

    expect(await store.order(placed)).toMatchObject({
      status: 'needs_review',
      reason: 'amount_mismatch',
    })
  })

  it('D05: is asked about once, however often its page is loaded', async () => {
    const placed = await store.place()
    await store.openPage(placed)
    const before = (await store.sandbox.calls()).length

    const look = () => request(store.url).get(`/orders/${placed.token}`).expect(200)
    await Promise.all([look(), look(), look()])
    // And who comes when nobody is waiting for an answer any more.
    await look()
    await look()

    const asked = (await store.sandbox.calls()).slice(before)
    expect(asked.filter((call) => /payment_intents\/pi_\w+ /.test(call))).toHaveLength(1)
  })

  it('can be paid though the clock was set back after its customer had returned', async () => {
    const placed = await store.place()
    await store.openPage(placed)
    await request(store.url).get(`/orders/${placed.token}/after-payment`).expect(200)
    expect(await openCheckout(store.ctx, placed.orderId, 'pay')).toEqual({ kind: 'not_payable' })

    clock.advance(-3_600)
    expect(await openCheckout(store.ctx, placed.orderId, 'pay')).toMatchObject({ kind: 'page' })
  })

  it('is confirmed only two minutes after a return that JustiFi does not show yet', async () => {
    const placed = await store.place()
    await store.openPage(placed)

    const early = await request(store.url).get(`/orders/${placed.token}/after-payment`).expect(200)
    expect(early.text).toContain('data-checking="true"')
    expect(early.text).not.toContain('/pay"')

    clock.advance(121)
    const late = await request(store.url).get(`/orders/${placed.token}`).expect(200)
    expect(late.text).not.toContain('data-checking')
    expect(late.text).toContain('/pay"')
  })
})
