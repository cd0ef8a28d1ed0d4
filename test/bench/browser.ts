import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { GOOD_CARD } from '../support/sandbox-control.ts'

export type Reply = { status: number; headers: IncomingHttpHeaders; body: string }

const SHOP = 'fernhill-pottery'
const customers = new Agent({ keepAlive: true })

/**
 * A customer, as lean as Node allows: what the bench spends on its own side counts against nobody.
 */
export class Browser {
  readonly #origin: string
  readonly #cookies = new Map<string, string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  get cookies(): string {
    return [...this.#cookies].map((pair) => pair.join('=')).join('; ')
  }

  get(path: string): Promise<Reply> {
    return this.#send('GET', path)
  }

  post(path: string, fields: Record<string, string>): Promise<Reply> {
    return this.#send('POST', path, new URLSearchParams(fields).toString())
  }

  async #send(method: string, path: string, form?: string): Promise<Reply> {
    const cookie = this.cookies
    const reply = await send(new URL(path, this.#origin), {
      method,
      headers: {
        ...(cookie && { cookie }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { body: form }),
    })
    for (const header of reply.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = (header.split(';')[0] ?? '').split('=')
      this.#cookies.set(name, value)
    }
    return reply
  }
}

type Sent = { method: string; headers: Record<string, string>; body?: string }

/** One request over connections that are kept, and its whole answer. */
export function send(
  url: URL,
  { method, headers, body }: Sent,
  agent: Agent = customers,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const sending = request(url, { agent, method, headers: { ...headers, ...length } })
    sending.on('error', reject)
    sending.on('response', (answer) => {
      const { statusCode = 0, headers } = answer
      text(answer).then((body) => resolve({ status: statusCode, headers, body }), reject)
    })
    sending.end(body)
  })
}

/** A customer with a filled-in checkout form; `submit` sends it. */
export type Checkout = { submit(): Promise<Reply> }

/** Walks a new customer to the checkout, by way of the pages that lead there. */
export async function readyToCheckOut(shopUrl: string, products: string[]): Promise<Checkout> {
  const browser = new Browser(shopUrl)
  for (const product of products) {
    const page = await expectStatus(200, browser.get(`/shops/${SHOP}/products/${product}`))
    const fields = { product, quantity: '1', _csrf: field(page, '_csrf') }
    await expectStatus(303, browser.post(`/shops/${SHOP}/cart`, fields))
  }
  const page = await expectStatus(200, browser.get(`/shops/${SHOP}/checkout`))
  const form = {
    name: 'Ann Example',
    email: 'ann@example.com',
    checkout_key: field(page, 'checkout_key'),
    _csrf: field(page, '_csrf'),
  }
  return { submit: () => expectStatus(302, browser.post(`/shops/${SHOP}/checkout`, form)) }
}

/** Buys at a shop whose JustiFi is the sandbox. Answers the path of the order's page. */
export async function buy(shopUrl: string, products: string[]): Promise<string> {
  const checkout = await readyToCheckOut(shopUrl, products)
  const hosted = new URL((await checkout.submit()).headers.location ?? '')
  const paid = await expectStatus(303, new Browser(hosted.origin).post(hosted.pathname, CARD))
  const back = new URL(paid.headers.location ?? '')
  await expectStatus(200, new Browser(shopUrl).get(back.pathname))
  return back.pathname.replace('/after-payment', '')
}

const CARD = {
  method: 'card',
  number: GOOD_CARD,
  month: '12',
  year: '2040',
  verification: '123',
  name: 'Ann Example',
  postal_code: '55555',
}

async function expectStatus(status: number, replying: Promise<Reply>): Promise<Reply> {
  const reply = await replying
  if (reply.status === status) return reply
  throw new Error(`the shop answered ${reply.status}, not ${status}: ${reply.body.slice(0, 500)}`)
}

/** The value of a hidden field. */
function field({ body }: Reply, name: string): string {
  const [, value] = new RegExp(`name="${name}" value="([^"]+)"`).exec(body) ?? []
  if (!value) throw new Error(`the page has no field ${name}`)
  return value
}
