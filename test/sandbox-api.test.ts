import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { createSandboxApp } from '../src/sandbox/app.ts'
import { Journal } from '../src/sandbox/journal.ts'
import { Ledger } from '../src/sandbox/ledger.ts'
import type { PaymentIntent } from '../src/sandbox/records.ts'
import { Sandbox } from '../src/sandbox/sandbox.ts'
import { ACCOUNT, openSandbox, type SandboxClient } from './support/sandbox-client.ts'

const DAY_SECONDS = 86_400

let justifi: SandboxClient

beforeEach(async () => {
  justifi = await openSandbox()
})
afterEach(() => justifi.close())

describe('access tokens', () => {
  const ask = (body: unknown) => justifi.call('POST', '/oauth/token', { body, token: '' })

  it('are given to any test credentials, for a day', async () => {
    const reply = await ask({ client_id: 'test_shop', client_secret: 'test_123' })

    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({ access_token: expect.any(String), expires_in: DAY_SECONDS })
  })

  it.each([
    { client_id: 'live_shop', client_secret: 'test_123' },
    { client_id: 'test_shop', client_secret: '123' },
    { client_id: 'test_shop' },
    {},
  ])('are refused for %j', async (credentials) => {
    const reply = await ask(credentials)

    expect(reply.status).toBe(401)
    expect(reply.body.error.code).toBe('not_authenticated')
  })

  it('are needed for each call', async () => {
    for (const token of ['', 'x', 'x.y.z', `${await justifi.takeToken()}x`]) {
      const reply = await justifi.call('GET', '/v1/payment_intents', { token })
      expect([reply.status, reply.body.error.code]).toEqual([401, 'not_authenticated'])
    }
  })

  it('die after 24 hours of the sandbox’s time', async () => {
    const token = await justifi.takeToken()
    await justifi.advance(DAY_SECONDS - 60)
    expect((await justifi.call('GET', '/v1/payments', { token })).status).toBe(200)

    await justifi.advance(61)
    expect((await justifi.call('GET', '/v1/payments', { token })).status).toBe(401)
  })
})

