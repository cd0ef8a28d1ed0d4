import { describe, expect, it } from '@jest/globals'
import type { Page, Request } from 'playwright-core'
import { type Customer, SHOP, useChromium, useStore } from '../support/customer.ts'
import { ORDER_STATES } from '../support/order-states.ts'
import type { Store } from '../support/store.ts'

const KB = 1_024
const BUDGETS = { document: 25 * KB, stylesheet: 12 * KB, script: 8 * KB }
const PAGE_BYTES = 60 * KB
const PAGE_BYTES_WITH_PICTURES = 350 * KB
const REQUESTS = 6
/** Cumulative layout shift: how much of what was read jumped while the page came in. */
const LAYOUT_SHIFT = 0.02

type Lead = (customer: Customer, store: Store) => Promise<string> | string

const PAGES: Record<string, Lead> = {
  'the shops': () => '/',
  'a catalogue': () => `/shops/${SHOP}`,
  'a product': () => `/shops/${SHOP}/products/round-teapot`,
  'a cart': async (customer) => {
    await fillCart(customer)
    return `/shops/${SHOP}/cart`
  },
  'a checkout': async (customer) => {
    await fillCart(customer)
    return `/shops/${SHOP}/checkout`
  },
  'the page of an order': async (_, store) =>
    (await ORDER_STATES['Payment received']?.(store)) ?? '',
  'the page of an order not confirmed yet': async (_, store) =>
    (await ORDER_STATES['We are confirming your payment']?.(store)) ?? '',
  'an error': () => '/nowhere',
}

describe('the weight of a page', () => {
  const shop = useStore(useChromium())

  it.each(Object.keys(PAGES))('%s keeps to its budget', async (name) => {
    const customer = await shop.customer()
    const path = (await PAGES[name]?.(customer, shop.store)) ?? ''
    const { page } = await shop.customer()
    await page.context().addCookies(await customer.cookies())

    const loads = await loadsOf(page, path)

    for (const [type, budget] of Object.entries(BUDGETS)) {
      const heaviest = Math.max(0, ...loads.filter((load) => load.type === type).map(bytesOf))
      expect([type, heaviest <= budget ? 'fits' : heaviest]).toEqual([type, 'fits'])
    }
    const pictures = loads.filter((load) => load.isPicture)
    const others = loads.filter((load) => !load.isPicture)
    expect(sum(others)).toBeLessThanOrEqual(PAGE_BYTES)
    expect(sum(loads)).toBeLessThanOrEqual(PAGE_BYTES_WITH_PICTURES)
    expect(others.length).toBeLessThanOrEqual(REQUESTS)
    expect(pictures.every(({ status }) => status === 200)).toBe(true)
    expect(await layoutShiftOf(page)).toBeLessThanOrEqual(LAYOUT_SHIFT)
  })
})

type Load = { type: string; isPicture: boolean; status: number; bytes: number }

/** What a page loads on a first visit, in bytes as they come over the wire. */
async function loadsOf(page: Page, path: string): Promise<Load[]> {
  const requests: Request[] = []
  page.on('requestfinished', (request) => requests.push(request))
  await page.goto(path, { waitUntil: 'networkidle' })

  return Promise.all(
    requests.map(async (request) => ({
      type: request.resourceType(),
      isPicture: request.url().includes('/assets/images/'),
      status: (await request.response())?.status() ?? 0,
      bytes: (await request.sizes()).responseBodySize,
    })),
  )
}

function bytesOf({ bytes }: Load): number {
  return bytes
}

function sum(loads: Load[]): number {
  return loads.reduce((total, { bytes }) => total + bytes, 0)
}

async function fillCart(customer: Customer): Promise<void> {
  for (const product of ['Blue mug', 'Tall vase', 'Egg cup']) await customer.fillCart(product)
}

function layoutShiftOf(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let shift = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shift += Object(entry).value
        }).observe({ type: 'layout-shift', buffered: true })
        requestAnimationFrame(() => setTimeout(() => resolve(shift), 50))
      }),
  )
}
