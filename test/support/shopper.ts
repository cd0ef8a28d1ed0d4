import type { Response } from 'supertest'
import request from 'supertest'

/** A customer's browser at one shop: keeps cookies, and sends forms with what their page gave. */
export class Shopper {
  readonly #agent: ReturnType<typeof request.agent>
  readonly #shop: string
  #csrf = ''

  constructor(origin: string, shopSlug: string) {
    this.#agent = request.agent(origin)
    this.#shop = `/shops/${shopSlug}`
  }

  /** @param path below the shop's own, such as `/cart` */
  see(path: string): Promise<Response> {
    return this.seeAt(this.#shop + path)
  }

  async seeAt(path: string): Promise<Response> {
    return this.#kept(await this.#agent.get(path))
  }

  /** Sends a form to a path of the shop. `fields` may leave `_csrf` out. */
  async send(path: string, fields: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ _csrf: this.#csrf, ...fields }).toString()
    return this.#kept(await this.#agent.post(this.#shop + path).send(body))
  }

  /** Opens a product's page and adds it to the cart from there. */
  async add(product: string, quantity = 1): Promise<Response> {
    await this.see(`/products/${product}`)
    return this.send('/cart', { product, quantity: String(quantity) })
  }

  /** Opens the checkout and answers the key in its form. */
  async checkoutKey(): Promise<string> {
    return hiddenField(await this.see('/checkout'), 'checkout_key')
  }

  checkOut(checkoutKey: string, fields: Record<string, string> = {}): Promise<Response> {
    return this.send('/checkout', {
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      checkout_key: checkoutKey,
      ...fields,
    })
  }

  #kept(response: Response): Response {
    this.#csrf = hiddenField(response, '_csrf') || this.#csrf
    return response
  }
}

/** The value of a page's hidden field; empty where it has none. */
export function hiddenField({ text }: Response, name: string): string {
  return new RegExp(`<input type="hidden" name="${name}" value="([^"]*)">`).exec(text)?.[1] ?? ''
}

/** What is written on a page, without its markup, in one line. */
export function wordsOf({ text }: Response): string {
  return text
    .replace(/^.*<body/s, '<body')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()
}

export function titleOf({ text }: Response): string {
  return /<title>(.*?)<\/title>/s.exec(text)?.[1] ?? ''
}
