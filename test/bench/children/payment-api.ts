import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { reportToBench } from './report.ts'

/** What each call of the payment API takes, whatever is asked at once. */
const DELAY_MS = 50

let heldMs: number[] = []

const server = createServer((req, res) => {
  const since = performance.now()
  void text(req).then((body) => {
    setTimeout(() => {
      answer(req, body, res)
      heldMs.push(performance.now() - since)
    }, DELAY_MS)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  reportToBench(`http://127.0.0.1:${port}`, () => {
    const taken = heldMs
    heldMs = []
    return taken
  })
})

const intents = new Map<string, object>()

/** The calls of a checkout and of a look at its order, in JustiFi's shapes. */
function answer(
  { method, url = '', headers }: IncomingMessage,
  body: string,
  res: ServerResponse,
): void {
  const json = JSON.stringify(
    method === 'GET' ? readAt(url) : answerTo(url, JSON.parse(body), headers['sub-account']),
  )
  res.writeHead(method === 'GET' ? 200 : 201, {
    'Content-Type': 'application/json',
    'Content-Length': json.length,
  })
  res.end(json)
}

function answerTo(path: string, asked: Record<string, unknown>, account: unknown): object {
  switch (path) {
    case '/oauth/token':
      return { access_token: 'bench-token' }
    case '/v1/payment_intents': {
      const { amount, currency, description, metadata } = asked
      const id = `pi_${randomUUID()}`
      const status = 'requires_payment_method'
      const data = { id, account_id: account, amount, currency, description, metadata, status }
      const intent = { id, type: 'payment_intent', page_info: null, data }
      intents.set(id, intent)
      return intent
    }
    case '/v1/checkout_sessions': {
      const id = `cs_${randomUUID()}`
      const data = { checkout_session_id: id }
      return { id, type: 'checkout_session', page_info: null, data }
    }
    default:
      throw new Error(`a checkout does not call ${path}`)
  }
}

/** An intent that nobody pays; lists, in which there is nothing; or the ids of all intents. */
function readAt(path: string): object {
  if (path === '/bench/intents') return [...intents.keys()]
  const [, id = ''] = /^\/v1\/payment_intents\/([^/?]+)$/.exec(path) ?? []
  return intents.get(id) ?? { id: null, type: 'array', page_info: null, data: [] }
}
