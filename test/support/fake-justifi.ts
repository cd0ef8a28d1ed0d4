import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** One request as it came in. */
export type Received = {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
  at: number
}

/** Answers one request, or deliberately does not. */
export type Reply = (req: Received, res: ServerResponse) => void

/**
 * An HTTP server on loopback that answers as JustiFi would, until told otherwise. Each
 * `next(route, …replies)` decides the following answers of that route, in order.
 */
export type FakeJustifi = {
  url: string
  /** In the order of arrival; `/v1` calls and token requests. */
  received: Received[]
  /** Those of a route such as `POST /v1/payment_intents`. */
  to(route: string): Received[]
  next(route: string, ...replies: Reply[]): void
  /** From now on, for every request of the route that `next` has no answer for. */
  always(route: string, reply: Reply): void
  connections(): number
  /** Closes the idle ones as a restart would. */
  cutConnections(): void
  close(): Promise<void>
}

export async function startFakeJustifi(port = 0): Promise<FakeJustifi> {
  const received: Received[] = []
  const planned = new Map<string, Reply[]>()
  const standing = new Map<string, Reply>()
  const sockets = new Set<Socket>()
  let connections = 0
  let tokens = 0

  const grant: Reply = (_, res) => {
    tokens += 1
    json(200, { access_token: `token-${tokens}` })(_, res)
  }

  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('error', () => undefined)
    req.on('end', () => {
      const url = new URL(req.url ?? '/', 'http://fake')
      const request: Received = {
        method: req.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: req.headers,
        body: Buffer.concat(chunks).toString(),
        at: performance.now(),
      }
      received.push(request)
      const route = `${request.method} ${request.path}`
      const reply =
        planned.get(route)?.shift() ??
        standing.get(route) ??
        (route === 'POST /oauth/token' ? grant : usual(request))
      reply(request, res)
    })
  })
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    to: (route) => received.filter(({ method, path }) => `${method} ${path}` === route),
    next(route, ...replies) {
      planned.set(route, [...(planned.get(route) ?? []), ...replies])
    },
    always(route, reply) {
      standing.set(route, reply)
    },
    connections: () => connections,
    cutConnections() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (_, res) => {
    res.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    res.end(JSON.stringify(body))
  }
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return (_, res) => {
    res.writeHead(status, { 'Content-Type': 'text/html', ...headers })
    res.end(body)
  }
}

export function failure(status: number, code: string, headers: Record<string, string> = {}): Reply {
  return json(status, { error: { code, message: `words for ${code}` } }, headers)
}

/** No answer, ever. */
export const hang: Reply = () => undefined

/** The connection is cut with a TCP reset. */
export const reset: Reply = (_, res) => {
  res.socket?.resetAndDestroy()
}

/** An answer whose body is shorter than it promises. */
export const truncated: Reply = (_, res) => {
  res.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': '1000' })
  res.write('{"id":"pi_1","data":{"id":"pi')
  setTimeout(() => res.socket?.destroy(), 20)
}

/** One byte every so often, for ever. */
export function drip(everyMs: number): Reply {
  return (_, res) => {
    res.writeHead(200, { 'Content-Type': 'application/json' })
    const timer = setInterval(() => res.write(' '), everyMs)
    res.on('close', () => clearInterval(timer))
  }
}

/** As many bytes as anyone will take, and how many that were. */
export function huge(bytes: number, sent: { bytes: number }): Reply {
  return (_, res) => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    res.writeHead(200, { 'Content-Type': 'application/json' })
    const pump = () => {
      while (sent.bytes < bytes && !res.destroyed) {
        sent.bytes += chunk.length
        if (!res.write(chunk)) {
          res.once('drain', pump)
          return
        }
      }
      res.end()
    }
    pump()
  }
}

export function intentRecord(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'pi_1',
    account_id: 'acc_1',
    amount: 4200,
    currency: 'usd',
    description: 'Order K7QM2XR4 at Tea',
    metadata: { order: 'K7QM2XR4' },
    payment_method: null,
    status: 'requires_payment_method',
    successful_payment_id: null,
    created_at: '2025-03-14T09:00:00Z',
    updated_at: '2025-03-14T09:00:00Z',
    ...changes,
  }
}

export function paymentRecord(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'py_1',
    account_id: 'acc_1',
    payment_intent_id: 'pi_1',
    is_test: true,
    status: 'succeeded',
    amount: 4200,
    amount_refunded: 0,
    amount_refundable: 4200,
    amount_disputed: 0,
    fee_amount: 152,
    balance: 4048,
    captured: true,
    currency: 'usd',
    payment_mode: 'ecom',
    payment_method: { card: { id: 'pm_1', acct_last_four: '4242', brand: 'Visa' } },
    error_code: null,
    error_description: null,
    disputes: [],
    created_at: '2025-03-14T09:05:00Z',
    updated_at: '2025-03-14T09:05:01Z',
    ...changes,
  }
}

export function enveloped(type: string, data: Record<string, unknown>): Record<string, unknown> {
  return { id: data.id ?? null, type, data, page_info: null }
}

export function listOf(
  data: unknown[],
  pageInfo: unknown = { has_next: false, has_previous: false, start_cursor: '', end_cursor: '' },
): Record<string, unknown> {
  return { id: null, type: 'array', data, page_info: pageInfo }
}

function usual({ method, path, body, headers }: Received): Reply {
  if (method === 'POST' && path === '/v1/payment_intents') {
    const { amount, currency, description, metadata } = JSON.parse(body)
    const account_id = headers['sub-account']
    const record = intentRecord({ amount, currency, description, metadata, account_id })
    return json(201, enveloped('payment_intent', record))
  }
  if (method === 'POST' && path === '/v1/checkout_sessions') {
    const data = { checkout_session_id: 'a1b2'.repeat(16) }
    return json(201, { id: 1, type: 'checkout_session', data, page_info: null })
  }
  if (method === 'GET' && /^\/v1\/payment_intents\/[^/]+\/payments$/.test(path)) {
    return json(200, listOf([]))
  }
  if (method === 'GET' && path.startsWith('/v1/payment_intents/')) {
    const id = decodeURIComponent(path.split('/')[3] ?? '')
    return json(200, enveloped('payment_intent', intentRecord({ id })))
  }
  if (method === 'GET' && path === '/v1/payments') return json(200, listOf([]))
  return failure(404, 'resource_not_found')
}
