import { request } from 'node:http'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { FAULT_KINDS, type FaultKind } from '../src/sandbox/faults/faults.ts'
import { ACCOUNT, openSandbox, type SandboxClient } from './support/sandbox-client.ts'

/** A call of the API, and what comes of it when nothing goes wrong. */
type Call = { method: string; path: string; body?: object }

/** What came over the wire until it ended, or until it was given up on. */
type Seen = {
  status: number | undefined
  headers: Record<string, unknown>
  text: string
  bytes: number
  end: 'whole' | 'cut' | 'open'
}

let justifi: SandboxClient
let headers: Record<string, string>
let calls: Call[]
let paymentId: string

beforeEach(async () => {
  justifi = await openSandbox()
  headers = {
    authorization: `Bearer ${await justifi.takeToken()}`,
    'sub-account': ACCOUNT,
    'idempotency-key': 'k',
    'content-type': 'application/json',
  }
  const known = await justifi.cardPayment()
  const refund = (await justifi.refund(known.id, { amount: 1 })).body.data
  const dispute = (await justifi.dispute(known.id, { amount: 1 })).body
  const intent = await justifi.createIntent()
  paymentId = (await justifi.cardPayment()).id

  const session = { payment_intent_id: intent.id, after_payment_url: 'http://shop.test/' }
  calls = [
    {
      method: 'POST',
      path: '/oauth/token',
      body: { client_id: 'test_a', client_secret: 'test_b' },
    },
    { method: 'POST', path: '/v1/payment_intents', body: { amount: 4200, currency: 'usd' } },
    { method: 'GET', path: '/v1/payment_intents' },
    { method: 'GET', path: `/v1/payment_intents/${intent.id}` },
    { method: 'GET', path: `/v1/payment_intents/${known.payment_intent_id}/payments` },
    { method: 'POST', path: '/v1/checkout_sessions', body: session },
    { method: 'GET', path: '/v1/payments' },
    { method: 'GET', path: `/v1/payments/${known.id}` },
    { method: 'POST', path: `/v1/payments/${paymentId}/refunds`, body: { amount: 1000 } },
    { method: 'GET', path: '/v1/refunds' },
    { method: 'GET', path: `/v1/refunds/${refund.id}` },
    { method: 'PATCH', path: `/v1/refunds/${refund.id}`, body: { metadata: { a: 1 } } },
    { method: 'GET', path: '/v1/disputes' },
    { method: 'GET', path: `/v1/disputes/${dispute.id}` },
  ]
})
afterEach(() => justifi.close())

const BEFORE_WORK: readonly FaultKind[] = ['status', 'reset', 'hang', 'redirect']
const MEGABYTE = 1024 * 1024

const EXPECTED: Record<FaultKind, (seen: Seen) => void> = {
  status: ({ status, text }) => expect([status, codeIn(text)]).toEqual([503, ERROR]),
  status_after: ({ status, text }) => expect([status, codeIn(text)]).toEqual([503, ERROR]),
  reset: ({ status, end }) => expect([status, end]).toEqual([undefined, 'cut']),
  reset_after: ({ status, end }) => expect([status, end]).toEqual([undefined, 'cut']),
  hang: ({ status, end }) => expect([status, end]).toEqual([undefined, 'open']),
  hang_after: ({ status, end }) => expect([status, end]).toEqual([undefined, 'open']),
  redirect: ({ status, headers }) =>
    expect([status, headers.location]).toEqual([302, expect.stringContaining('/elsewhere')]),
  delay: (seen) => expect(() => good(seen)).not.toThrow(),
  stale: ({ status, end }) => expect([status, end]).toEqual([expect.any(Number), 'whole']),
  malformed: ({ status, text, end }) => {
    expect([status, end]).toEqual([expect.any(Number), 'whole'])
    expect(() => JSON.parse(text)).toThrow()
  },
  truncated: ({ headers, bytes, end }) => {
    expect([bytes, end]).toEqual([Math.floor(Number(headers['content-length']) / 2), 'cut'])
  },
  html: ({ status, headers }) =>
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']),
  patch: (seen) => {
    const body = good(seen)
    const records = body.access_token ? [body] : [body.data].flat()
    expect(records.length).toBeGreaterThan(0)
    for (const record of records) expect(record).toMatchObject({ patched: 'yes' })
  },
  drip: ({ headers, bytes, end }) => {
    expect(end).toBe('open')
    expect(Number(headers['content-length'])).toBeGreaterThan(10)
    expect([1, 2]).toContain(bytes)
  },
  huge: ({ headers, bytes }) => {
    expect(headers['content-length']).toBeUndefined()
    expect(bytes).toBeGreaterThan(MEGABYTE)
  },
}

