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

describe('a part of the state', () => {
  it('is what was asked for, and the time', async () => {
    await justifi.cardPayment()
    const { payments, refunds, now } = await justifi.state()
    const part = await justifi.state('payments,refunds')

    expect(part).toEqual({ payments, refunds, now: expect.any(String) })
    expect(Date.parse(part.now)).toBeGreaterThanOrEqual(Date.parse(now))
  })

  it.each(['', 'payments,', 'secrets', 'constructor'])('cannot be %j', async (only) => {
    const reply = await justifi.control('GET', `/state?only=${only}`)
    expect([reply.status, reply.body.error.param]).toEqual([422, 'only'])
  })
})

describe('the settings', () => {
  const set = (settings: object) => justifi.control('POST', '/settings', settings)

  it('change one by one, and go back with a reset', async () => {
    const { settings } = await justifi.state('settings')
    await set({ refunds: 'pending' })
    await set({ pending_refunds: 'refunded' })
    const changed = (await justifi.state('settings')).settings
    await justifi.control('POST', '/reset')

    expect(settings).toEqual({ refunds: 'succeed', pending_refunds: 'reserved' })
    expect(changed).toEqual({ refunds: 'pending', pending_refunds: 'refunded' })
    expect((await justifi.state('settings')).settings).toEqual(settings)
  })

  it('are explained by the page, with a button for each other value', async () => {
    const page = (await justifi.control('GET', '')).text
    expect(page).toContain('How a refund begins')
    const form = new URLSearchParams({ refunds: 'pending' })
    await justifi.send('POST', '/_sandbox/settings', {}, form)
    expect((await justifi.state('settings')).settings.refunds).toBe('pending')
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

  it.each([
    ['test', 3, 60],
    ['live', 10, 24 * 60],
  ])('of a %s publisher are tried %i times more within %i minutes', async (mode, more, minutes) => {
    await justifi.control('POST', '/publishers', { url: publisher.url, secret: SECRET, mode })
    publisher.answer = 500
    await justifi.createIntent()

    for (let tries = 1; tries <= more; tries += 1) {
      const { status, next_attempt_at } = await tried(tries)
      expect(status).toBe('pending')
      const { now } = await justifi.state('now')
      const waitSeconds = (Date.parse(next_attempt_at) - Date.parse(now)) / 1_000
      await justifi.advance(waitSeconds - 30)
      expect(publisher.received).toHaveLength(tries)
      await justifi.advance(31)
    }
    const last = await tried(more + 1)
    expect(last).toMatchObject({ status: 'failed', next_attempt_at: null })
    const tookMinutes = (Date.parse(last.updated_at) - Date.parse(last.created_at)) / 60_000
    expect(tookMinutes).toBeGreaterThan(minutes / 2)
    expect(tookMinutes).toBeLessThan(minutes + more)

    await justifi.advance(100 * 60 * MINUTE_SECONDS)
    expect(publisher.received).toHaveLength(more + 1)
    const [first, ...others] = publisher.received as [ReceivedEvent]
    for (const { raw, headers } of others as ReceivedEvent[]) {
      expect(raw.equals(first.raw)).toBe(true)
      expect(headers['justifi-timestamp']).toBe(first.headers['justifi-timestamp'])
    }
  })

  it('of a manual publisher are delivered by hand alone', async () => {
    const body = { url: publisher.url, secret: SECRET, mode: 'manual' }
    await justifi.control('POST', '/publishers', body)
    publisher.answer = 500
    await justifi.cardPayment()
    const { events } = await justifi.state('events')
    const [, , third] = events
    const failed = await justifi.control('POST', `/events/${third.id}/deliver`)
    publisher.answer = 200
    await justifi.control('POST', `/events/${third.id}/deliver`)

    expect(failed.body.deliveries).toMatchObject([{ status: 'failed', next_attempt_at: null }])
    expect(publisher.received.map(({ raw }) => JSON.parse(raw.toString()))).toEqual([third, third])
    expect(await deliveries()).toHaveLength(2)
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
    ['/publishers', { url: 'http://shop.test/', secret: 's', mode: 'never' }],
    ['/faults', { method: 'GET', path: '/v1/x', kind: 'status_after' }],
    ['/settings', { refunds: 'never' }],
    ['/settings', { deliveries: 'live' }],
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
  expect(state.publishers).toEqual([{ url: publisher.url, events: [], mode: 'test' }])
  expect(Date.parse(state.now) - Date.now()).toBeLessThan(60_000)
  expect((await justifi.call('GET', `/v1/payment_intents/${intent.id}`)).status).toBe(404)
  await publisher.close()
})
