import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { MINUTE, SECOND } from '../src/clock.ts'
import { ORDER_STATUSES } from '../src/orders/order.ts'
import { errorPage } from '../src/web/errors/error-page.ts'
import { paymentUnavailablePage } from '../src/web/orders/payment-unavailable-page.ts'
import { receiptPage } from '../src/web/orders/receipt-page.ts'
import { launchChromium } from './support/chromium.ts'
import {
  ago,
  anOrder,
  aPaidOrder,
  CTX,
  detailsOf,
  htmlOf,
  pageOf,
  SHOP,
  TOKEN,
} from './support/order-pages.ts'

const ROOT = join(import.meta.dirname, '..')
const AXE = readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8')
const CSS = readFileSync(join(ROOT, 'public/shop.css'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

const place = { ctx: CTX, shop: SHOP, token: TOKEN }
const returned = (since: number) => anOrder({ returnedAt: ago(since), answeredAt: ago(since) })
const PAGES: Record<string, string> = {
  ...Object.fromEntries(
    ORDER_STATUSES.map((status) => [
      status,
      htmlOf('orders/order', pageOf(aPaidOrder({ status, refundedCents: 2_000 }))),
    ]),
  ),
  'already paid': htmlOf('orders/order', pageOf(aPaidOrder(), { notice: 'already_paid' })),
  confirming: htmlOf('orders/order', pageOf(returned(SECOND), { checking: true })),
  'still confirming': htmlOf('orders/order', pageOf(returned(3 * MINUTE), { checking: true })),
  receipt: htmlOf(
    'orders/receipt',
    receiptPage({ ...place, details: detailsOf(aPaidOrder()), checking: false }),
  ),
  'no receipt': htmlOf(
    'orders/receipt',
    receiptPage({ ...place, details: detailsOf(anOrder()), checking: false }),
  ),
  ...Object.fromEntries(
    [false, true].map((mayBePaid) => [
      `payment page unavailable, ${mayBePaid ? 'perhaps paid' : 'unpaid'}`,
      htmlOf(
        'orders/payment-unavailable',
        paymentUnavailablePage({ ...place, details: detailsOf(anOrder()), mayBePaid }),
      ),
    ]),
  ),
  error: htmlOf(
    'errors/error',
    errorPage({ ctx: CTX, status: 500, code: 'internal', requestId: 'req-1' }),
  ),
}

describe.each(['light', 'dark'] as const)('on a small %s screen', (colorScheme) => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await launchChromium()
    page = await browser.newPage({ colorScheme, viewport: { width: 320, height: 640 } })
  })
  afterAll(() => browser.close())

  it.each(Object.keys(PAGES))('"%s" can be used by everyone, and fits', async (name) => {
    await page.setContent(String(PAGES[name]))
    await page.addStyleTag({ content: CSS })
    await page.evaluate(AXE)
    const { violations } = (await page.evaluate(
      `axe.run({ runOnly: ${JSON.stringify(RULES)} })`,
    )) as { violations: { id: string; nodes: { html: string }[] }[] }

    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    expect(await page.evaluate(overflow)).toBe(0)
  })
})
