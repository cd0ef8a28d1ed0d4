import { afterAll, afterEach, beforeAll, expect } from '@jest/globals'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { GOOD_CARD } from './sandbox-control.ts'
import { Store, type StoreOptions } from './store.ts'

export const SHOP = 'fernhill-pottery'

/** What a customer types on JustiFi's page beside the number of a card. */
const CARD_FIELDS = [
  ['Expiry month', '12'],
  ['Expiry year', '2040'],
  ['Security code', '123'],
  ['Name on card', 'Ann Example'],
  ['Postal code', '55555'],
] as const

/** One Chromium for all tests of a file. */
export function useChromium(): () => Browser {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  return () => browser
}

/**
 * A store with customers in it, for the tests of one `describe`. After each test its customers
 * leave; that fails where one of them met something that no page may do (see `Customer.leave`).
 */
export function useStore(chromium: () => Browser, options: StoreOptions = {}) {
  const customers: Customer[] = []
  let store: Store

  beforeAll(async () => {
    store = await Store.open({
      otherSite: true,
      limits: { requestsPerMinute: 100_000, checkoutsPerMinute: 100_000 },
      ...options,
    })
  })
  afterEach(async () => {
    const problems = await Promise.all(customers.splice(0).map((customer) => customer.leave()))
    expect(problems.flat()).toEqual([])
  })
  afterAll(() => store.close())

  return {
    get store(): Store {
      return store
    },
    async customer(options: BrowserContextOptions = {}): Promise<Customer> {
      const customer = await Customer.enter(chromium(), store, options)
      customers.push(customer)
      return customer
    },
  }
}

/** Somebody with a browser of their own, who looks on while they shop. */
export class Customer {
  /** Their first tab. */
  readonly page: Page
  readonly requests: Request[] = []
  readonly #context: BrowserContext
  readonly #store: Store
  readonly #problems: string[] = []
  readonly #watching: Promise<void>[] = []

  private constructor(context: BrowserContext, page: Page, store: Store) {
    this.#context = context
    this.page = page
    this.#store = store
    this.#watch()
  }

  static async enter(
    browser: Browser,
    store: Store,
    options: BrowserContextOptions,
  ): Promise<Customer> {
    const context = await browser.newContext({ baseURL: store.url, ...options })
    context.setDefaultTimeout(10_000)
    return new Customer(context, await context.newPage(), store)
  }

  newTab(): Promise<Page> {
    return this.#context.newPage()
  }

  cookies() {
    return this.#context.cookies()
  }

  /** Goes from the shop's front to a product, and puts it into the cart. */
  async fillCart(product: string, quantity = 1): Promise<void> {
    const { page } = this
    await page.goto(`/shops/${SHOP}`)
    await page.getByRole('link', { name: product }).click()
    await page.getByLabel('Quantity').fill(String(quantity))
    await page.getByRole('button', { name: 'Add to cart' }).click()
    await page.waitForURL('**/cart')
  }

  /** From the cart to the checkout, with the form filled in and not yet sent. */
  async fillCheckout(page = this.page): Promise<void> {
    await page.getByRole('link', { name: 'Checkout' }).click()
    await page.getByLabel('Full name').fill('Ann Example')
    await page.getByLabel('Email address').fill('ann@example.com')
  }

  /** Sends the checkout's form, and answers the address of the payment page it leads to. */
  async goToPayment(page = this.page): Promise<string> {
    await page.getByRole('button', { name: 'Continue to payment' }).click()
    return atPaymentPage(page)
  }

  /** From nothing to JustiFi's page, which is where it answers to be. */
  async checkOut(product = 'Blue mug'): Promise<string> {
    await this.fillCart(product)
    await this.fillCheckout()
    return this.goToPayment()
  }

  /** Fills in the form of the payment page and sends it. Where that leads is for the card to say. */
  async tryCard(number: string, page = this.page): Promise<void> {
    await page.getByLabel('Card number').fill(number)
    for (const [label, text] of CARD_FIELDS) await page.getByLabel(label).fill(text)
    await pressPay(page)
  }

  async payByCard(number = GOOD_CARD, page = this.page): Promise<void> {
    await this.tryCard(number, page)
    await page.waitForURL('**/after-payment')
  }

  async payByBank(): Promise<void> {
    const { page } = this
    await page.getByLabel('Bank account').check()
    await page.getByLabel('Routing number').fill('110000000')
    await page.getByLabel('Account number').fill('000123456789')
    await page.getByLabel('Account owner').fill('Ann Example')
    await pressPay(page)
    await page.waitForURL('**/after-payment')
  }

  /**
   * Closes the browser and answers what was wrong: errors in the console (a breach of the content
   * security policy among them), requests to third parties, and an order's link, which is its key,
   * shown to the payment page.
   */
  async leave(): Promise<string[]> {
    await Promise.all(this.#watching)
    await this.#context.close()
    return this.#problems
  }

  #watch(): void {
    const shop = this.#store.url
    const { port } = new URL(this.#store.sandbox.url)
    const known = [shop, `http://127.0.0.1:${port}`, `http://localhost:${port}`]
    const report = (problem: string) => this.#problems.push(problem)

    this.#context.on('weberror', (error) => report(String(error.error())))
    this.#context.on('console', (message) => {
      const { url } = message.location()
      if (!['error', 'warning'].includes(message.type()) || this.#isRefusedPage(url)) return
      report(`${message.text()} at ${url}`)
    })
    this.#context.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol === 'data:') return
      this.requests.push(request)
      if (!known.includes(url.origin)) report(`a request to ${url.href}`)
    })
    this.#context.on('response', (response) => {
      if (response.url().startsWith(shop)) return
      this.#watching.push(this.#watchReferer(response.request()))
    })
  }

  async #watchReferer(request: Request): Promise<void> {
    const { referer } = await request.allHeaders()
    if (!referer?.startsWith(this.#store.url)) return
    this.#problems.push(`${request.url()} was told ${referer}`)
  }

  /** Chromium's console calls it an error that a page came with a status such as 422. */
  #isRefusedPage(url: string): boolean {
    return this.requests.some((request) => request.isNavigationRequest() && request.url() === url)
  }
}

/** Waits for JustiFi's page, and answers its address. */
export async function atPaymentPage(page: Page): Promise<string> {
  await page.locator('body[data-page^=sandbox]').waitFor()
  return page.url()
}

export function statusOf(page: Page): Promise<string | null> {
  return page.locator('main[data-order-status]').getAttribute('data-order-status')
}

function pressPay(page: Page): Promise<void> {
  return page.locator('form button[type=submit]').click()
}