describe('payment intents', () => {
  const create = (body: unknown, key = 'k') =>
    justifi.call('POST', '/v1/payment_intents', { body, key })

  it('are created and read in JustiFi’s envelope', async () => {
    const metadata = { order: 'K7QM2XR4', nested: { a: [1] } }
    const created = await create({ amount: 4200, currency: 'usd', description: 'Tea', metadata })

    expect(created.status).toBe(201)
    const { id } = created.body
    expect(id).toMatch(/^pi_[0-9A-Za-z]{22}$/)
    expect(created.body).toEqual({
      id,
      type: 'payment_intent',
      data: {
        id,
        account_id: ACCOUNT,
        amount: 4200,
        currency: 'usd',
        description: 'Tea',
        metadata,
        payment_method: null,
        status: 'requires_payment_method',
        successful_payment_id: null,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updated_at: created.body.data.created_at,
      },
      page_info: null,
    })
    const read = await justifi.call('GET', `/v1/payment_intents/${id}`)
    expect([read.status, read.text]).toEqual([200, created.text])
  })

  it.each([
    [{ currency: 'usd' }, 'amount_required', 'amount'],
    [{ amount: '4200', currency: 'usd' }, 'amount_must_be_an_integer', 'amount'],
    [{ amount: 42.5, currency: 'usd' }, 'amount_must_be_an_integer', 'amount'],
    [{ amount: 50, currency: 'usd' }, 'amount_below_minimum', 'amount'],
    [{ amount: -4200, currency: 'usd' }, 'amount_below_minimum', 'amount'],
    [{ amount: 100_000_000, currency: 'usd' }, 'amount_above_maximum', 'amount'],
    [{ amount: 4200 }, 'currency_required', 'currency'],
    [{ amount: 4200, currency: 'USD' }, 'currency_invalid', 'currency'],
    [{ amount: 4200, currency: 'eur' }, 'currency_invalid', 'currency'],
    [{ amount: 4200, currency: 'usd', description: 5 }, 'parameter_invalid', 'description'],
    [{ amount: 4200, currency: 'usd', metadata: ['a'] }, 'parameter_invalid', 'metadata'],
    [{ amount: 4200, currency: 'usd', order: 'x' }, 'unexpected_parameter', 'order'],
  ])('M06: are refused for %j', async (body, code, param) => {
    const reply = await create(body)

    expect(reply.status).toBe(422)
    expect(reply.body).toEqual({ error: { code, message: expect.any(String), param } })
    expect((await justifi.state()).payment_intents).toEqual([])
  })

  it('M06: take the smallest and the largest amount', async () => {
    expect((await create({ amount: 51, currency: 'usd' }, 'a')).status).toBe(201)
    expect((await create({ amount: 99_999_999, currency: 'usd' }, 'b')).status).toBe(201)
  })

  it.each(['', 'amount=4200', '[]', 'null', '{'])('answer 400 to the body %j', async (raw) => {
    const reply = await justifi.call('POST', '/v1/payment_intents', { raw, key: 'k' })
    expect([reply.status, reply.body.error.code]).toEqual([400, 'bad_request'])
  })

  it('keep an account to the currency of its first intent', async () => {
    await create({ amount: 4200, currency: 'cad' }, 'a')
    const other = await create({ amount: 4200, currency: 'usd' }, 'b')

    expect([other.status, other.body.error.code]).toEqual([422, 'currency_invalid'])
  })

  it('change only their description and metadata', async () => {
    const { id, created_at } = await justifi.createIntent({ metadata: { a: 1 } })
    const path = `/v1/payment_intents/${id}`
    const changed = await justifi.call('PATCH', path, { body: { metadata: { b: 2 } }, key: 'p' })

    expect(changed.status).toBe(200)
    expect(changed.body.data).toMatchObject({ metadata: { b: 2 }, description: 'Order K7QM2XR4' })
    expect(changed.body.data.updated_at > created_at).toBe(true)
    const amount = await justifi.call('PATCH', path, { body: { amount: 99 }, key: 'q' })
    expect(amount.body.error).toMatchObject({ code: 'unexpected_parameter', param: 'amount' })
  })

  it('are listed newest first, page by page, while others are added', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i += 1) ids.unshift((await justifi.createIntent()).id)
    const list = (query: string) => justifi.call('GET', `/v1/payment_intents?${query}`)
    const idsOf = (reply: Awaited<ReturnType<typeof list>>) =>
      reply.body.data.map(({ id }: { id: string }) => id)

    const first = await list('limit=2')
    expect(first.body).toMatchObject({ id: null, type: 'array' })
    expect(first.body.page_info).toMatchObject({ has_next: true, has_previous: false })
    await justifi.createIntent()
    const second = await list(`limit=2&after_cursor=${first.body.page_info.end_cursor}`)
    const third = await list(`limit=2&after_cursor=${second.body.page_info.end_cursor}`)
    const back = await list(`limit=2&before_cursor=${third.body.page_info.start_cursor}`)

    expect([first, second, third].flatMap(idsOf)).toEqual(ids)
    expect(third.body.page_info).toMatchObject({ has_next: false, has_previous: true })
    expect(idsOf(back)).toEqual(idsOf(second))
    expect(idsOf(await list('limit=many'))).toHaveLength(6)
    for (const query of [
      'limit=0',
      'limit=101',
      'after_cursor=abc',
      'after_cursor=a&before_cursor=b',
    ]) {
      expect((await list(query)).status).toBe(422)
    }
  })

  it('say nothing past the end of a list', async () => {
    const reply = await justifi.call('GET', '/v1/payment_intents')
    expect(reply.body).toEqual({
      id: null,
      type: 'array',
      data: [],
      page_info: { has_next: false, has_previous: false, start_cursor: '', end_cursor: '' },
    })
  })
})

