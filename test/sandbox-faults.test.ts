import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { eventually, openSandbox, type SandboxClient } from './support/sandbox-client.ts'

let justifi: SandboxClient

beforeEach(async () => {
  justifi = await openSandbox()
})
afterEach(() => justifi.close())

const INTENTS = '/v1/payment_intents'

const order = (kind: string, others: object = {}) =>
  justifi.control('POST', '/faults', { method: 'POST', path: INTENTS, kind, ...others })
const create = (key = 'k') =>
  justifi.call('POST', INTENTS, { body: { amount: 4200, currency: 'usd' }, key })
const intents = async () => (await justifi.state()).payment_intents
const statuses = async () =>
  (await justifi.state()).requests
    .filter(({ path }: { path: string }) => path === INTENTS)
    .map(({ status }: { status: number | null }) => status)

describe('a fault', () => {
  it('hits the next matching calls, as many as were ordered, the oldest fault first', async () => {
    await order('status', { status: 503, times: 2 })
    await order('status', { status: 429 })
    const seen = []
    for (let call = 0; call < 4; call += 1) seen.push((await create()).status)

    expect(seen).toEqual([503, 503, 429, 201])
    expect((await justifi.state()).faults).toEqual([])
  })

  it('leaves other calls alone', async () => {
    await order('status', { status: 500 })
    await order('status', { status: 500, method: 'GET', path: `${INTENTS}/pi_*` })

    expect((await justifi.call('GET', INTENTS)).status).toBe(200)
    expect((await justifi.call('GET', `${INTENTS}/pi_1`)).status).toBe(500)
    expect((await justifi.state()).faults).toMatchObject([{ method: 'POST', times: 1 }])
  })

  it('can be taken back', async () => {
    await order('status', { status: 500 })
    await justifi.control('DELETE', '/faults')

    expect((await create()).status).toBe(201)
  })

  it('can hit the token and the hosted page as well', async () => {
    await order('status', { path: '/oauth/token', status: 401 })
    await order('status', { method: 'GET', path: '/r/*', status: 500 })

    expect(await justifi.takeToken()).toBeUndefined()
    expect((await justifi.openPage('0'.repeat(64))).status).toBe(500)
  })
})

describe('nothing is done by', () => {
  it('P11: status, which has JustiFi’s error body and the headers asked for', async () => {
    await order('status', { status: 429, headers: { 'Retry-After': '3' } })
    const reply = await create()

    expect(reply.status).toBe(429)
    expect(reply.headers.get('retry-after')).toBe('3')
    expect(reply.body.error).toEqual({ code: expect.any(String), message: expect.any(String) })
    expect(await intents()).toEqual([])
  })

  it('P22: reset', async () => {
    await order('reset')
    await expect(create()).rejects.toThrow()

    expect(await intents()).toEqual([])
    expect(await statuses()).toEqual([null])
  })

  it('P02: hang', async () => {
    await order('hang')
    await abandon(async () => (await statuses()).length === 1)

    expect(await intents()).toEqual([])
    expect((await create()).status).toBe(201)
    expect(await statuses()).toEqual([null, 201])
  })

  it('P18: redirect, which leads to another host where a follower would be seen', async () => {
    await order('redirect')
    const reply = await create()
    const location = new URL(reply.headers.get('location') ?? '')

    expect(reply.status).toBe(302)
    expect(location.hostname).toBe('localhost')
    expect(location.port).toBe(new URL(justifi.url).port)
    expect(await intents()).toEqual([])
  })
})

