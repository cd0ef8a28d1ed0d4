import { inspect } from 'node:util'
import type { CallOutcome } from '../../src/justifi/call.ts'
import {
  createHostedCheckout,
  type HostedCheckoutOptions,
} from '../../src/justifi/create-hosted-checkout.ts'
import type { PageRequest, Purchase } from '../../src/justifi/hosted-checkout.ts'
import { createLog } from '../../src/log.ts'
import type { FakeJustifi } from './fake-justifi.ts'

export const CLIENT_ID = 'test_canary-client'
export const CLIENT_SECRET = 'canary-secret-7c1f0a'

export const purchase: Purchase = {
  idempotencyKey: 'canary-key-0192',
  accountId: 'acc_1',
  amountCents: 4200,
  currency: 'usd',
  description: 'Order K7QM2XR4 at Tea',
  metadata: { order: 'K7QM2XR4' },
}

export const page: PageRequest = {
  idempotencyKey: 'canary-key-0193',
  accountId: 'acc_1',
  reference: 'pi_1',
  afterPaymentUrl: 'https://shop.test/orders/t/after-payment',
  backUrl: 'https://shop.test/orders/t/back',
}

export const prepared = { reference: 'pi_1', accountId: 'acc_1' }

/** The real client against a fake API, with pauses short enough for a test. */
export function openJustifi(
  fake: Pick<FakeJustifi, 'url'>,
  { limits, ...changes }: Partial<HostedCheckoutOptions> = {},
) {
  const lines: string[] = []
  const calls: { operation: string; outcome: CallOutcome; ms: number }[] = []
  const justifi = createHostedCheckout({
    flow: 'sessions',
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    apiUrl: fake.url,
    checkoutUrlTemplate: 'https://checkout.justifi.test/r/{id}',
    log: createLog('debug', { write: (line: string) => void lines.push(line) }),
    clock: { now: () => new Date('2001-01-01T00:00:00Z') },
    onCall: (call) => calls.push(call),
    limits: { minRetryDelayMs: 5, maxRetryDelayMs: 20, ...limits },
    ...changes,
  })
  return {
    justifi,
    calls,
    /** Log lines, parsed. */
    logged: () => lines.map((line) => JSON.parse(line)),
    logText: () => lines.join(''),
  }
}

/** The error of a call that has to fail. */
export async function failureOf(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('the call should have failed')
}

/** All that an error could show to anyone, its hidden properties too. */
export function everythingOf(error: unknown): string {
  return inspect(error, { depth: 20, showHidden: true, getters: true })
}

export function milliseconds(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