describe('accounts', () => {
  it('see nothing of each other', async () => {
    const { id } = await justifi.createIntent()
    const session = { payment_intent_id: id, after_payment_url: 'http://shop.test/' }
    await justifi.pay(await justifi.createSession(id))
    const [payment] = await justifi.paymentsOf(id)

    for (const account of ['acc_other', '']) {
      const replies = await Promise.all([
        justifi.call('GET', `/v1/payment_intents/${id}`, { account }),
        justifi.call('GET', `/v1/payment_intents/${id}/payments`, { account }),
        justifi.call('GET', `/v1/payments/${payment.id}`, { account }),
        justifi.call('POST', '/v1/checkout_sessions', { body: session, account }),
        justifi.call('PATCH', `/v1/payment_intents/${id}`, { body: {}, key: 'k', account }),
      ])
      for (const reply of replies) {
        expect([reply.status, reply.body.error.code]).toEqual([404, 'resource_not_found'])
      }
      expect((await justifi.call('GET', '/v1/payments', { account })).body.data).toEqual([])
    }
  })

  it('mean the platform’s own where none is named', async () => {
    const intent = await justifi.createIntent({}, '')
    const { account_id } = (await justifi.state()).payment_intents[0]

    expect(account_id).toBe(intent.account_id)
    expect(account_id).toMatch(/^acc_/)
    expect(account_id).not.toBe(ACCOUNT)
  })

  it.each(['teahouse', 'acc_', 'acc_a b', `acc_${'x'.repeat(65)}`])(
    'cannot be called %j',
    async (account) => {
      const reply = await justifi.call('GET', '/v1/payments', { account })
      expect([reply.status, reply.body.error.code]).toEqual([400, 'invalid_sub_account'])
    },
  )

  it('are enabled, with the currency of their first intent', async () => {
    const path = `/v1/sub_accounts/${ACCOUNT}`
    const fresh = await justifi.call('GET', path)
    await justifi.createIntent({ currency: 'cad' })
    const used = await justifi.call('GET', path)
    const list = await justifi.call('GET', '/v1/sub_accounts')

    expect(fresh.body.data).toMatchObject({ id: ACCOUNT, status: 'enabled', currency: null })
    expect(used.body.data).toMatchObject({ status: 'enabled', currency: 'cad' })
    expect(list.body.data).toEqual([used.body.data])
  })
})

describe('checkout sessions', () => {
  const create = (body: object) => justifi.call('POST', '/v1/checkout_sessions', { body })

  it('are answered by their id alone, and end after 24 hours', async () => {
    const { id } = await justifi.createIntent()
    const reply = await create({
      payment_intent_id: id,
      after_payment_url: 'http://shop.test/after',
      back_url: 'http://shop.test/back',
    })

    const checkout_session_id = reply.body.data.checkout_session_id
    expect(reply.status).toBe(201)
    expect(reply.body).toEqual({
      id: 1,
      type: 'checkout_session',
      data: { checkout_session_id: expect.stringMatching(/^[0-9a-f]{64}$/) },
      page_info: null,
    })
    const [session] = (await justifi.state()).checkout_sessions
    expect(session).toMatchObject({
      id: checkout_session_id,
      payment_intent_id: id,
      after_payment_url: 'http://shop.test/after',
      back_url: 'http://shop.test/back',
    })
    const lifeMs = Date.parse(session.expires_at) - Date.parse(reply.headers.get('date') ?? '')
    expect(Math.round(lifeMs / 1_000 / 60)).toBe(24 * 60)
  })

  it.each([
    ['payment_intent_id', undefined, 'parameter_missing'],
    ['after_payment_url', undefined, 'parameter_missing'],
    ['after_payment_url', '/orders/1', 'parameter_invalid'],
    ['after_payment_url', '//shop.test/', 'parameter_invalid'],
    ['after_payment_url', 'javascript:alert(1)', 'parameter_invalid'],
    ['after_payment_url', 'https:shop.test', 'parameter_invalid'],
    ['after_payment_url', ['http://shop.test/'], 'parameter_invalid'],
    ['back_url', 'shop.test', 'parameter_invalid'],
    ['cancel_url', 'http://shop.test/', 'unexpected_parameter'],
  ])('are refused for %s = %j', async (param, value, code) => {
    const { id } = await justifi.createIntent()
    const good = { payment_intent_id: id, after_payment_url: 'http://shop.test/after' }
    const reply = await create({ ...good, [param]: value })

    expect(reply.status).toBe(422)
    expect(reply.body.error).toMatchObject({ code, param })
  })

  it('may be several for one intent, until it is paid', async () => {
    const { id } = await justifi.createIntent()
    const first = await justifi.createSession(id)
    const second = await justifi.createSession(id)
    await justifi.pay(second)
    const late = await create({ payment_intent_id: id, after_payment_url: 'http://shop.test/' })

    expect(first).not.toBe(second)
    expect(late.status).toBe(422)
    expect(late.body.error.code).toBe('payment_intent_unexpected_state')
  })

  it('are refused for an unknown intent', async () => {
    const reply = await create({ payment_intent_id: 'pi_x', after_payment_url: 'http://a.test/' })
    expect([reply.status, reply.body.error.code]).toEqual([404, 'resource_not_found'])
  })
})

