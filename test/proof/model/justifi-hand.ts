import { setTimeout as sleep } from 'node:timers/promises'
import {
  DECLINED_CARD,
  type Fault,
  GOOD_CARD,
  SandboxControl,
} from '../../support/sandbox-control.ts'

/** JustiFi's books as GET /_sandbox/state shows them, as far as the proof reads them. */
export type Books = {
  now: string
  payment_intents: {
    id: string
    account_id: string
    status: string
    amount: number
    currency: string
    metadata: Record<string, string> | null
  }[]
  checkout_sessions: { id: string; payment_intent_id: string; after_payment_url: string }[]
  payments: BookedPayment[]
  refunds: BookedRefund[]
  disputes: BookedDispute[]
  events: { id: string; event_name: string; account_id: string; data: { id: string } }[]
  requests: {
    method: string
    path: string
    status: number | null
    idempotency_key: string | null
    sub_account: string | null
  }[]
}

export type BookedPayment = {
  id: string
  account_id: string
  payment_intent_id: string
  status: string
  amount: number
  amount_refunded: number
  amount_disputed: number
  currency: string
  payment_mode: 'ecom' | 'ach'
  created_at: string
}

export type BookedRefund = {
  id: string
  payment_id: string
  amount: number
  status: string
  metadata: Record<string, string> | null
}

export type BookedDispute = { id: string; payment_id: string; amount: number; status: string }

/**
 * Does it once more where a connection that was kept alive had been closed meanwhile: that is no
 * fault of anybody's.
 */
export async function steadily<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TypeError && error.message === 'fetch failed')) throw error
    return work()
  }
}

/** Keys of calls that were not the shop's begin so. */
export const STRANGER = 'stranger-'

/** The hands of everyone but the shop: customers on the hosted page, banks, staff at JustiFi. */
export class JustifiHand extends SandboxControl {
  #token: string | undefined

  books(): Promise<Books> {
    return steadily(() => this.state()) as unknown as Promise<Books>
  }

  async reset(): Promise<void> {
    await this.play('/reset', {})
    this.#token = undefined
  }

  card(sessionId: string, card: 'good' | 'declined') {
    return this.payByCard(this.#page(sessionId), card === 'good' ? GOOD_CARD : DECLINED_CARD)
  }

  bank(sessionId: string) {
    return this.payByBank(this.#page(sessionId))
  }

  /** What the control plane may refuse, as where a payment is not pending, is then not done. */
  async play(path: string, body: object): Promise<boolean> {
    const response = await fetch(`${this.url}/_sandbox${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
    await response.arrayBuffer()
    return response.ok
  }

  order(fault: Fault): Promise<void> {
    return this.fault(fault)
  }

  /** A key that comes again after that is new to it. */
  async forgetKeys(): Promise<void> {
    await fetch(`${this.url}/_sandbox/idempotency_keys`, { method: 'DELETE' })
  }

  /** Somebody else's program takes money for the same account. */
  async payElsewhere(accountId: string, currency: string, serial: number): Promise<void> {
    const intent = await this.#call(accountId, 'POST', '/v1/payment_intents', {
      key: `${STRANGER}intent-${serial}`,
      body: { amount: 7_700, currency, description: 'Not of this shop' },
    })
    const session = await this.#call(accountId, 'POST', '/v1/checkout_sessions', {
      body: {
        payment_intent_id: intent?.id,
        after_payment_url: 'http://elsewhere.test/thanks',
        back_url: 'http://elsewhere.test/back',
      },
    })
    if (session?.checkout_session_id) await this.card(session.checkout_session_id, 'good')
  }

  #page(sessionId: string): string {
    return `${this.url}/r/${sessionId}`
  }

  /** The data of the answer, or undefined where a fault was in the way. */
  async #call(
    accountId: string,
    method: string,
    path: string,
    { key, body }: { key?: string; body: object },
  ): Promise<Record<string, string> | undefined> {
    try {
      this.#token ??= await this.#takeToken()
      const response = await fetch(this.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
          'sub-account': accountId,
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(500),
      })
      if (response.status === 401) this.#token = undefined
      return (JSON.parse(await response.text()) as { data?: Record<string, string> }).data
    } catch {
      await sleep(1)
      return undefined
    }
  }

  async #takeToken(): Promise<string> {
    const response = await fetch(`${this.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'test_hand', client_secret: 'test_hand' }),
      signal: AbortSignal.timeout(500),
    })
    return ((await response.json()) as { access_token: string }).access_token
  }
}
