import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { openCheckout } from '../../src/checkout/open-checkout.ts'
import { signWebhook } from '../../src/justifi/webhook-signature.ts'
import { eventually } from '../support/eventually.ts'
import { ENGINES, Store, TestClock, WEBHOOK_SECRET } from '../support/store.ts'

/** Deliveries, and how many of them are on their way at once. */
const FLOOD = 150
const AT_ONCE = 15
/** JustiFi waits no longer. */
const ANSWERED_WITHIN_MS = 5_000

describe.each(ENGINES)('a flood on %s', (engine) => {
  let store: Store
  let clock: TestClock

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
  })
  afterEach(() => store.close())

  async function deliver(event: object, secret = WEBHOOK_SECRET): Promise<number> {
    const body = JSON.stringify(event)
    const sentAt = new Date().toISOString()
    const response = await fetch(`${store.url}/webhooks/justifi`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'justifi-signature': signWebhook(secret, sentAt, body),
        'justifi-timestamp': sentAt,
      },
    })
    await response.arrayBuffer()
    return response.status
  }

  async function paidOrder() {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))
    return { placed, event: succeeded(String((await store.order(placed)).intentId)) }
  }

  it('W11: of forged webhooks leaves nothing, and a genuine one is answered in time', async () => {
    const { placed, event } = await paidOrder()
    const flood = inParallel((index) => deliver({ ...event, id: `evt_${index}` }, 'sigk_forged'))

    const began = performance.now()
    expect(await deliver(event)).toBe(200)
    const tookMs = performance.now() - began

    expect(new Set(await flood)).toEqual(new Set([401]))
    expect(tookMs).toBeLessThan(ANSWERED_WITHIN_MS)
    const kept = await store.ctx.db.selectFrom('webhook_events').select('id').execute()
    expect(kept).toEqual([{ id: 'evt_1' }])
    await eventually(async () => expect((await store.order(placed)).status).toBe('paid'))
  })

  it('W12: of replays is answered, and asks JustiFi nothing', async () => {
    const { placed, event } = await paidOrder()
    await deliver(event)
    await eventually(async () => expect((await store.order(placed)).status).toBe('paid'))
    await eventually(async () => expect(store.ctx.ringing.size).toBe(0))
    const before = await store.sandbox.calls()

    const statuses = await inParallel(() => deliver(event))

    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(await store.sandbox.calls()).toEqual(before)
    const timeline = await store.timeline(placed)
    expect(timeline.filter((entry) => entry.startsWith('status'))).toEqual([
      'status paid (webhook)',
    ])
  })

  it('O18: of visits to the after-payment page changes nothing, whatever its address says', async () => {
    const placed = await store.place()
    await store.openPage(placed)
    const path = `/orders/${placed.token}/after-payment`
    await request(store.url).get(path).expect(200)
    const before = await store.sandbox.calls()

    for (const query of ['status=succeeded', 'amount=1&payment_id=py_1', 'status[]=paid', '%00']) {
      const { status } = await request(store.url).get(`${path}?${query}`)
      expect([200, 400]).toContain(status)
    }
    await inParallel(async () => (await fetch(store.url + path)).status)
    await request(store.url).head(path)

    expect(await store.order(placed)).toMatchObject({ status: 'awaiting_payment', paidCents: 0 })
    // One question is two calls: the intent, and its payments.
    expect((await store.sandbox.calls()).length - before.length).toBeLessThanOrEqual(2)
  })

  it('O04: of events before the page is stored finds their order by its intent', async () => {
    const placed = await store.place()
    await store.sandbox.fault({
      method: 'POST',
      path: '/v1/checkout_sessions',
      kind: 'delay',
      delay_ms: 400,
    })
    const opening = openCheckout(store.ctx, placed.orderId, 'checkout')
    await eventually(async () => expect((await store.order(placed)).intentId).not.toBeNull())
    const { intentId, pageEndsAt } = await store.order(placed)
    expect(pageEndsAt).toBeNull()

    expect(await deliver(succeeded(String(intentId)))).toBe(200)

    const events = await store.ctx.db.selectFrom('webhook_events').selectAll().execute()
    expect(events).toMatchObject([{ order_id: placed.orderId }])
    expect(await opening).toMatchObject({ kind: 'page' })
  })
})

function succeeded(intentId: string) {
  return {
    id: 'evt_1',
    event_name: 'payment_intent.succeeded',
    account_type: 'test',
    version: 'v1',
    data: { id: intentId, status: 'succeeded' },
  }
}

/** The answers to a flood, some of it on its way at once. */
async function inParallel(send: (index: number) => Promise<number>): Promise<number[]> {
  const answers: number[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < FLOOD) answers.push(await send(next++))
    }),
  )
  return answers
}
