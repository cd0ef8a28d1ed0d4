import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { JustifiCredentialsError, JustifiUnreachableError } from '../src/justifi/errors.ts'
import {
  type FakeJustifi,
  failure,
  hang,
  json,
  type Reply,
  reset,
  startFakeJustifi,
  text,
} from './support/fake-justifi.ts'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  failureOf,
  milliseconds,
  openJustifi,
  prepared,
  purchase,
} from './support/justifi-under-test.ts'

const TOKEN = 'POST /oauth/token'
const CREATE = 'POST /v1/payment_intents'
const GET = 'GET /v1/payment_intents/pi_1'

/** Takes one token only, as JustiFi does once another has ended. */
const onlyWith =
  (token: string, reply: Reply): Reply =>
  (req, res) =>
    req.headers.authorization === `Bearer ${token}`
      ? reply(req, res)
      : failure(401, 'not_authenticated')(req, res)

describe('the access token', () => {
  let fake: FakeJustifi

  beforeEach(async () => {
    fake = await startFakeJustifi()
  })
  afterEach(() => fake.close())

  it('is asked for with the client id and secret as JSON, and sent with every call', async () => {
    const { justifi } = openJustifi(fake)
    await justifi.prepare(purchase)
    await justifi.observe(prepared)

    const [request] = fake.to(TOKEN)
    expect(fake.to(TOKEN)).toHaveLength(1)
    expect(JSON.parse(request?.body ?? '')).toEqual({
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    })
    expect(request?.headers['content-type']).toBe('application/json')
    expect(request?.headers.authorization).toBeUndefined()

    const calls = fake.received.filter(({ path }) => path.startsWith('/v1/'))
    expect(calls).toHaveLength(3)
    for (const { headers } of calls) {
      expect(headers).toMatchObject({ authorization: 'Bearer token-1', 'sub-account': 'acc_1' })
    }
  })

  it('P20: fifty first calls at once make one token request', async () => {
    const { justifi } = openJustifi(fake)
    fake.next(TOKEN, (req, res) => {
      setTimeout(() => json(200, { access_token: 'token-1' })(req, res), 50)
    })

    await Promise.all(Array.from({ length: 50 }, () => justifi.prepare(purchase)))

    expect(fake.to(TOKEN)).toHaveLength(1)
    expect(fake.to(CREATE)).toHaveLength(50)
  })

  it('P20: fifty calls whose token has ended make one token request', async () => {
    const { justifi } = openJustifi(fake)
    await justifi.prepare(purchase)
    fake.always(CREATE, onlyWith('token-2', json(201, intent)))

    await Promise.all(Array.from({ length: 50 }, () => justifi.prepare(purchase)))

    expect(fake.to(TOKEN)).toHaveLength(2)
  })

  it('P19: a 401 in mid-flow renews it once and repeats the call with the same key', async () => {
    const { justifi } = openJustifi(fake)
    await justifi.prepare(purchase)
    fake.next(CREATE, failure(401, 'not_authenticated'))

    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })

    const [, refused, repeated] = fake.to(CREATE)
    expect(fake.to(TOKEN)).toHaveLength(2)
    expect(repeated?.headers.authorization).toBe('Bearer token-2')
    expect(repeated?.headers['idempotency-key']).toBe(refused?.headers['idempotency-key'])
    expect(repeated?.body).toBe(refused?.body)
  })

  it('P19: a second 401 is the end of it', async () => {
    const { justifi, calls } = openJustifi(fake)
    fake.always(CREATE, failure(401, 'not_authenticated'))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toBeInstanceOf(JustifiCredentialsError)
    expect(error).toMatchObject({ outcome: 'unreachable', retryable: false })
    expect(fake.to(CREATE)).toHaveLength(2)
    expect(fake.to(TOKEN)).toHaveLength(2)
    expect(calls.at(-1)?.outcome).toBe('credentials')
  })

  it('P19: a token that is refused from the first is not replaced call after call', async () => {
    const { justifi } = openJustifi(fake)
    fake.always(CREATE, failure(401, 'not_authenticated'))

    for (let call = 0; call < 5; call++) await failureOf(justifi.prepare(purchase))

    expect(fake.to(TOKEN)).toHaveLength(2)
    expect(fake.to(CREATE)).toHaveLength(6)
  })

  it('P19: an account that is refused does not close the others', async () => {
    const { justifi } = openJustifi(fake)
    fake.always(CREATE, failure(401, 'not_authorized'))
    await failureOf(justifi.prepare(purchase))

    expect(await justifi.observe({ reference: 'pi_1', accountId: 'acc_2' })).toMatchObject({
      reference: 'pi_1',
    })
  })

  it.each([401, 404, 400, 403])('P21: %i for it is a fault of the credentials', async (status) => {
    const { justifi } = openJustifi(fake)
    fake.always(TOKEN, failure(status, 'resource_not_found'))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toBeInstanceOf(JustifiCredentialsError)
    expect(error.message).toContain(String(status))
    expect(fake.received).toHaveLength(1)
  })

  it('P21: refused credentials are not tried again by every call', async () => {
    const { justifi } = openJustifi(fake, { limits: { refusalMs: 300 } })
    fake.always(TOKEN, failure(401, 'not_authenticated'))

    const errors = await Promise.all(
      Array.from({ length: 50 }, () => failureOf(justifi.prepare(purchase))),
    )
    for (let call = 0; call < 10; call++) await failureOf(justifi.prepare(purchase))

    expect(errors.every((error) => error instanceof JustifiCredentialsError)).toBe(true)
    expect(fake.to(TOKEN)).toHaveLength(1)

    await milliseconds(350)
    fake.always(TOKEN, json(200, { access_token: 'token-of-the-new-secret' }))
    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })
  })

  it.each([
    ['a 500', text(500, 'oops')],
    ['a reset', reset],
    ['a page', text(200, '<html>')],
    ['no token in it', json(200, { token: 'x' })],
    ['a token that is no header', json(200, { access_token: 'a\r\nb' })],
  ])('%s for it is tried again, and leaves the call unreachable', async (_, reply) => {
    const { justifi } = openJustifi(fake)
    fake.next(TOKEN, reply)
    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })
    expect(fake.to(TOKEN)).toHaveLength(2)

    const other = openJustifi(fake)
    fake.always(TOKEN, reply)
    const error = await failureOf(other.justifi.prepare(purchase))
    expect(error).toBeInstanceOf(JustifiUnreachableError)
    expect(fake.to(CREATE)).toHaveLength(1)
  })

  it('that does not come ends within the budget of the call', async () => {
    const { justifi } = openJustifi(fake, { limits: { writeMs: 200 } })
    fake.always(TOKEN, hang)
    const started = performance.now()

    expect(await failureOf(justifi.prepare(purchase))).toBeInstanceOf(JustifiUnreachableError)
    expect(performance.now() - started).toBeLessThan(1_500)
  })

  it('is renewed ahead of its end, while the old one still serves', async () => {
    const { justifi } = openJustifi(fake)
    fake.next(TOKEN, json(200, { access_token: 'old', expires_in: 4 }), (req, res) => {
      setTimeout(() => json(200, { access_token: 'new' })(req, res), 150)
    })
    await justifi.prepare(purchase)
    // The last quarter of its life has begun.
    await milliseconds(3_020)

    await justifi.prepare(purchase)
    await justifi.prepare(purchase)
    expect(fake.to(CREATE).at(-1)?.headers.authorization).toBe('Bearer old')

    await milliseconds(300)
    await justifi.prepare(purchase)
    expect(fake.to(CREATE).at(-1)?.headers.authorization).toBe('Bearer new')
    expect(fake.to(TOKEN)).toHaveLength(2)
  })

  it('is used on while it cannot be renewed ahead, which is tried seldom', async () => {
    const { justifi } = openJustifi(fake)
    fake.next(TOKEN, json(200, { access_token: 'old', expires_in: '8' }))
    fake.always(TOKEN, failure(500, 'internal_server_error'))
    await justifi.prepare(purchase)
    await milliseconds(6_020)

    for (let call = 0; call < 5; call++) await justifi.prepare(purchase)

    expect(fake.to(TOKEN)).toHaveLength(2)
  })

  it('is not used beyond its end', async () => {
    const { justifi } = openJustifi(fake)
    fake.next(TOKEN, json(200, { access_token: 'old', expires_in: 1 }))
    await justifi.observe(prepared)
    await milliseconds(950)
    await justifi.observe(prepared)

    expect(fake.to(GET).map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer token-1',
    ])
  })
})

const intent = {
  id: 'pi_1',
  type: 'payment_intent',
  data: { id: 'pi_1', account_id: 'acc_1', amount: 4200, currency: 'usd', status: 'pending' },
  page_info: null,
}
