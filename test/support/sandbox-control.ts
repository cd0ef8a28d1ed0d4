/** What GET /_sandbox/state answers, as far as tests read it. */
export type SandboxState = {
  now: string
  payment_intents: { id: string; status: string; amount: number; description: string }[]
  checkout_sessions: {
    id: string
    payment_intent_id: string
    after_payment_url: string
    back_url: string
    expires_at: string
  }[]
  payments: {
    id: string
    account_id: string
    status: string
    amount: number
    balance: number
    payment_intent_id: string
  }[]
  refunds: { id: string; payment_id: string; amount: number; status: string }[]
  disputes: { id: string; payment_id: string; amount: number; status: string }[]
  events: { id: string; event_name: string }[]
  deliveries: unknown[]
  requests: { method: string; path: string; status: number; idempotency_key: string | null }[]
}

export type Fault = {
  method: string
  path: string
  kind: string
  status?: number
  delay_ms?: number
  times?: number
  patch?: Record<string, unknown>
}

export const GOOD_CARD = '4242424242424242'
export const DECLINED_CARD = '4000000000000002'

/** The sandbox from outside: its control plane, and a customer on its hosted page. */
export class SandboxControl {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  async state(): Promise<SandboxState> {
    return (await fetch(`${this.url}/_sandbox/state`)).json() as Promise<SandboxState>
  }

  /** The calls it answered under /v1, as `POST /v1/payment_intents 201`. */
  async calls(): Promise<string[]> {
    const { requests } = await this.state()
    return requests
      .filter(({ path }) => path.startsWith('/v1/'))
      .map(({ method, path, status }) => `${method} ${path} ${status}`)
  }

  fault(fault: Fault): Promise<void> {
    return this.#control('POST', '/faults', fault)
  }

  endFaults(): Promise<void> {
    return this.#control('DELETE', '/faults')
  }

  advance(seconds: number): Promise<void> {
    return this.#control('POST', '/clock', { advance_seconds: seconds })
  }

  publishTo(url: string, secret: string): Promise<void> {
    return this.#control('POST', '/publishers', { url, secret })
  }

  settle(paymentId: string, status: 'succeeded' | 'failed'): Promise<void> {
    return this.#control('POST', `/payments/${paymentId}/settle`, { status })
  }

  settleRefund(refundId: string, status: 'succeeded' | 'failed'): Promise<void> {
    return this.#control('POST', `/refunds/${refundId}/settle`, { status })
  }

  dispute(paymentId: string): Promise<void> {
    return this.#control('POST', `/payments/${paymentId}/dispute`, {})
  }

  closeDispute(disputeId: string, status: 'won' | 'lost'): Promise<void> {
    return this.#control('POST', `/disputes/${disputeId}/close`, { status })
  }

  /** As someone does in JustiFi's dashboard, without the shop. */
  async refundAtJustifi(paymentId: string, amount: number): Promise<void> {
    const payment = (await this.state()).payments.find(({ id }) => id === paymentId)
    const token = await fetch(`${this.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'test_dashboard', client_secret: 'test_dashboard' }),
    })
    const { access_token: bearer } = (await token.json()) as { access_token: string }
    const response = await fetch(`${this.url}/v1/payments/${paymentId}/refunds`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${bearer}`,
        'sub-account': String(payment?.account_id),
        'idempotency-key': `dashboard-${paymentId}-${amount}-${Date.now()}`,
      },
      body: JSON.stringify({ amount }),
    })
    if (!response.ok) throw new Error(`the refund was refused: ${await response.text()}`)
  }

  /** Pays on a hosted page with a card, and answers where JustiFi then sends the customer. */
  payByCard(hostedUrl: string, number = GOOD_CARD): Promise<{ status: number; to: string | null }> {
    return this.#submit(hostedUrl, {
      method: 'card',
      number,
      month: '12',
      year: '2040',
      verification: '123',
      name: 'Ann Example',
      postal_code: '55555',
    })
  }

  payByBank(hostedUrl: string): Promise<{ status: number; to: string | null }> {
    return this.#submit(hostedUrl, {
      method: 'bank_account',
      routing_number: '110000000',
      account_number: '000123456789',
      account_owner_name: 'Ann Example',
    })
  }

  async #submit(hostedUrl: string, fields: Record<string, string>) {
    const response = await fetch(hostedUrl, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
    })
    return { status: response.status, to: response.headers.get('location') }
  }

  async #control(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.url}/_sandbox${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    })
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
}
