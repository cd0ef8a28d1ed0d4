import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { lookAtDueOrders } from '../src/checkout/watch-orders.ts'
import { signWebhook } from '../src/justifi/webhook-signature.ts'
import { eventually } from './support/eventually.ts'
import { ENGINES, Store, WEBHOOK_SECRET } from './support/store.ts'

type Sent = { event?: Record<string, unknown>; secret?: string; timestamp?: string; body?: string }

describe.each(ENGINES)('a webhook on %s', (engine) => {
  let store: Store

  beforeEach(async () => {
    store = await Store.open({ engine })
  })
  afterEach(() => store.close())

  function send({ event, secret = WEBHOOK_SECRET, timestamp, body }: Sent) {
    const text = body ?? JSON.stringify(event)
    const at = timestamp ?? new Date().toISOString()
    return request(store.url)
      .post('/webhooks/justifi')
      .set('JUSTIFI-SIGNATURE', signWebhook(secret, at, text))
      .set('JUSTIFI-TIMESTAMP', at)
      .set('Content-Type', 'application/json')
      .send(text)
  }

  const succeeded = (intentId: string, facts: Record<string, unknown> = {}) => ({
    id: 'evt_1',
    event_name: 'payment_intent.succeeded',
    account_type: 'test',
    version: 'v1',
    data: { id: intentId, status: 'succeeded' },
    ...facts,
  })

  async function paidOrder() {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))
    return { placed, intentId: String((await store.order(placed)).intentId) }
  }

  const events = () => store.ctx.db.selectFrom('webhook_events').selectAll().execute()

  it('settles its order, by JustiFi’s answer', async () => {
    const { placed, intentId } = await paidOrder()

    await send({ event: succeeded(intentId) }).expect(200)

    await eventually(async () => expect((await store.order(placed)).status).toBe('paid'))
    expect((await store.timeline(placed)).at(-1)).toBe('status paid (webhook)')
    await eventually(async () =>
      expect(await events()).toMatchObject([{ id: 'evt_1', outcome: 'settled', deliveries: 1 }]),
    )
  })

  it('settles an order from the sandbox’s own delivery', async () => {
    await store.sandbox.publishTo(`${store.url}/webhooks/justifi`, WEBHOOK_SECRET)
    const { placed } = await paidOrder()
    await eventually(async () => expect((await store.order(placed)).status).toBe('paid'))
  })

  it('W07: does not make an order paid that JustiFi calls unpaid', async () => {
    const placed = await store.place()
    await store.openPage(placed)
    const { intentId } = await store.order(placed)

    await send({ event: succeeded(String(intentId)) }).expect(200)

    await eventually(async () => expect((await events())[0]?.outcome).toBe('settled'))
    expect((await store.order(placed)).status).toBe('awaiting_payment')
  })

  it('O01, W03: is stored once and rings once, however often it comes', async () => {
    const { placed, intentId } = await paidOrder()
    const event = succeeded(intentId)
    await Promise.all([1, 2, 3, 4, 5].map(() => send({ event }).expect(200)))
    await eventually(async () => expect((await store.order(placed)).status).toBe('paid'))

    const before = await store.sandbox.calls()
    await send({ event, timestamp: '2020-01-01T00:00:00Z' }).expect(200)

    expect(await store.sandbox.calls()).toEqual(before)
    expect(await events()).toMatchObject([{ id: 'evt_1', deliveries: 6 }])
    const paid = (await store.timeline(placed)).filter((entry) => entry.startsWith('status paid'))
    expect(paid).toHaveLength(1)
  })

  it('rings with a right signature on an old timestamp, in either form', async () => {
    for (const [id, timestamp] of [
      ['evt_iso', '2020-01-01T00:00:00Z'],
      ['evt_unix', '1577836800'],
    ]) {
      const { placed, intentId } = await paidOrder()
      await send({ event: succeeded(intentId, { id }), timestamp: String(timestamp) }).expect(200)
      await eventually(async () => expect((await store.order(placed)).status).toBe('paid'))
    }
  })

  it('W14: rings once more, and alarms, when its id comes with another body', async () => {
    const { intentId } = await paidOrder()
    await send({ event: succeeded(intentId) }).expect(200)
    await eventually(async () => expect((await events())[0]?.outcome).toBe('settled'))
    const before = (await store.sandbox.calls()).length

    await send({ event: succeeded(intentId, { request_id: 'other' }) }).expect(200)

    await eventually(async () =>
      expect((await store.sandbox.calls()).length).toBeGreaterThan(before),
    )
  })

  it('keeps what it does not know, and answers 200', async () => {
    await send({ event: { id: 'evt_a', event_name: 'proceeds.created', data: {} } }).expect(200)
    await send({ event: { id: 'evt_b', event_name: 'x', data: { id: 'pi_nobody' } } }).expect(200)
    await send({ event: { id: 'evt_c', event_name: 'x', data: null } }).expect(200)
    expect((await events()).map(({ outcome }) => outcome)).toEqual(Array(3).fill('unknown_object'))
  })

  it('O21: stores an event of the other side of JustiFi, and rings nothing', async () => {
    const { placed, intentId } = await paidOrder()
    const before = await store.sandbox.calls()

    await send({ event: succeeded(intentId, { account_type: 'live' }) }).expect(200)

    expect((await events())[0]?.outcome).toBe('wrong_mode')
    expect(await store.sandbox.calls()).toEqual(before)
    expect((await store.order(placed)).status).toBe('awaiting_payment')
  })

  it('rings nothing for an event of another account', async () => {
    const { intentId } = await paidOrder()
    const before = await store.sandbox.calls()
    await send({ event: succeeded(intentId, { account_id: 'acc_stranger' }) }).expect(200)
    expect((await events())[0]?.outcome).toBe('account_mismatch')
    expect(await store.sandbox.calls()).toEqual(before)
  })

  it('C09: rings through the watcher, when the process ended after the 200', async () => {
    const { placed, intentId } = await paidOrder()
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'status', status: 404 })

    await send({ event: succeeded(intentId) }).expect(200)
    await eventually(async () => expect((await store.sandbox.calls()).at(-1)).toMatch(/404$/))

    expect(await lookAtDueOrders(store.ctx)).toMatchObject({ looked: 1 })
    expect((await store.order(placed)).status).toBe('paid')
  })

  it('O23: asks about a few orders at once, and leaves the rest to the watcher', async () => {
    const orders = await Promise.all(Array.from({ length: 25 }, () => paidOrder()))
    await store.sandbox.fault({
      method: 'GET',
      path: '/v1/payment_intents/*',
      kind: 'delay',
      delay_ms: 300,
      times: 25,
    })
    let most = 0
    const counting = setInterval(() => {
      most = Math.max(most, store.ctx.ringing.size)
    }, 5)

    await Promise.all(
      orders.map(({ intentId }, index) =>
        send({ event: succeeded(intentId, { id: `evt_${index}` }) }).expect(200),
      ),
    )
    await eventually(async () => expect(store.ctx.ringing.size).toBe(0))
    clearInterval(counting)
    while ((await lookAtDueOrders(store.ctx)).more);

    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(8)
    const statuses = await Promise.all(
      orders.map(async ({ placed }) => (await store.order(placed)).status),
    )
    expect(new Set(statuses)).toEqual(new Set(['paid']))
  }, 60_000)

  it('W01: answers 400 to missing or doubled headers, and stores nothing', async () => {
    const path = '/webhooks/justifi'
    await request(store.url).post(path).send('{}').expect(400)
    await request(store.url).post(path).set('JUSTIFI-SIGNATURE', 'a'.repeat(64)).expect(400)
    await request(store.url)
      .post(path)
      .set('JUSTIFI-SIGNATURE', 'a'.repeat(64))
      .set('JUSTIFI-TIMESTAMP', 'yesterday')
      .send('{}')
      .expect(400)
    expect(await events()).toEqual([])
  })

  it('W02, W04: answers 401 to a wrong signature, and stores nothing', async () => {
    const event = succeeded('pi_1')
    await send({ event, secret: 'sigk_wrong' }).expect(401)
    await send({ event }).set('JUSTIFI-SIGNATURE', 'zz').expect(401)
    await send({ event }).set('JUSTIFI-TIMESTAMP', '2020-01-01T00:00:00Z').expect(401)
    await send({ event })
      .send(`${JSON.stringify(event)} `)
      .expect(401)
    expect(await events()).toEqual([])
  })

  it('W05: refuses a header that gave its end to the body', async () => {
    const genuine = { timestamp: '2024-01-01T00:00:00.123Z', body: '{"id":"evt_1"}' }
    await request(store.url)
      .post('/webhooks/justifi')
      .set('JUSTIFI-SIGNATURE', signWebhook(WEBHOOK_SECRET, genuine.timestamp, genuine.body))
      .set('JUSTIFI-TIMESTAMP', '2024-01-01T00:00:00')
      .set('Content-Type', 'application/json')
      .send(`123Z.${genuine.body}`)
      .expect(400)
  })

  it('W10: answers 400 to a signed body that is no event', async () => {
    const bodies = ['', 'null', '[]', '"x"', '{', '{"id":7,"event_name":"x"}', '{"id":"evt_1"}']
    for (const body of [...bodies, '['.repeat(20_000)]) await send({ body }).expect(400)
    await send({
      body: '{"__proto__":{"polluted":1},"id":"evt_p","event_name":"x","data":{"id":1e400}}',
    }).expect(200)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('W09: answers 413 to a body over 256 KiB', async () => {
    await send({ body: JSON.stringify({ id: 'x'.repeat(257 * 1024) }) }).expect(413)
    expect(await events()).toEqual([])
  })

  it('I6: answers 503 where it cannot be stored', async () => {
    await store.ctx.db.schema.dropTable('webhook_events').execute()
    await send({ event: succeeded('pi_1') }).expect(503)
  })

  it('keeps the body as it came, by its hash', async () => {
    const event = succeeded('pi_1', { note: 'Tea \u0026 cups' })
    await send({ event }).expect(200)
    const [stored] = await events()
    const hash = createHash('sha256').update(JSON.stringify(event)).digest('hex')
    expect(stored).toMatchObject({ body: JSON.stringify(event), body_hash: hash })
  })
})