describe('idempotency keys', () => {
  const body = { amount: 4200, currency: 'usd' }
  const create = (key: string | undefined, options: object = { body }) =>
    justifi.call('POST', '/v1/payment_intents', { ...(key !== undefined && { key }), ...options })

  it('are required where money is asked for', async () => {
    const reply = await create(undefined)
    expect([reply.status, reply.body.error.code]).toEqual([400, 'idempotency_key_required'])
  })

  it('bring back the first answer, byte for byte, and do nothing again', async () => {
    const first = await create('k')
    await justifi.pay(await justifi.createSession(first.body.id))
    const again = await create('k')

    expect([again.status, again.text]).toEqual([first.status, first.text])
    expect((await justifi.state()).payment_intents).toHaveLength(1)
    expect((await justifi.state()).events.filter(isIntentCreated)).toHaveLength(1)
  })

  it('P09: stand for one body only', async () => {
    await create('k')
    const other = await create('k', { body: { ...body, amount: 4201 } })
    const sameInOtherBytes = await create('k', { raw: JSON.stringify(body, null, 1) })

    for (const reply of [other, sameInOtherBytes]) {
      expect([reply.status, reply.body.error.code]).toEqual([422, 'idempotency_params_mismatch'])
    }
  })

  it('P09: have at most 100 characters', async () => {
    expect((await create('x'.repeat(100))).status).toBe(201)
    const reply = await create('x'.repeat(101))
    expect([reply.status, reply.body.error.code]).toEqual([422, 'idempotency_key_invalid'])
  })

  it('P07: answer 409 while the first call is under way', async () => {
    const fault = { method: 'POST', path: '/v1/payment_intents', kind: 'delay', delay_ms: 1_000 }
    await justifi.control('POST', '/faults', fault)
    const first = create('k')
    // The first call is known to have arrived once its fault is spent.
    while ((await justifi.state()).faults.length > 0);
    const second = await create('k')

    expect([second.status, second.body.error.code]).toEqual([
      409,
      'idempotency_request_in_progress',
    ])
    expect((await first).status).toBe(201)
    expect((await create('k')).text).toBe((await first).text)
  })

  it('P04: can be forgotten, and then stand for nothing', async () => {
    const first = await create('k')
    await justifi.control('DELETE', '/idempotency_keys')
    const again = await create('k')

    expect(again.status).toBe(201)
    expect(again.body.id).not.toBe(first.body.id)
  })

  it('repeat a refusal too', async () => {
    const refused = await create('k', { body: { ...body, amount: 1 } })
    expect((await create('k', { body: { ...body, amount: 1 } })).text).toBe(refused.text)
    expect((await create('k')).body.error.code).toBe('idempotency_params_mismatch')
  })

  it('belong to an account', async () => {
    const first = await create('k')
    const other = await create('k', { body, account: 'acc_other' })

    expect(other.status).toBe(201)
    expect(other.body.id).not.toBe(first.body.id)
  })

  it('work for sessions, which do not need them', async () => {
    const { id } = await justifi.createIntent()
    const session = { payment_intent_id: id, after_payment_url: 'http://shop.test/' }
    const create = () => justifi.call('POST', '/v1/checkout_sessions', { body: session, key: 's' })

    expect((await create()).text).toBe((await create()).text)
    expect((await justifi.state()).checkout_sessions).toHaveLength(1)
  })
})

