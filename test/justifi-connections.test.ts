import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { JustifiUnansweredError, JustifiUnreachableError } from '../src/justifi/errors.ts'
import {
  drip,
  type FakeJustifi,
  hang,
  huge,
  intentRecord,
  json,
  reset,
  startFakeJustifi,
} from './support/fake-justifi.ts'
import {
  failureOf,
  milliseconds,
  openJustifi,
  prepared,
  purchase,
} from './support/justifi-under-test.ts'
import { SELF_SIGNED } from './support/self-signed.ts'

const CREATE = 'POST /v1/payment_intents'
const GET = 'GET /v1/payment_intents/pi_1'

describe('a connection to JustiFi', () => {
  let fake: FakeJustifi

  beforeEach(async () => {
    fake = await startFakeJustifi()
  })
  afterEach(() => fake.close())

  it('is kept and used again', async () => {
    const { justifi } = openJustifi(fake)
    for (let call = 0; call < 5; call++) {
      await justifi.prepare(purchase)
      // It is put back a moment after its answer was read.
      await milliseconds(20)
    }

    expect(fake.connections()).toBe(1)
  })

  it('P01: refused says that nothing left, after a few tries', async () => {
    const { justifi } = openJustifi(fake)
    await fake.close()

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toBeInstanceOf(JustifiUnreachableError)
    expect(error).toMatchObject({ outcome: 'unreachable', retryable: true })
  })

  it('P22: an unknown host is unreachable', async () => {
    const { justifi } = openJustifi({ url: 'http://justifi.invalid' })

    expect(await failureOf(justifi.prepare(purchase))).toBeInstanceOf(JustifiUnreachableError)
  })

  it('gives up where no TLS handshake is completed in time', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const limits = { connectMs: 100, retries: 0 }
    const { justifi } = openJustifi({ url: `https://127.0.0.1:${port}` }, { limits })
    const started = performance.now()

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toBeInstanceOf(JustifiUnreachableError)
    expect(error.message).toContain('ETIMEDOUT')
    expect(performance.now() - started).toBeLessThan(1_000)
    silent.close()
  })

  it('P22: a certificate that nobody vouches for is refused', async () => {
    const asked: unknown[] = []
    const server = createTlsServer(SELF_SIGNED, (req) => asked.push(req.url))
    server.on('tlsClientError', () => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { justifi } = openJustifi({ url: `https://127.0.0.1:${port}` })

    const error = await failureOf(justifi.prepare(purchase))
    server.close()

    expect(error).toBeInstanceOf(JustifiUnreachableError)
    expect(error.message).toMatch(/CERT/)
    expect(asked).toEqual([])
  })

  it('P22: a reset of a kept connection is repeated at once, with the same key and bytes', async () => {
    const { justifi, calls } = openJustifi(fake, {
      limits: { retries: 0, minRetryDelayMs: 5_000, maxRetryDelayMs: 5_000 },
    })
    await justifi.prepare(purchase)
    fake.next(CREATE, reset)

    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })

    const [, second, third] = fake.to(CREATE)
    expect(third?.body).toBe(second?.body)
    expect(third?.headers['idempotency-key']).toBe(second?.headers['idempotency-key'])
    expect(calls.at(-1)?.outcome).toBe('ok')
  })

  it('P22: that repeat happens once', async () => {
    const { justifi } = openJustifi(fake, { limits: { retries: 0 } })
    await justifi.prepare(purchase)
    fake.always(CREATE, reset)

    expect(await failureOf(justifi.prepare(purchase))).toBeInstanceOf(JustifiUnansweredError)
    expect(fake.to(CREATE)).toHaveLength(3)
  })

  it('a restart of JustiFi with many kept connections costs no call', async () => {
    const { justifi } = openJustifi(fake)
    await Promise.all(Array.from({ length: 30 }, () => justifi.prepare(purchase)))
    fake.cutConnections()

    const again = await Promise.all(Array.from({ length: 30 }, () => justifi.prepare(purchase)))

    expect(again).toHaveLength(30)
  })

  it('P16: one byte at a time ends with the budget, and holds nobody else up', async () => {
    const { justifi } = openJustifi(fake, { limits: { readMs: 600 } })
    await justifi.prepare(purchase)
    fake.next(GET, drip(20))
    const started = performance.now()

    const dripping = failureOf(justifi.observe(prepared))
    await justifi.prepare(purchase)
    expect(performance.now() - started).toBeLessThan(500)

    expect(await dripping).toBeInstanceOf(JustifiUnansweredError)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('gives up waiting for the first byte before the budget ends, so that a repeat fits in', async () => {
    const { justifi } = openJustifi(fake, { limits: { firstByteMs: 200, readMs: 5_000 } })
    fake.next(GET, hang)

    expect(await justifi.observe(prepared)).toMatchObject({ state: 'open' })
    expect(fake.to(GET)).toHaveLength(2)
  })

  it('P17: takes no more than its cap of a huge answer', async () => {
    const { justifi } = openJustifi(fake, { limits: { retries: 0 } })
    const sent = { bytes: 0 }
    fake.next(GET, huge(100_000_000, sent))

    const error = await failureOf(justifi.observe(prepared))

    expect(error).toBeInstanceOf(JustifiUnansweredError)
    expect(error.message).toContain('too large')
    await milliseconds(100)
    // The cap, and what the two sockets' buffers hold.
    expect(sent.bytes).toBeLessThan(20_000_000)
  })

  it.each([
    ['a bomb', Buffer.alloc(50_000_000)],
    ['an intent', Buffer.from(JSON.stringify(intentRecord()))],
  ])('P17: %s that comes compressed is not expanded, and was not asked for', async (_, body) => {
    const { justifi } = openJustifi(fake, { limits: { retries: 0 } })
    fake.next(GET, (_, res) => {
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
      res.end(gzipSync(body))
    })

    expect(await failureOf(justifi.observe(prepared))).toBeInstanceOf(JustifiUnansweredError)
    expect(fake.to(GET)[0]?.headers['accept-encoding']).toBe('identity')
  })

  it.each([301, 302, 303, 307, 308])('P18: a %i elsewhere is not followed', async (status) => {
    const elsewhere = await startFakeJustifi()
    const { justifi } = openJustifi(fake)
    const away = { Location: `${elsewhere.url}/v1/payment_intents` }
    fake.always(CREATE, json(status, {}, away))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toMatchObject({ name: 'JustifiContractError', retryable: false })
    expect(elsewhere.connections()).toBe(0)
    await elsewhere.close()
  })

  it('P18: uses no proxy that the environment names', async () => {
    const proxy = await startFakeJustifi()
    process.env.http_proxy = proxy.url
    const { justifi } = openJustifi(fake)

    await justifi.prepare(purchase).finally(() => {
      delete process.env.http_proxy
    })

    expect(proxy.connections()).toBe(0)
    await proxy.close()
  })
})