it.each(FAULT_KINDS)(
  'every call suffers %s, and its work is done where it should be',
  async (kind) => {
    const details = { status: 503, delay_ms: 50, patch: { patched: 'yes' } }
    for (const { method, path } of calls) {
      await justifi.control('POST', '/faults', { method, path, kind, ...details })
    }
    const seen = await Promise.all(calls.map((call) => look(call, patienceMs(kind))))

    seen.forEach(EXPECTED[kind])
    const { faults, payment_intents, refunds, checkout_sessions } = await justifi.state()
    const done = BEFORE_WORK.includes(kind) ? 0 : 1
    expect(faults).toEqual([])
    expect(payment_intents).toHaveLength(3 + done)
    expect(checkout_sessions).toHaveLength(2 + done)
    expect(refunds).toHaveLength(1 + done)
    expect(refunds[0].metadata).toEqual(done ? { a: 1 } : null)
    expect(await justifi.getPayment(paymentId)).toMatchObject({ amount_refunded: 1000 * done })
  },
)

it('faults stop at the sandbox’s own doors', async () => {
  for (const method of ['GET', 'POST']) {
    await justifi.control('POST', '/faults', { method, path: '/*', kind: 'reset' })
  }

  expect((await justifi.control('GET', '/state')).status).toBe(200)
  expect((await justifi.control('POST', '/clock', { advance_seconds: 1 })).status).toBe(200)
})

const ERROR = expect.any(String)

function patienceMs(kind: FaultKind): number {
  if (kind === 'drip') return 1_500
  return kind.startsWith('hang') ? 200 : 10_000
}

function codeIn(text: string): unknown {
  return JSON.parse(text).error.code
}

/** The parsed body of a whole and good answer. */
function good({ status = 0, text, end }: Seen) {
  expect([Math.floor(status / 100), end]).toEqual([2, 'whole'])
  return JSON.parse(text)
}

/** Makes a call; gives up after a while, and when there is more than a megabyte. */
function look({ method, path, body }: Call, patience: number): Promise<Seen> {
  // A key belongs to one call: it stands for a method, a path and a body.
  const key = `${method} ${path}`
  const sent = request(justifi.url + path, {
    method,
    headers: { ...headers, 'idempotency-key': key.slice(0, 100) },
    agent: false,
  })
  sent.end(body && JSON.stringify(body))

  return new Promise((resolve) => {
    const seen: Seen = { status: undefined, headers: {}, text: '', bytes: 0, end: 'open' }
    const finish = (end: Seen['end']) => {
      clearTimeout(timer)
      resolve({ ...seen, end })
      sent.destroy()
    }
    const timer = setTimeout(() => finish('open'), patience)
    sent.on('error', () => finish('cut'))
    sent.on('response', (response) => {
      seen.status = response.statusCode
      seen.headers = response.headers
      response.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.length
        if (seen.bytes > MEGABYTE) finish('open')
        else seen.text += chunk
      })
      response.on('error', () => finish('cut'))
      response.on('end', () => finish(response.complete ? 'whole' : 'cut'))
    })
  })
}