describe('payments', () => {
  it('have every field that a client could read', async () => {
    const intent = await justifi.createIntent({ metadata: { order: '1' } })
    await justifi.pay(await justifi.createSession(intent.id))
    const [payment] = await justifi.paymentsOf(intent.id)
    const single = await justifi.call('GET', `/v1/payments/${payment.id}`)

    expect(single.body).toEqual({ id: payment.id, type: 'payment', data: payment, page_info: null })
    expect(payment).toMatchObject({
      id: expect.stringMatching(/^py_/),
      account_id: ACCOUNT,
      amount: 4200,
      amount_disputed: 0,
      amount_refundable: 4200,
      amount_refunded: 0,
      balance: 4200 - payment.fee_amount,
      captured: true,
      currency: 'usd',
      description: 'Order K7QM2XR4',
      disputes: [],
      error_code: null,
      fees: [{ type: 'processing_fee', amount: payment.fee_amount, currency: 'usd' }],
      is_test: true,
      metadata: { order: '1' },
      payment_intent_id: intent.id,
      payment_method: {
        card: {
          id: expect.stringMatching(/^pm_/),
          acct_last_four: '4242',
          brand: 'Visa',
          month: '12',
          year: '2099',
          name: 'Ada Tester',
          address_postal_code_check: 'pass',
        },
      },
      payment_mode: 'ecom',
      refunds: [],
      status: 'succeeded',
    })
    expect(payment.fee_amount).toBeGreaterThan(0)
  })

  it('are listed newest first, by status and time', async () => {
    const intent = await justifi.createIntent()
    const session = await justifi.createSession(intent.id)
    await justifi.pay(session, { ...declined, number: '4000000000000002' })
    await justifi.advance(3_600)
    await justifi.pay(session)
    const [failed, paid] = await justifi.paymentsOf(intent.id)
    const list = async (query: string) => {
      const reply = await justifi.call('GET', `/v1/payments?${query}`)
      return reply.body.data?.map(({ id }: { id: string }) => id) ?? reply.body.error.param
    }

    expect(await list('')).toEqual([paid.id, failed.id])
    expect(await list('payment_status=failed')).toEqual([failed.id])
    expect(await list(`created_after=${failed.created_at}`)).toEqual([paid.id])
    expect(await list(`created_before=${paid.created_at}`)).toEqual([failed.id])
    expect(await list('payment_status=gone')).toBe('payment_status')
    expect(await list('created_after=yesterday')).toBe('created_after')
  })

  it('take a note, which moves their updated_at', async () => {
    const intent = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(intent.id))
    const [payment] = await justifi.paymentsOf(intent.id)
    const changed = await justifi.call('PATCH', `/v1/payments/${payment.id}`, {
      body: { description: 'Tea' },
      key: 'p',
    })

    expect(changed.body.data).toMatchObject({ description: 'Tea', status: 'succeeded' })
    expect(changed.body.data.updated_at > payment.updated_at).toBe(true)
    expect(await justifi.paymentsOf(intent.id)).toEqual([changed.body.data])
  })
})

describe('every answer', () => {
  it('carries the sandbox’s clock and an id of the request', async () => {
    await justifi.advance(10 * DAY_SECONDS)
    const replies = await Promise.all([
      justifi.call('GET', '/v1/payments'),
      justifi.call('GET', '/v1/payments', { token: '' }),
      justifi.call('GET', '/v1/nothing'),
    ])
    const { now } = await justifi.state()

    for (const reply of replies) {
      const date = reply.headers.get('date') ?? ''
      expect(date).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
      expect(Math.abs(Date.parse(date) - Date.parse(now))).toBeLessThan(5_000)
      expect(reply.headers.get('request-id')).toMatch(/^req_/)
    }
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(9 * DAY_SECONDS * 1_000)
  })

  it('is an error of JustiFi’s shape for an unknown path', async () => {
    const reply = await justifi.call('GET', '/v1/nothing')
    expect(reply.status).toBe(404)
    expect(reply.body).toEqual({
      error: { code: 'resource_not_found', message: expect.any(String) },
    })
  })
})

it('makes the same ids each time from one seed', async () => {
  const idsFrom = async (seed: string) => {
    const sandbox = await openSandbox({ seed })
    const { id } = await sandbox.createIntent()
    const session = await sandbox.createSession(id)
    await sandbox.pay(session)
    const { payments, events } = await sandbox.state()
    await sandbox.close()
    return [id, session, ...[...payments, ...events].map((record: { id: string }) => record.id)]
  }

  const first = await idsFrom('tea')
  expect(await idsFrom('tea')).toEqual(first)
  expect(await idsFrom('coffee')).not.toEqual(first)
})

it('moves updated_at also where two changes fall into one millisecond', () => {
  const moment = new Date('2026-03-14T09:26:53.589Z')
  const ledger = new Ledger(new Journal(), { now: () => moment })
  const record = { updated_at: moment.toISOString() } as PaymentIntent

  expect(ledger.changed(record, {}).updated_at).toBe('2026-03-14T09:26:53.590Z')
})

it('runs without a port of its own', async () => {
  const sandbox = new Sandbox({ seed: 1 })
  const reply = await request(createSandboxApp(sandbox))
    .post('/oauth/token')
    .send({ client_id: 'test_a', client_secret: 'test_b' })
  sandbox.close()

  expect(reply.status).toBe(200)
})

const declined = { method: 'card', month: '12', year: '2099', verification: '123' }

function isIntentCreated({ event_name }: { event_name: string }): boolean {
  return event_name === 'payment_intent.created'
}
