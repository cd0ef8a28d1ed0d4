import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { webhookSignatureProblem } from '../src/justifi/webhook-signature.ts'
import {
  eventually,
  GOOD_BANK_ACCOUNT,
  GOOD_CARD,
  openPublisher,
  openSandbox,
  type ReceivedEvent,
  type SandboxClient,
} from './support/sandbox-client.ts'

const SECRET = 'sigk_test_of_the_sandbox'
const MINUTE_SECONDS = 60

let justifi: SandboxClient

beforeEach(async () => {
  justifi = await openSandbox()
})
afterEach(() => justifi.close())

describe('the state', () => {
  it('shows records as the API does, and each call', async () => {
    const intent = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(intent.id))
    await justifi.call('GET', '/v1/nothing')
    const state = await justifi.state()

    expect(state.payment_intents).toEqual([await justifi.getIntent(intent.id)])
    expect(state.payments).toEqual(await justifi.paymentsOf(intent.id))
    expect(state).toMatchObject({ checkouts: [], refunds: [], disputes: [], faults: [] })
    expect(state.requests).toMatchObject([
      { method: 'POST', path: '/oauth/token', status: 200, idempotency_key: null },
      { method: 'POST', path: '/v1/payment_intents', status: 201, idempotency_key: 'intent-0' },
      { method: 'POST', path: '/v1/checkout_sessions', status: 201 },
      { method: 'POST', path: `/r/${state.checkout_sessions[0].id}`, status: 303 },
      { method: 'GET', path: '/v1/nothing', status: 404 },
    ])
  })

  it('is a page as well', async () => {
    const intent = await justifi.createIntent({ description: '<script>' })
    const sessionId = await justifi.createSession(intent.id)
    await justifi.pay(sessionId, GOOD_BANK_ACCOUNT)
    const page = await justifi.control('GET', '')

    expect(page.status).toBe(200)
    expect(page.text).toContain(intent.id)
    expect(page.text).toContain('&lt;script&gt;')
    expect(page.text).not.toContain('<script>')
    expect(page.text).toContain('$42.00 USD')
  })
})

describe('the page’s buttons', () => {
  const press = (path: string, fields: object, headers = {}) =>
    justifi.send('POST', `/_sandbox${path}`, headers, new URLSearchParams({ ...fields }))

  it('do what the control plane does, and come back', async () => {
    const intent = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(intent.id), GOOD_BANK_ACCOUNT)
    const [payment] = await justifi.paymentsOf(intent.id)
    const pressed = await press(`/payments/${payment.id}/settle`, { status: 'succeeded' })

    expect([pressed.status, pressed.headers.get('location')]).toEqual([303, '/_sandbox'])
    expect((await justifi.getIntent(intent.id)).status).toBe('succeeded')
  })

  it('A15: cannot be pressed by another site', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const pressed = await press('/reset', {}, { 'sec-fetch-site': site })
      expect(pressed.status).toBe(403)
    }
    expect((await press('/reset', {}, { 'sec-fetch-site': 'same-origin' })).status).toBe(303)
  })
})