describe('the work is done by', () => {
  it('delay, later', async () => {
    await order('delay', { delay_ms: 200 })
    const start = performance.now()

    expect((await create()).status).toBe(201)
    expect(performance.now() - start).toBeGreaterThan(190)
  })

  it('P03: reset_after, and the same key tells of it', async () => {
    await order('reset_after')
    await expect(create()).rejects.toThrow()
    const done = await intents()
    const again = await create()

    expect(again.status).toBe(201)
    expect(done).toEqual([again.body.data])
    expect(await intents()).toEqual(done)
    expect(await statuses()).toEqual([null, 201])
  })

  it('P03: hang_after, and the same key tells of it', async () => {
    await order('hang_after')
    await abandon(async () => (await intents()).length === 1)
    const done = await intents()
    const again = await create()

    expect(done).toEqual([again.body.data])
    expect(await intents()).toEqual(done)
  })

  it('malformed, with an answer that is no JSON', async () => {
    await order('malformed')
    const answer = await raw()

    expect(answer.status).toBe(201)
    expect(answer.complete).toBe(true)
    expect(() => JSON.parse(answer.text)).toThrow()
    expect(await intents()).toHaveLength(1)
  })

  it('P12: truncated, with an answer that ends before its length', async () => {
    await order('truncated')
    const answer = await raw()

    expect(answer.complete).toBe(false)
    expect(answer.text.length).toBe(Math.floor(answer.announced / 2))
    expect(await intents()).toHaveLength(1)
  })

  it('html, with a page in the answer’s place', async () => {
    await order('html')
    const reply = await create()

    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toContain('text/html')
    expect(await intents()).toHaveLength(1)
  })

  it('P13: patch, with the data changed on the way', async () => {
    await order('patch', { patch: { amount: 4201, metadata: { order: 'x' } } })
    const first = await create()
    const again = await create()

    expect(first.body.data).toMatchObject({ amount: 4201, metadata: { order: 'x' } })
    expect(again.body.data.amount).toBe(4200)
    expect(await intents()).toEqual([again.body.data])
  })

  it('patch, in each record of a list', async () => {
    const { id } = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(id))
    const patch = { payment_method: { card: { brand: '<b>' } } }
    await order('patch', { method: 'GET', path: `${INTENTS}/*`, patch })
    const [payment] = await justifi.paymentsOf(id)

    expect(payment.payment_method.card).toMatchObject({ brand: '<b>', acct_last_four: '4242' })
  })

  it('P16: drip, a byte a second', async () => {
    await order('drip')
    const start = performance.now()
    await abandon(() => performance.now() - start > 2_500)

    expect(await intents()).toHaveLength(1)
  })

  it('P17: huge, with a hundred megabytes and no length announced', async () => {
    await order('huge')
    const answer = await raw({ keepText: false })

    expect(answer.announced).toBeNaN()
    expect(answer.bytes).toBeGreaterThan(100 * 1024 * 1024)
    expect(await intents()).toHaveLength(1)
  })
})

