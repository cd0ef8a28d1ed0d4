import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { JustifiUnreachableError } from '../src/justifi/errors.ts'
import { type FakeJustifi, failure, hang, json, startFakeJustifi } from './support/fake-justifi.ts'
import { failureOf, milliseconds, openJustifi, purchase } from './support/justifi-under-test.ts'

const CREATE = 'POST /v1/payment_intents'

describe('P23: JustiFi is down', () => {
  let fake: FakeJustifi

  beforeEach(async () => {
    fake = await startFakeJustifi()
  })
  afterEach(() => fake.close())

  const limits = { retries: 0, breakAfter: 3, breakMs: 250, maxBreakMs: 400, firstByteMs: 200 }

  it('calls are turned away at once after failures in a row, and nothing is sent', async () => {
    const { justifi } = openJustifi(fake, { limits })
    fake.always(CREATE, failure(503, ''))
    for (let call = 0; call < 3; call++) await failureOf(justifi.prepare(purchase))
    const started = performance.now()

    const errors = await Promise.all(
      Array.from({ length: 50 }, () => failureOf(justifi.prepare(purchase))),
    )

    expect(performance.now() - started).toBeLessThan(200)
    expect(errors.every((error) => error instanceof JustifiUnreachableError)).toBe(true)
    expect(fake.to(CREATE)).toHaveLength(3)
  })

  it('no repeat follows the failure that opens the breaker', async () => {
    const { justifi } = openJustifi(fake, { limits: { ...limits, retries: 2, breakAfter: 2 } })
    fake.always(CREATE, failure(503, ''))

    const error = await failureOf(justifi.prepare(purchase))

    expect(error).toMatchObject({ outcome: 'unknown', status: 503 })
    expect(fake.to(CREATE)).toHaveLength(2)
  })

  it('after a while one call goes through; the others do not wait for it', async () => {
    const { justifi } = openJustifi(fake, { limits })
    fake.always(CREATE, failure(503, ''))
    for (let call = 0; call < 3; call++) await failureOf(justifi.prepare(purchase))
    await milliseconds(280)
    fake.always(CREATE, hang)

    const probe = failureOf(justifi.prepare(purchase))
    const started = performance.now()
    const others = await Promise.all(
      Array.from({ length: 10 }, () => failureOf(justifi.prepare(purchase))),
    )

    expect(performance.now() - started).toBeLessThan(150)
    expect(others.every((error) => error instanceof JustifiUnreachableError)).toBe(true)
    await probe
    expect(fake.to(CREATE)).toHaveLength(4)
  })

  it('a good answer closes it; each bad one keeps it open for longer', async () => {
    const { justifi, logged } = openJustifi(fake, { limits })
    fake.always(CREATE, failure(503, ''))
    for (let call = 0; call < 3; call++) await failureOf(justifi.prepare(purchase))
    await milliseconds(280)
    await failureOf(justifi.prepare(purchase))
    expect(fake.to(CREATE)).toHaveLength(4)

    // The second pause is 400 ms.
    await milliseconds(280)
    await failureOf(justifi.prepare(purchase))
    expect(fake.to(CREATE)).toHaveLength(4)

    await milliseconds(200)
    fake.always(CREATE, json(201, intent))
    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })
    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })

    const messages = logged().map(({ msg }) => msg)
    expect(messages.filter((msg) => msg.includes('calls are stopped'))).toHaveLength(2)
    expect(messages.filter((msg) => msg.includes('answers again'))).toHaveLength(1)
  })

  it('C25: a local clock that is turned back does not keep it open', async () => {
    const { justifi } = openJustifi(fake, { limits })
    fake.always(CREATE, failure(503, ''))
    for (let call = 0; call < 3; call++) await failureOf(justifi.prepare(purchase))
    fake.always(CREATE, json(201, intent))
    await milliseconds(280)

    const now = Date.now
    const twoHoursAgo = () => now() - 2 * 3_600_000
    Date.now = twoHoursAgo
    const answer = await justifi.prepare(purchase).finally(() => {
      Date.now = now
    })

    expect(answer).toEqual({ reference: 'pi_1' })
  })

  it('refusals and conflicts show that JustiFi is well', async () => {
    const { justifi } = openJustifi(fake, { limits })
    for (const status of [503, 503, 422, 503, 503, 409, 503, 503, 404]) {
      fake.next(CREATE, failure(status, ''))
      await failureOf(justifi.prepare(purchase))
    }

    expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })
  })
})

const intent = {
  id: 'pi_1',
  data: { id: 'pi_1', account_id: 'acc_1', amount: 4200, currency: 'usd', status: 'pending' },
}