describe('events', () => {
  let publisher: Awaited<ReturnType<typeof openPublisher>>

  beforeEach(async () => {
    publisher = await openPublisher()
    await justifi.control('POST', '/publishers', { url: publisher.url, secret: SECRET })
  })
  afterEach(() => publisher.close())

  const received = (count: number) =>
    eventually(() => (publisher.received.length >= count ? publisher.received : undefined))
  const deliveries = () => justifi.state().then((state) => state.deliveries)
  const tried = (times: number) =>
    eventually(async () => {
      const [delivery] = await deliveries()
      return delivery.tries === times ? delivery : undefined
    })

  it('tell of a declined and a paid try in order, as the records were', async () => {
    const intent = await justifi.createIntent()
    const session = await justifi.createSession(intent.id)
    await justifi.pay(session, { ...GOOD_CARD, number: '4000000000000002' })
    await justifi.pay(session)
    await received(9)

    const { events } = await justifi.state()
    expect(events.map(({ event_name }: { event_name: string }) => event_name)).toEqual([
      'payment_intent.created',
      'payment_intent.attached',
      'payment.created',
      'payment.failed',
      'payment_intent.attached',
      'payment.created',
      'payment.captured',
      'payment.succeeded',
      'payment_intent.succeeded',
    ])
    expect(events[0].data.status).toBe('requires_payment_method')
    expect(events.at(-1)).toEqual({
      id: expect.stringMatching(/^evt_/),
      event_name: 'payment_intent.succeeded',
      account_id: intent.account_id,
      account_type: 'test',
      platform_account_id: expect.stringMatching(/^acc_/),
      idempotency_key: null,
      request_id: expect.stringMatching(/^req_/),
      version: 'v1',
      data: await justifi.getIntent(intent.id),
    })
  })

  it('tell of a bank payment as it begins and ends', async () => {
    const intent = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(intent.id), GOOD_BANK_ACCOUNT)
    const [{ id }] = await justifi.paymentsOf(intent.id)
    await justifi.control('POST', `/payments/${id}/settle`, { status: 'succeeded' })

    const { events } = await justifi.state()
    expect(events.map(({ event_name }: { event_name: string }) => event_name)).toEqual([
      'payment_intent.created',
      'payment_intent.attached',
      'payment.created',
      'payment.pending',
      'payment.succeeded',
      'payment_intent.succeeded',
    ])
  })

  it('are signed over the bytes that are sent', async () => {
    await justifi.createIntent()
    const [event] = (await received(1)) as [ReceivedEvent]
    const delivery = {
      timestamp: event.headers['justifi-timestamp'],
      signature: event.headers['justifi-signature'],
      body: event.raw,
    }

    expect(webhookSignatureProblem({ ...delivery, secrets: [SECRET] })).toBeUndefined()
    expect(webhookSignatureProblem({ ...delivery, secrets: ['other'] })).toBe('mismatch')
    expect(event.headers['content-type']).toBe('application/json')
    const { events } = await justifi.state()
    expect(JSON.parse(event.raw.toString())).toEqual(events[0])
  })

  it.each([[204], [302], [500]])('count as undelivered when answered %i', async (status) => {
    publisher.answer = status
    await justifi.createIntent()

    expect(await tried(1)).toMatchObject({ status: 'pending', last_status: status })
  })

  it('are tried three times more within an hour of the sandbox’s time', async () => {
    publisher.answer = 500
    await justifi.createIntent()
    await tried(1)
    await justifi.advance(4 * MINUTE_SECONDS)
    expect(publisher.received).toHaveLength(1)

    for (const [tries, minutes] of [
      [2, 2],
      [3, 15],
      [4, 40],
    ] as const) {
      await justifi.advance(minutes * MINUTE_SECONDS)
      await tried(tries)
    }
    expect(await tried(4)).toMatchObject({ status: 'failed', next_attempt_at: null })
    await justifi.advance(600 * MINUTE_SECONDS)
    expect(publisher.received).toHaveLength(4)

    const [first, ...others] = publisher.received as [ReceivedEvent]
    for (const { raw, headers } of others as ReceivedEvent[]) {
      expect(raw.equals(first.raw)).toBe(true)
      expect(headers['justifi-timestamp']).toBe(first.headers['justifi-timestamp'])
    }
  })

  it('arrive with a retry once the publisher is well again', async () => {
    publisher.answer = 500
    await justifi.createIntent()
    await tried(1)
    publisher.answer = 200
    await justifi.advance(6 * MINUTE_SECONDS)

    expect(await tried(2)).toMatchObject({ status: 'delivered', last_status: 200 })
  })

  it('are given up on by a publisher that takes longer than five seconds', async () => {
    publisher.answer = 'nothing'
    await justifi.createIntent()

    expect(await tried(1)).toMatchObject({
      status: 'pending',
      last_status: null,
      last_error: 'no answer within 5 seconds',
    })
  })

  it('can be delivered again, and the answer is waited for', async () => {
    await justifi.createIntent()
    await received(1)
    const [event] = (await justifi.state()).events
    const again = await justifi.control('POST', `/events/${event.id}/deliver`)

    expect(again.body.deliveries).toMatchObject([{ event_id: event.id, status: 'delivered' }])
    const [first, second] = publisher.received as [ReceivedEvent, ReceivedEvent]
    expect(second.raw.equals(first.raw)).toBe(true)
    expect((await justifi.control('POST', '/events/evt_x/deliver')).status).toBe(404)
  })

  it('go only to publishers that want them', async () => {
    const { url } = publisher
    const body = { url, secret: SECRET, events: ['payment.failed', 'payment.succeeded'] }
    expect((await justifi.control('POST', '/publishers', body)).status).toBe(201)
    const intent = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(intent.id))
    const [only] = (await received(1)) as [ReceivedEvent]

    expect(only.name).toBe('payment.succeeded')
    expect(await deliveries()).toHaveLength(1)
    await justifi.control('DELETE', '/publishers')
    await justifi.createIntent()
    expect(await deliveries()).toHaveLength(1)
  })

  it('leave the secret out of the state', async () => {
    await justifi.createIntent()
    expect(JSON.stringify(await justifi.state())).not.toContain(SECRET)
  })
})