describe('P15: stale', () => {
  const stale = (path: string) => order('stale', { method: 'GET', path })

  it('answers as before the payment', async () => {
    const intent = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(intent.id))
    const [payment] = await justifi.paymentsOf(intent.id)
    await stale(`${INTENTS}/${intent.id}`)
    await stale(`${INTENTS}/${intent.id}/payments`)
    await stale(`/v1/payments/${payment.id}`)
    await stale('/v1/payments')

    expect(await justifi.getIntent(intent.id)).toEqual(intent)
    expect(await justifi.paymentsOf(intent.id)).toEqual([])
    expect((await justifi.call('GET', `/v1/payments/${payment.id}`)).status).toBe(404)
    expect((await justifi.call('GET', '/v1/payments')).body.data).toEqual([])
    expect((await justifi.getIntent(intent.id)).status).toBe('succeeded')
  })

  it('goes back by one change only', async () => {
    const { id } = await justifi.createIntent()
    const session = await justifi.createSession(id)
    await justifi.pay(session, { ...declinedCard })
    const declined = await justifi.getIntent(id)
    const [failed] = await justifi.paymentsOf(id)
    await justifi.pay(session)
    await stale(`${INTENTS}/${id}`)
    await stale(`${INTENTS}/${id}/payments`)

    expect(await justifi.getIntent(id)).toEqual(declined)
    expect(await justifi.paymentsOf(id)).toEqual([failed])
  })

  it('takes back an account’s last change in a list, and nothing else', async () => {
    const older = await justifi.cardPayment()
    await justifi.refund(older.id, { amount: 1 })
    const before = await justifi.state()
    const newer = await justifi.cardPayment()
    await justifi.refund(newer.id, { amount: 2 })
    await justifi.cardPayment({}, 'acc_other')
    const lists = ['payments', 'refunds', 'disputes']
    for (const name of lists) await stale(`/v1/${name}`)
    const [payments, refunds, disputes] = await Promise.all(
      lists.map(async (name) => (await justifi.call('GET', `/v1/${name}`)).body.data),
    )

    expect(payments).toEqual([newer, ...before.payments])
    expect(refunds).toEqual(before.refunds)
    expect(disputes).toEqual([])
  })

  it('answers as before a refund or a dispute', async () => {
    const { id } = await justifi.cardPayment()
    await justifi.refund(id, { amount: 1000 })
    const refunded = await justifi.getPayment(id)
    const { body } = await justifi.dispute(id)
    await stale(`/v1/payments/${id}`)
    await stale(`/v1/disputes/${body.id}`)
    await stale('/v1/disputes')
    await stale('/v1/refunds')

    expect(await justifi.getPayment(id)).toEqual(refunded)
    expect((await justifi.call('GET', `/v1/disputes/${body.id}`)).status).toBe(404)
    expect((await justifi.call('GET', '/v1/disputes')).body.data).toEqual([])
    expect((await justifi.call('GET', '/v1/refunds')).body.data).toEqual(refunded.refunds)
    await justifi.closeDispute(body.id, 'lost')
    await stale(`/v1/disputes/${body.id}`)
    const seen = await justifi.call('GET', `/v1/disputes/${body.id}`)
    expect(seen.body.data.status).toBe('needs_response')
  })

  it('leaves what writes alone', async () => {
    const { id } = await justifi.cardPayment()
    await order('stale', { path: `/v1/payments/${id}/refunds` })

    expect((await justifi.refund(id, { amount: 1 })).status).toBe(201)
  })

  it('does not know what was only just made', async () => {
    const { id } = await justifi.createIntent()
    await stale(`${INTENTS}/${id}`)
    await stale(INTENTS)

    expect((await justifi.call('GET', `${INTENTS}/${id}`)).status).toBe(404)
    expect((await justifi.call('GET', INTENTS)).body.data).toEqual([])
  })
})

const declinedCard = {
  method: 'card',
  number: '4000000000000002',
  month: '12',
  year: '2099',
  verification: '123',
}

/** Creates an intent with a client that has no whole answer by some moment, and then gives up. */
async function abandon(isTime: () => Promise<boolean> | boolean): Promise<void> {
  const giveUp = new AbortController()
  const answer = fetch(justifi.url + INTENTS, {
    method: 'POST',
    headers: await headers(),
    body: JSON.stringify({ amount: 4200, currency: 'usd' }),
    signal: giveUp.signal,
  }).then((response) => response.text())
  const outcome = answer.then(
    () => 'answered',
    ({ name }: Error) => name,
  )

  await eventually(async () => ((await isTime()) ? true : undefined))
  giveUp.abort()
  expect(await outcome).toBe('AbortError')
}

/** Creates an intent and tells what came over the wire, whole or not. */
async function raw({ keepText = true } = {}) {
  const sent = request(justifi.url + INTENTS, { method: 'POST', headers: await headers() })
  sent.end(JSON.stringify({ amount: 4200, currency: 'usd' }))

  return new Promise<{
    status: number | undefined
    announced: number
    bytes: number
    text: string
    complete: boolean
  }>((resolve, reject) => {
    sent.on('error', reject)
    sent.on('response', (response) => {
      let text = ''
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (keepText) text += chunk
      })
      response.on('error', () => {})
      response.on('close', () =>
        resolve({
          status: response.statusCode,
          announced: Number(response.headers['content-length']),
          bytes,
          text,
          complete: response.complete,
        }),
      )
    })
  })
}

async function headers(): Promise<Record<string, string>> {
  return {
    authorization: `Bearer ${await justifi.takeToken()}`,
    'sub-account': 'acc_teahouse',
    'idempotency-key': 'k',
    'content-type': 'application/json',
  }
}
