import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  type FakeJustifi,
  failure,
  hang,
  json,
  type Reply,
  reset,
  startFakeJustifi,
  text,
  truncated,
} from './support/fake-justifi.ts'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  everythingOf,
  failureOf,
  openJustifi,
  prepared,
  purchase,
} from './support/justifi-under-test.ts'

const TOKEN = 'POST /oauth/token'
const CREATE = 'POST /v1/payment_intents'
const GET = 'GET /v1/payment_intents/pi_1'
const ACCESS_TOKEN = 'canary-token-55d0'

/** An answer that throws the request's own words back. */
const echo: Reply = (req, res) => {
  json(422, { error: { code: 'echo', message: req.body } })(req, res)
}

describe('secrets stay in', () => {
  let fake: FakeJustifi

  beforeEach(async () => {
    fake = await startFakeJustifi()
    fake.always(TOKEN, json(200, { access_token: ACCESS_TOKEN }))
  })
  afterEach(() => fake.close())

  const limits = { firstByteMs: 150, writeMs: 400, readMs: 400 }
  const secrets = [CLIENT_SECRET, CLIENT_ID, ACCESS_TOKEN, purchase.idempotencyKey, 'Bearer']

  function expectNothingLeaked(...seen: string[]) {
    for (const secret of secrets) expect(seen.join('\n')).not.toContain(secret)
  }

  it.each<[string, string, Reply]>([
    ['a refusal', CREATE, echo],
    ['a 401', CREATE, failure(401, 'not_authenticated')],
    ['a 500', CREATE, text(500, 'oops')],
    ['a reset', CREATE, reset],
    ['a truncated answer', CREATE, truncated],
    ['a time-out', CREATE, hang],
    ['a redirect', CREATE, text(302, '', { Location: 'http://127.0.0.1:1/' })],
    ['another shape', CREATE, json(201, { data: { id: 'pi_1' } })],
    ['too large an answer', CREATE, text(200, 'x'.repeat(2_000_000))],
    ['a header that is none', CREATE, (_, res) => void res.socket?.end('HTTP/1.1 200 OK\r\n\x01')],
    ['a refused token', TOKEN, failure(401, 'not_authenticated')],
    [
      'a token endpoint that repeats the secret',
      TOKEN,
      (req, res) => text(400, req.body)(req, res),
    ],
    ['a token endpoint that refuses and repeats it', TOKEN, echo],
    [
      'a token endpoint that fails and repeats it',
      TOKEN,
      (req, res) => json(500, { error: { code: req.body, message: req.body } })(req, res),
    ],
    ['a token endpoint that hangs', TOKEN, hang],
  ])('from errors and logs of %s', async (_, route, reply) => {
    const { justifi, logText } = openJustifi(fake, { limits })
    fake.always(route, reply)

    const error = await failureOf(justifi.prepare(purchase))

    expect(logText()).not.toBe('')
    expectNothingLeaked(everythingOf(error), String(error.stack), logText())
    expect(error.cause).toBeUndefined()
  })

  it('from errors and logs of a connection that is refused', async () => {
    const { justifi, logText } = openJustifi(fake, { limits })
    await justifi.prepare(purchase)
    await fake.close()

    const error = await failureOf(justifi.prepare(purchase))

    expectNothingLeaked(everythingOf(error), logText())
  })

  it('from the logs of calls that go well, which say what was called and how it went', async () => {
    const { justifi, logged, logText, calls } = openJustifi(fake, { limits })
    await justifi.prepare(purchase)
    await justifi.observe(prepared)

    expectNothingLeaked(logText())
    expect(logged()).toContainEqual(
      expect.objectContaining({
        operation: 'payment_intents.create',
        call: 'POST /v1/payment_intents',
        status: 201,
        try: 1,
        ms: expect.any(Number),
        msg: 'justifi answered',
      }),
    )
    expect(calls.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'oauth.token ok',
      'payment_intents.create ok',
      'payment_intents.get ok',
      'payment_intents.payments ok',
    ])
  })

  it('a failed try is a warning that names call, status, code and what follows', async () => {
    const { justifi, logged } = openJustifi(fake, { limits })
    fake.next(GET, failure(503, 'internal_server_error'))
    await justifi.observe(prepared)

    expect(logged()).toContainEqual(
      expect.objectContaining({
        level: 40,
        operation: 'payment_intents.get',
        call: 'GET /v1/payment_intents/pi_1',
        status: 503,
        outcome: 'unanswered',
        try: 1,
        retryInMs: expect.any(Number),
      }),
    )
  })
})