describe('the clock', () => {
  it('goes on by what is asked for', async () => {
    const before = Date.parse((await justifi.state()).now)
    const reply = await justifi.advance(90)
    const gone = Date.parse(reply.body.now) - before

    expect(gone).toBeGreaterThanOrEqual(90_000)
    expect(gone).toBeLessThan(95_000)
  })

  it.each([[-1], ['soon'], [Number.MAX_SAFE_INTEGER], [null]])(
    'refuses %j seconds',
    async (advance_seconds) => {
      const reply = await justifi.control('POST', '/clock', { advance_seconds })
      expect([reply.status, reply.body.error.code]).toEqual([422, 'invalid_parameters'])
    },
  )
})

describe('bad orders to the control plane', () => {
  it.each([
    ['/faults', { method: 'GET', path: '/v1/x', kind: 'explode' }],
    ['/faults', { method: 'GET', path: 'v1', kind: 'reset' }],
    ['/faults', { method: 'GET', path: '/v1/x', kind: 'status' }],
    ['/faults', { method: 'GET', path: '/v1/x', kind: 'delay' }],
    ['/faults', { method: 'GET', path: '/v1/x', kind: 'patch' }],
    ['/faults', { method: 'GET', path: '/v1/x', kind: 'reset', times: 0 }],
    ['/faults', { method: 'GET', path: '/v1/x', kind: 'reset', often: true }],
    ['/publishers', { url: 'shop', secret: 's' }],
    ['/publishers', { url: 'ftp://shop.test/', secret: 's' }],
    ['/publishers', { url: 'http://shop.test/' }],
    ['/clock', {}],
  ])('are refused: %s %j', async (path, body) => {
    const reply = await justifi.control('POST', path, body)

    expect(reply.status).toBe(422)
    expect(reply.body.error).toEqual({
      code: 'invalid_parameters',
      message: expect.any(String),
    })
    expect((await justifi.state()).faults).toEqual([])
  })

  it('are refused when they are no JSON, or lead nowhere', async () => {
    const headers = { 'content-type': 'application/json' }
    expect((await justifi.send('POST', '/_sandbox/faults', headers, '{')).status).toBe(400)
    expect((await justifi.control('GET', '/nothing')).status).toBe(404)
  })

  it('settle only what is pending', async () => {
    const intent = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(intent.id))
    const [{ id }] = await justifi.paymentsOf(intent.id)
    const settle = (id: string, status: string) =>
      justifi.control('POST', `/payments/${id}/settle`, { status })

    expect((await settle(id, 'failed')).body.error.code).toBe('payment_not_pending')
    expect((await settle(id, 'lost')).status).toBe(422)
    expect((await settle('py_x', 'failed')).status).toBe(404)
    expect((await justifi.getIntent(intent.id)).status).toBe('succeeded')
  })
})

it('is emptied by a reset, which leaves the publishers where they were', async () => {
  const publisher = await openPublisher()
  await justifi.control('POST', '/publishers', { url: publisher.url, secret: SECRET })
  await justifi.advance(3_600)
  const intent = await justifi.createIntent()
  await justifi.createSession(intent.id)
  await justifi.control('POST', '/faults', { method: 'GET', path: '/v1/*', kind: 'reset' })
  await justifi.control('POST', '/reset')

  const state = await justifi.state()
  for (const name of ['payment_intents', 'checkout_sessions', 'payments', 'events', 'deliveries']) {
    expect(state[name]).toEqual([])
  }
  expect(state).toMatchObject({ requests: [], faults: [] })
  expect(state.publishers).toEqual([{ url: publisher.url, events: [] }])
  expect(Date.parse(state.now) - Date.now()).toBeLessThan(60_000)
  expect((await justifi.call('GET', `/v1/payment_intents/${intent.id}`)).status).toBe(404)
  await publisher.close()
})
