import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  JustifiContractError,
  JustifiRefusedError,
  JustifiUnansweredError,
} from '../src/justifi/errors.ts'
import {
  type FakeJustifi,
  failure,
  hang,
  json,
  reset,
  startFakeJustifi,
  text,
  truncated,
} from './support/fake-justifi.ts'
import {
  everythingOf,
  failureOf,
  openJustifi,
  page,
  prepared,
  purchase,
} from './support/justifi-under-test.ts'

const CREATE = 'POST /v1/payment_intents'
const GET = 'GET /v1/payment_intents/pi_1'
const PROXY_PAGE = '<html><body>Bad gateway, canary-page</body></html>'

describe('a call that JustiFi does not answer properly', () => {
  let fake: FakeJustifi

  beforeEach(async () => {
    fake = await startFakeJustifi()
  })
  afterEach(() => fake.close())

  it.each([
    ['P07: 409', failure(409, 'idempotency_concurrent_request')],
    ['P07: 409 with a code of its own', failure(409, 'whatever')],
    ['P10: 429', failure(429, '')],
    ['P11: 500', text(500, PROXY_PAGE)],
    ['P11: 502', text(502, PROXY_PAGE)],
    ['P11: 503', text(503, PROXY_PAGE)],
    ['P11: 504', text(504, PROXY_PAGE)],
    ['P11: 200 with a page', text(200, PROXY_PAGE)],
    ['P12: cut short', truncated],
    ['broken JSON', text(201, '{"id":"pi_1","data":{"id')],
    ['an empty answer', text(201, '')],
    ['a transient code under another status', failure(400, 'gateway_error_please_retry')],
    ['connection reset', reset],
    ['408', text(408, '')],
  ])('%s: is sent again with the same key and the same bytes', async (_, reply) => {
    const { justifi } = openJustifi(fake)
    fake.next(CREATE, reply, reply)

    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })

    const tries = fake.to(CREATE)
    expect(tries).toHaveLength(3)
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1)
    expect(tries.map(({ headers }) => headers['idempotency-key'])).toEqual(
      Array(3).fill(purchase.idempotencyKey),
    )
    expect(tries.map(({ headers }) => headers['sub-account'])).toEqual(Array(3).fill('acc_1'))
  })

  it('P12: a truncated answer settles as unknown, never hangs', async () => {
    const { justifi } = openJustifi(fake)
    fake.always(CREATE, truncated)

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toBeInstanceOf(JustifiUnansweredError)
    expect(error.outcome).toBe('unknown')
  })

  it('P11: the page of a proxy is in no error and no log', async () => {
    const { justifi, logText } = openJustifi(fake)
    fake.always(CREATE, text(502, PROXY_PAGE))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toMatchObject({ status: 502, outcome: 'unknown', retryable: true })
    expect(everythingOf(error) + logText()).not.toContain('canary-page')
  })

  it('P07: tries three times in all, then it is unknown and not refused', async () => {
    const { justifi, calls } = openJustifi(fake)
    fake.always(CREATE, failure(409, 'idempotency_request_in_progress'))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toMatchObject({ outcome: 'unknown', status: 409, retryable: true })
    expect(fake.to(CREATE)).toHaveLength(3)
    expect(calls.at(-1)).toMatchObject({
      operation: 'payment_intents.create',
      outcome: 'unanswered',
    })
  })

  it.each([
    [400, 'invalid_sub_account'],
    [402, 'card_declined'],
    [403, 'not_authorized'],
    [404, 'payment_intent_not_found'],
    [422, 'amount_below_minimum'],
  ])('P08: %i is a refusal, sent once, that carries the code %s', async (status, code) => {
    const { justifi, calls } = openJustifi(fake)
    fake.always(CREATE, failure(status, code, { 'Request-Id': 'req_9' }))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toBeInstanceOf(JustifiRefusedError)
    expect(error).toMatchObject({ outcome: 'refused', retryable: false, status, code })
    expect(error.message).toMatch(new RegExp(`${code}: words for ${code}: request req_9`))
    expect(fake.to(CREATE)).toHaveLength(1)
    expect(calls.at(-1)?.outcome).toBe('refused')
  })

  it.each([
    ['a text', { error: 'no such thing' }, 'no such thing'],
    ['nothing of use', {}, '404'],
    ['a list', [1], '404'],
  ])('takes an error body that is %s', async (_, body, words) => {
    const { justifi } = openJustifi(fake)
    fake.always(GET, json(404, body))

    const error = await failureOf(justifi.observe(prepared))

    expect(error).toMatchObject({ status: 404, code: '' })
    expect(error.message).toContain(words)
  })

  it('a key that served another body is refused, whatever the status', async () => {
    const { justifi } = openJustifi(fake)
    fake.always(CREATE, failure(409, 'idempotency_params_mismatch'))

    expect(await failureOf(justifi.prepare(purchase))).toBeInstanceOf(JustifiRefusedError)
    expect(fake.to(CREATE)).toHaveLength(1)
  })

  it('P10: waits for as long as Retry-After says', async () => {
    const { justifi } = openJustifi(fake)
    fake.next(CREATE, failure(429, 'gateway_rate_limit_error', { 'Retry-After': '1' }))

    await justifi.prepare(purchase)

    const [first, second] = fake.to(CREATE)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990)
  })

  it("P10: reads a Retry-After date by JustiFi's clock, not by ours", async () => {
    const { justifi } = openJustifi(fake)
    fake.next(
      CREATE,
      failure(429, '', {
        Date: 'Fri, 14 Mar 2031 09:00:00 GMT',
        'Retry-After': 'Fri, 14 Mar 2031 09:00:01 GMT',
      }),
    )

    await justifi.prepare(purchase)

    const [first, second] = fake.to(CREATE)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990)
  })

  it('P10: gives up at once where Retry-After is longer than anyone would wait', async () => {
    const { justifi } = openJustifi(fake)
    fake.always(CREATE, failure(429, '', { 'Retry-After': '99999999' }))
    const started = performance.now()

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toMatchObject({ status: 429, retryAfterMs: 15 * 60_000 })
    expect(fake.to(CREATE)).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('obeys Should-Retry: true on a status that is not sent again otherwise', async () => {
    const { justifi } = openJustifi(fake)
    fake.next(CREATE, failure(422, 'whatever', { 'Should-Retry': 'true' }))

    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })
    expect(fake.to(CREATE)).toHaveLength(2)
  })

  it('obeys Should-Retry: false on a status that is sent again otherwise', async () => {
    const { justifi } = openJustifi(fake)
    fake.always(CREATE, failure(500, 'internal_server_error', { 'Should-Retry': 'false' }))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toMatchObject({ outcome: 'unknown', retryable: false })
    expect(fake.to(CREATE)).toHaveLength(1)
  })

  it('stays unknown when a later try cannot even connect', async () => {
    const { justifi } = openJustifi(fake, { limits: { minRetryDelayMs: 100 } })
    await justifi.prepare(purchase)
    fake.next(CREATE, (_, res) => {
      res.destroy()
      void fake.close()
    })

    const error = await failureOf(justifi.prepare({ ...purchase, idempotencyKey: 'other' }))

    expect(error).toMatchObject({ outcome: 'unknown' })
  })

  it('P02: all tries together end within one budget', async () => {
    const { justifi } = openJustifi(fake, { limits: { writeMs: 500, firstByteMs: 200 } })
    fake.always(CREATE, hang)
    const started = performance.now()

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toBeInstanceOf(JustifiUnansweredError)
    expect(performance.now() - started).toBeLessThan(1_000)
    expect(fake.to(CREATE).length).toBeGreaterThanOrEqual(2)
  })

  it('a caller can hand on what is left of its own budget', async () => {
    const { justifi } = openJustifi(fake)
    fake.always(CREATE, hang)
    const started = performance.now()

    const error = await failureOf(justifi.prepare(purchase, { budgetMs: 150 }))

    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('observing has one budget for all its calls', async () => {
    const { justifi } = openJustifi(fake, { limits: { readMs: 600 } })
    fake.next(GET, (req, res) => {
      setTimeout(() => json(200, { data: { ...record, id: 'pi_1' } })(req, res), 500)
    })
    fake.always('GET /v1/payment_intents/pi_1/payments', hang)
    const started = performance.now()

    expect(await failureOf(justifi.observe(prepared))).toBeInstanceOf(JustifiUnansweredError)
    expect(performance.now() - started).toBeLessThan(900)
  })

  it('P09: a key that JustiFi would not take is never sent', async () => {
    const { justifi } = openJustifi(fake)

    const error = await failureOf(justifi.prepare({ ...purchase, idempotencyKey: 'k'.repeat(101) }))

    expect(error).toBeInstanceOf(RangeError)
    expect(fake.received).toEqual([])
  })

  it('sends the same bytes for a purchase whose metadata came back in another order', async () => {
    const { justifi } = openJustifi(fake)
    await justifi.prepare({ ...purchase, metadata: { a: '1', b: '2' } })
    await justifi.prepare({ ...purchase, metadata: { b: '2', a: '1' } })

    const [first, second] = fake.to(CREATE)
    expect(second?.body).toBe(first?.body)
  })

  it('reports a contract break apart, and does not repeat it', async () => {
    const { justifi, calls, logged } = openJustifi(fake)
    fake.always('POST /v1/checkout_sessions', json(201, { id: 1, data: {} }))

    expect(await failureOf(justifi.open(page))).toBeInstanceOf(JustifiContractError)
    expect(calls.at(-1)?.outcome).toBe('contract')
    expect(logged().at(-1)).toMatchObject({ level: 50, outcome: 'contract' })
    expect(fake.to('POST /v1/checkout_sessions')).toHaveLength(1)
  })
})

const record = { account_id: 'acc_1', amount: 1, currency: 'usd', status: 'pending' }
