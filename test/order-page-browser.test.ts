import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { later, MINUTE, SECOND } from '../src/clock.ts'
import type { Order } from '../src/orders/order.ts'
import { receiptPage } from '../src/web/orders/receipt-page.ts'
import { launchChromium } from './support/chromium.ts'
import {
  ago,
  anOrder,
  aPaidOrder,
  aPayment,
  CTX,
  detailsOf,
  htmlOf,
  item,
  NOW,
  pageOf,
  SHOP,
  TOKEN,
} from './support/order-pages.ts'

const ORDER_PATH = `/orders/${TOKEN}`
const PUBLIC = join(import.meta.dirname, '../public')

/** A shop of one order, whose state the test sets. */
class OneOrder {
  order: Order = anOrder()
  checking = false
  failing = false
  readonly asked: string[] = []
  readonly #server: Server

  private constructor() {
    this.#server = createServer((req, res) => {
      const path = String(req.url)
      if (path.startsWith('/assets/')) {
        const isScript = path.endsWith('.js')
        res.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/css')
        res.end(readFileSync(join(PUBLIC, path.slice('/assets/'.length))))
        return
      }
      this.asked.push(path)
      res.statusCode = this.failing ? 503 : 200
      if (path.endsWith('/status.json')) {
        const { status, updatedAt } = this.order
        res.end(JSON.stringify({ status, checking: this.checking, updated_at: updatedAt }))
      } else {
        res.setHeader('Content-Type', 'text/html')
        res.end(this.html())
      }
    })
  }

  static async open(): Promise<OneOrder> {
    const shop = new OneOrder()
    await new Promise<void>((done) => shop.#server.listen(0, '127.0.0.1', done))
    return shop
  }

  html = () => htmlOf('orders/order', pageOf(this.order, { checking: this.checking }))

  becomes(order: Order): void {
    this.order = { ...order, updatedAt: later(order.updatedAt, SECOND) }
    this.checking = false
  }

  get looks(): number {
    return this.asked.filter((path) => path.endsWith('/status.json')).length
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((done) => this.#server.close(() => done()))
  }
}

describe("an order's page in a browser", () => {
  let browser: Browser
  let shop: OneOrder
  let page: Page
  let underWay = 0

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    shop = await OneOrder.open()
  })
  afterEach(async () => {
    await page.context().close()
    await shop.close()
  })

  it('shows news without a reload, announces it once, and leaves the focus alone', async () => {
    shop.order = anOrder({ returnedAt: ago(10 * SECOND) })
    shop.checking = true
    await openOrder()
    await page.evaluate('document.querySelector("[role=status]").dataset.mark = "same page"')

    shop.becomes(aPaidOrder())
    await wait(2 * SECOND)
    await page.locator('h1', { hasText: 'Payment received' }).waitFor()

    expect(await announced()).toBe('Payment received')
    expect(await page.title()).toBe('Payment received – Order K7QM2XR4 – Birch & Clay')
    const main = page.locator('main')
    expect(await main.getAttribute('data-order-status')).toBe('paid')
    expect(await main.getAttribute('data-checking')).toBeNull()
    expect(await page.locator('[role=status]').getAttribute('data-mark')).toBe('same page')
    expect(await focused()).toBe('BODY')
  })

  it('stops asking once no news is expected', async () => {
    await openOrder()
    shop.becomes(aPaidOrder())
    await wait(2 * SECOND)
    await page.locator('h1', { hasText: 'Payment received' }).waitFor()
    const looks = shop.looks

    await wait(MINUTE)

    expect(shop.looks).toBe(looks)
  })

  it('asks after 2, 3, 5 and 8 seconds, then every 15, and gives up after 5 minutes', async () => {
    await openOrder()
    const looksAt: number[] = []

    for (let second = 1; second <= 60; second++) {
      const before = shop.looks
      await wait(SECOND)
      if (shop.looks > before) looksAt.push(second)
    }
    expect(looksAt).toEqual([2, 5, 10, 18, 33, 48])

    for (let seconds = 60; seconds < 330; seconds += 15) await wait(15 * SECOND)
    const looks = shop.looks
    await wait(5 * MINUTE)
    expect(shop.looks).toBe(looks)
  })

  it('says at the end that it takes long, though nothing has changed', async () => {
    shop.order = anOrder({ returnedAt: ago(10 * SECOND) })
    shop.checking = true
    await openOrder()

    shop.order = { ...shop.order, returnedAt: ago(5 * MINUTE) }
    for (let seconds = 0; seconds < 330; seconds += 15) await wait(15 * SECOND)

    await page.locator('h1', { hasText: 'We are still confirming your payment' }).waitFor()
    expect(await announced()).toBe('We are still confirming your payment')
  })

  it('keeps the focus on a control that is still there', async () => {
    shop.order = anOrder({ status: 'processing' })
    await openOrder()
    await page.locator('#checkAgain').focus()

    shop.becomes(anOrder({ returnedAt: ago(10 * SECOND) }))
    shop.checking = true
    await wait(2 * SECOND)
    await page.locator('h1', { hasText: 'We are confirming your payment' }).waitFor()

    expect(await focused()).toBe('A#checkAgain')
  })

  it('moves the focus to the heading when the focused control has gone', async () => {
    await openOrder()
    await page.locator('#goToPayment').focus()

    shop.becomes(aPaidOrder())
    await wait(2 * SECOND)
    await page.locator('h1', { hasText: 'Payment received' }).waitFor()

    expect(await focused()).toBe('H1')
  })

  it('bears a shop that fails for a while', async () => {
    await openOrder()
    shop.failing = true
    await wait(2 * SECOND)
    await wait(3 * SECOND)
    expect(await page.locator('h1').textContent()).toBe('Your order is waiting for payment')

    shop.failing = false
    shop.becomes(aPaidOrder())
    await wait(5 * SECOND)

    await page.locator('h1', { hasText: 'Payment received' }).waitFor()
  })

  it('rests while nobody looks, and asks again for who comes back', async () => {
    await openOrder()
    await setHidden(true)
    await wait(MINUTE)
    expect(shop.looks).toBe(0)

    shop.becomes(aPaidOrder())
    await setHidden(false)
    await wait(2 * SECOND)

    await page.locator('h1', { hasText: 'Payment received' }).waitFor()
  })

  it('O20: is loaded anew when Back brings it out of memory', async () => {
    shop.order = aPaidOrder()
    await openOrder()
    const loads = shop.asked.length

    const reloaded = page.waitForEvent('load')
    await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
    await reloaded

    expect(shop.asked).toHaveLength(loads + 1)
  })

  it('does not ask for an order that is settled', async () => {
    shop.order = aPaidOrder()
    await openOrder()

    await wait(MINUTE)

    expect(shop.looks).toBe(0)
  })

  it('offers to print only where there is a script to do it', async () => {
    shop.order = anOrder({ status: 'processing' })
    await openOrder()
    expect(await page.locator('#print').isVisible()).toBe(true)
    await page.context().close()

    await openOrder({ javaScriptEnabled: false })

    expect(await page.locator('#print').isVisible()).toBe(false)
    expect(await page.locator('#checkAgain').getAttribute('href')).toBe(ORDER_PATH)
    expect(await page.locator('meta[http-equiv]').count()).toBe(0)
  })

  it('prints the order and the receipt light, on one sheet, without navigation', async () => {
    shop.order = aPaidOrder({ status: 'partially_refunded', refundedCents: 2_000 })
    const receipt = { ctx: CTX, details: detailsOf(shop.order), shop: SHOP, token: TOKEN }
    for (const view of ['order', 'receipt']) {
      if (view === 'receipt') {
        shop.html = () => htmlOf('orders/receipt', receiptPage({ ...receipt, checking: false }))
      }
      await openOrder({ colorScheme: 'dark' })
      await page.emulateMedia({ media: 'print' })

      expect(await page.locator('.site-header__cart').isVisible()).toBe(false)
      expect(await page.locator('.actions').isVisible()).toBe(false)
      expect(await page.getByText('$84.20 USD').first().isVisible()).toBe(true)
      expect(
        await page.evaluate('getComputedStyle(document.documentElement).backgroundColor'),
      ).toBe('rgb(255, 255, 255)')
      const pdf = await page.pdf({ format: 'Letter' })
      expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1)
      if (view === 'order') await page.context().close()
    }
  })

  it.each([
    '<script>window.pwned = true</script>',
    '"><img src=x onerror="window.pwned = true">',
    "' autofocus onfocus='window.pwned = true",
    '</title></main><svg onload="window.pwned = true">',
    '<%= process.env %> #{7*7} {{7*7}}',
    'javascript:window.pwned=true',
    'a\u2028b\u202Ec</textarea><!--',
  ])('X01: shows %j as text, wherever it is stored', async (canary) => {
    const payment = aPayment({ brand: canary.slice(0, 30), lastFour: canary, id: canary })
    const facts = { paymentId: canary, number: canary, tokenSealed: canary }
    const given = { shop: { ...SHOP, name: canary, supportEmail: canary }, token: TOKEN }
    const items = [item(1, canary, 8_420, 1)]
    const seen = (order: Order) => ({ order, items, payments: [payment] })

    const failed = { ...payment, status: 'failed', errorCode: canary, errorMessage: canary }
    const pages = [
      () => orderHtml(aPaidOrder(facts)),
      () => orderHtml(aPaidOrder({ ...facts, status: 'needs_review', reason: 'paid_twice' })),
      () => orderHtml(anOrder({ ...facts, status: 'failed' }), [failed]),
      () =>
        htmlOf(
          'orders/receipt',
          receiptPage({ ctx: CTX, details: seen(aPaidOrder(facts)), checking: false, ...given }),
        ),
    ]
    function orderHtml(order: Order, payments = [payment]) {
      return htmlOf(
        'orders/order',
        pageOf(order, { ...given, details: { order, items, payments } }),
      )
    }

    await openOrder()
    for (const html of pages) {
      shop.html = html
      await page.reload()
      const found = (await page.evaluate(`({
        pwned: window.pwned ?? false,
        mains: document.querySelectorAll('main').length,
        strange: document.querySelectorAll('img, svg, textarea, [onerror], [onfocus]').length,
        links: [...document.querySelectorAll('a')].map((link) => link.protocol),
        text: document.body.textContent,
        title: document.title,
      })`)) as Record<string, unknown>

      expect(found).toMatchObject({ pwned: false, mains: 1, strange: 0 })
      expect(found.links).not.toContain('javascript:')
      expect(found.text).toContain(canary)
      expect(found.title).toContain(canary)
    }
  })

  async function openOrder(options: BrowserContextOptions = {}): Promise<void> {
    page = await (await browser.newContext(options)).newPage()
    underWay = 0
    page.on('request', () => underWay++)
    page.on('requestfinished', () => underWay--)
    page.on('requestfailed', () => underWay--)
    await page.clock.install({ time: NOW })
    await page.goto(shop.url + ORDER_PATH)
  }

  /** Time passes in the page, and what it then asks for is answered. */
  async function wait(milliseconds: number): Promise<void> {
    await page.clock.runFor(milliseconds)
    do await new Promise((done) => setTimeout(done, 20))
    while (underWay > 0)
  }

  async function setHidden(hidden: boolean): Promise<void> {
    await page.evaluate(`{
      Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }`)
  }

  function announced(): Promise<string | null> {
    return page.locator('[role=status]').textContent()
  }

  function focused(): Promise<unknown> {
    return page.evaluate(
      '((element) => element.tagName + (element.id && "#" + element.id))(document.activeElement)',
    )
  }
})