describe('giving everything up', () => {
  let fake: FakeJustifi

  beforeEach(async () => {
    fake = await startFakeJustifi()
  })
  afterEach(() => fake.close())

  it.each([
    ['while a call waits for its answer', hang, { minRetryDelayMs: 5 }],
    ['between two tries', reset, { minRetryDelayMs: 5_000, maxRetryDelayMs: 6_000 }],
  ])('ends %s, as unknown', async (_, reply, limits) => {
    const shutdown = new AbortController()
    const { justifi } = openJustifi(fake, { signal: shutdown.signal, limits })
    fake.always(CREATE, reply)
    const call = failureOf(justifi.prepare(purchase))
    while (fake.to(CREATE).length === 0) await milliseconds(5)
    await milliseconds(50)
    const started = performance.now()

    shutdown.abort()

    expect(await call).toMatchObject({ outcome: 'unknown' })
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('ends a call that waits for its token, as unreachable', async () => {
    const shutdown = new AbortController()
    const { justifi } = openJustifi(fake, { signal: shutdown.signal })
    fake.always('POST /oauth/token', hang)
    const call = failureOf(justifi.prepare(purchase))
    while (fake.received.length === 0) await milliseconds(5)

    shutdown.abort()

    expect(await call).toBeInstanceOf(JustifiUnreachableError)
  })

  it('turns calls away afterwards, and sends nothing', async () => {
    const shutdown = new AbortController()
    const { justifi } = openJustifi(fake, { signal: shutdown.signal })
    await justifi.prepare(purchase)
    const before = fake.received.length

    shutdown.abort()

    expect(await failureOf(justifi.prepare(purchase))).toBeInstanceOf(JustifiUnreachableError)
    await milliseconds(100)
    expect(fake.received).toHaveLength(before)
  })
})
