import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { startSandbox } from '../../src/sandbox/start-sandbox.ts'

export type Reply = {
  status: number
  headers: Headers
  text: string
  /** The parsed JSON; undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever shape the API gave.
  body: any
}

export type CallOptions = {
  body?: unknown
  /** Sent as they are, in place of `body`. */
  raw?: string
  key?: string
  account?: string | undefined
  token?: string
}

export type SandboxClient = Awaited<ReturnType<typeof openSandbox>>

export const ACCOUNT = 'acc_teahouse'

export const GOOD_CARD = {
  method: 'card',
  number: '4242 4242 4242 4242',
  month: '12',
  year: '2099',
  verification: '123',
  name: 'Ada Tester',
  postal_code: '55401',
}

export const GOOD_BANK_ACCOUNT = {
  method: 'bank_account',
  routing_number: '110000000',
  account_number: '000123456789',
  account_owner_name: 'Ada Tester',
}

/** A sandbox on a free port, with the hands of a shop, of a customer and of fate. */
export async function openSandbox(options: { journalPath?: string; seed?: string } = {}) {
  const sandbox = await startSandbox({ port: 0, host: '127.0.0.1', ...options })
  return { ...(await connect(sandbox.url)), close: () => sandbox.close() }
}

/** The same hands on a sandbox that runs in a process of its own. */
export async function connect(url: string) {
  const send = async (method: string, path: string, headers: HeadersInit, body?: BodyInit) => {
    const response = await fetch(url + path, {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    })
    return replyOf(response)
  }

  const control = (method: string, path: string, body?: unknown) =>
    send(
      method,
      `/_sandbox${path}`,
      body === undefined ? {} : { 'content-type': 'application/json' },
      body === undefined ? undefined : JSON.stringify(body),
    )

  const takeToken = async (): Promise<string> => {
    const reply = await send(
      'POST',
      '/oauth/token',
      { 'content-type': 'application/json' },
      JSON.stringify({ client_id: 'test_id', client_secret: 'test_secret' }),
    )
    return reply.body.access_token
  }

  let ownToken = await takeToken()
  const call = (method: string, path: string, options: CallOptions = {}) => {
    const { body, raw, key, account = ACCOUNT, token = ownToken } = options
    const bytes = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    return send(
      method,
      path,
      {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(account !== '' && { 'sub-account': account }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(bytes !== undefined && { 'content-type': 'application/json' }),
      },
      bytes,
    )
  }

  let keys = 0
  const createIntent = async (body: object = {}, account = ACCOUNT) => {
    const reply = await call('POST', '/v1/payment_intents', {
      body: { amount: 4200, currency: 'usd', description: 'Order K7QM2XR4', ...body },
      key: `intent-${keys++}`,
      account,
    })
    return reply.body.data
  }

  const createSession = async (
    intentId: string,
    urls: object = {},
    account = ACCOUNT,
  ): Promise<string> => {
    const reply = await call('POST', '/v1/checkout_sessions', {
      body: {
        payment_intent_id: intentId,
        after_payment_url: 'http://shop.test/orders/abc/after-payment',
        back_url: 'http://shop.test/orders/abc/back',
        ...urls,
      },
      account,
    })
    return reply.body.data.checkout_session_id
  }

  const getPayment = async (id: string, account = ACCOUNT) =>
    (await call('GET', `/v1/payments/${id}`, { account })).body.data

  /** A payment of an intent of its own: charged to a card, or pending at a bank. */
  const payment = async (fields: Record<string, string>, intentBody: object, account: string) => {
    const intent = await createIntent(intentBody, account)
    const sessionId = await createSession(intent.id, {}, account)
    await send('POST', `/r/${sessionId}`, {}, new URLSearchParams(fields))
    const { body } = await call('GET', `/v1/payment_intents/${intent.id}/payments`, { account })
    return body.data[0]
  }

  return {
    url,
    send,
    getPayment,
    cardPayment: (intentBody: object = {}, account = ACCOUNT) =>
      payment(GOOD_CARD, intentBody, account),
    bankPayment: (intentBody: object = {}, account = ACCOUNT) =>
      payment(GOOD_BANK_ACCOUNT, intentBody, account),
    refund: (paymentId: string, body: object, options: CallOptions = {}) =>
      call('POST', `/v1/payments/${paymentId}/refunds`, {
        body,
        key: `refund-${keys++}`,
        ...options,
      }),
    settle: (kind: 'payments' | 'refunds', id: string, status: string) =>
      control('POST', `/${kind}/${id}/settle`, { status }),
    dispute: (paymentId: string, body: object = {}) =>
      control('POST', `/payments/${paymentId}/dispute`, body),
    closeDispute: (id: string, status: string) =>
      control('POST', `/disputes/${id}/close`, { status }),
    call,
    control,
    takeToken,
    /** After so much time has passed that the token is dead. */
    renewToken: async () => {
      ownToken = await takeToken()
    },
    createIntent,
    createSession,
    openPage: (sessionId: string) => send('GET', `/r/${sessionId}`, {}),
    pay: (sessionId: string, fields: Record<string, string> = GOOD_CARD) =>
      send('POST', `/r/${sessionId}`, {}, new URLSearchParams(fields)),
    /** All of it, or the parts that are named, such as `payments,refunds`. */
    state: async (only?: string) =>
      (await control('GET', `/state${only === undefined ? '' : `?only=${only}`}`)).body,
    /** The names of the events about a record, oldest first. */
    eventsOf: async (id: string): Promise<string[]> =>
      (await control('GET', '/state?only=events')).body.events
        .filter(({ data }: { data: { id: string } }) => data.id === id)
        .map(({ event_name }: { event_name: string }) => event_name),
    getIntent: async (id: string) => (await call('GET', `/v1/payment_intents/${id}`)).body.data,
    paymentsOf: async (id: string) =>
      (await call('GET', `/v1/payment_intents/${id}/payments`)).body.data,
    advance: (seconds: number) => control('POST', '/clock', { advance_seconds: seconds }),
  }
}

export type ReceivedEvent = { headers: Record<string, string>; raw: Buffer; name: string }

/** Something that events are delivered to; it answers what it is told to, 200 at first. */
export async function openPublisher() {
  const received: ReceivedEvent[] = []
  const publisher = { received, answer: 200 as number | 'nothing' }
  const server = createServer(async (req, res) => {
    // Where a redirect that should not be followed leads.
    if (req.method === 'GET') return void res.writeHead(200).end()
    const raw = await buffer(req)
    const headers = req.headers as Record<string, string>
    received.push({ headers, raw, name: JSON.parse(raw.toString()).event_name })
    if (publisher.answer !== 'nothing') res.writeHead(publisher.answer, { location: '/' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return Object.assign(publisher, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/justifi`,
    close: () =>
      new Promise<unknown>((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  })
}

/** Waits for something that happens by itself. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + 10_000
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (performance.now() > end) throw new Error('it did not happen within 10 seconds')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  }
}
