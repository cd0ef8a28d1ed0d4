import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { Placed } from '../../src/checkout/place-order.ts'
import { settleOrder } from '../../src/checkout/settle-order.ts'
import { addUser, PASSWORD } from '../support/clerk.ts'
import { useChromium, useStore } from '../support/customer.ts'
import { insertOrders } from '../support/many-orders.ts'

const AXE = join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const WATCHER = { source: 'watcher' } as const

const WAYS: [string, BrowserContextOptions][] = [
  ['with JavaScript, on a wide screen', { viewport: { width: 1280, height: 900 } }],
  ['without it, at 360 px', { javaScriptEnabled: false, viewport: { width: 360, height: 740 } }],
]

describe('the desk’s orders in a browser', () => {
  const axeSource = readFileSync(AXE, 'utf8')
  const shop = useStore(useChromium())
  let email: string

  beforeAll(async () => {
    const { ctx } = shop.store
    email = await addUser(ctx)
    const row = await ctx.db
      .selectFrom('merchants')
      .select('id')
      .where('slug', '=', 'fernhill-pottery')
      .executeTakeFirstOrThrow()
    await insertOrders(
      ctx.db,
      row.id,
      Array.from({ length: 40 }, (_, i) => ({
        number: `BRWS${String(i).padStart(4, '0')}`,
        name: i % 2 ? 'Zoë Ångström' : 'Bo Berg',
        status: i % 4 ? ('refunded' as const) : ('expired' as const),
        createdAt: new Date(Date.now() - i * 3_600_000),
      })),
    )
  })

  async function deskAt(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const { page } = await shop.customer(options)
    await page.goto(path)
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`**${path}`)
    return page
  }

  async function paidOrder(): Promise<{ placed: Placed; path: string }> {
    const { store } = shop
    const placed = await store.place({ quantity: 3 })
    await store.sandbox.payByCard(await store.openPage(placed))
    await settleOrder(store.ctx, placed.orderId, WATCHER)
    return { placed, path: `/merchant/orders/${(await store.order(placed)).number}` }
  }

  it.each(WAYS)('finds orders by filters that can be taken away, %s', async (_, options) => {
    const page = await deskAt('/merchant/orders', options)
    await page.getByLabel('Search', { exact: true }).fill('ångström')
    await page.getByLabel('Refunded', { exact: true }).check()
    await page.getByRole('button', { name: 'Search orders' }).click()

    expect(await page.locator('tbody').getByRole('row').count()).toBe(20)
    expect(await page.locator('main').innerText()).toContain('20 orders')
    await page.getByRole('link', { name: 'Remove filter: Refunded' }).click()
    expect(new URL(page.url()).search).toBe('?q=%C3%A5ngstr%C3%B6m')
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await page.getByRole('link', { name: 'Older' }).click()
    expect(await page.getByRole('rowheader').first().innerText()).toBe('BRWS0025')
    await page.getByRole('rowheader').first().getByRole('link').click()
    expect(await page.locator('main').getAttribute('data-order-number')).toBe('BRWS0025')
  })

  it.each(WAYS)('refunds in two steps, and tells what came of it, %s', async (_, options) => {
    const { path } = await paidOrder()
    const page = await deskAt(path, options)
    await page.getByRole('link', { name: 'Refund', exact: true }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    expect(await page.title()).toMatch(/^Error: /)
    await page.getByRole('link', { name: 'Select full or part refund' }).click()

    await page.getByLabel('Part refund', { exact: true }).check()
    await page.getByLabel('Amount of a part refund').fill('$12.50')
    await page.getByLabel('Customer request').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    expect(await page.locator('main').innerText()).toContain(
      'Refund $12.50 to Visa ending 4242? This cannot be undone.',
    )
    await page.getByRole('button', { name: 'Refund $12.50' }).click()
    await page.waitForURL(`**${path}?refund=*`)
    expect(await page.locator('main').getAttribute('data-order-status')).toBe('partially_refunded')
    expect(await page.locator('main').innerText()).toContain('Refund of $12.50 made.')
  })

  it.each(WAYS)('checks, fulfils and cancels by buttons, %s', async (_, options) => {
    const { store } = shop
    const placed = await store.place()
    await store.openPage(placed)
    const page = await deskAt(`/merchant/orders/${(await store.order(placed)).number}`, options)

    await page.getByRole('button', { name: 'Check with JustiFi now' }).click()
    expect(await page.locator('main').innerText()).toContain('Checked with JustiFi just now.')
    await page.getByRole('button', { name: 'Cancel order' }).click()
    expect(await page.locator('main').getAttribute('data-order-status')).toBe('cancelled')

    const { path } = await paidOrder()
    await page.goto(path)
    await page.getByRole('button', { name: 'Mark as fulfilled' }).click()
    await page.getByRole('button', { name: 'Undo fulfilment' }).click()
    expect(await page.getByRole('button', { name: 'Mark as fulfilled' }).count()).toBe(1)
  })

  it('copies an id where there is a script to do so', async () => {
    const { path } = await paidOrder()
    const page = await deskAt(path, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('button', { name: 'Copy Payment ID' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^py_/)
    expect(await page.locator('[data-said]').innerText()).toBe('Copied')
  })

  it('has no violation of WCAG 2.2 AA, and fits narrow screens, on every page', async () => {
    const { store } = shop
    const { path } = await paidOrder()
    const review = await store.place()
    const hosted = await store.openPage(review)
    await store.ctx.db
      .updateTable('orders')
      .set({ status: 'cancelled', cancelled_at: store.ctx.clock.now().toISOString() })
      .where('id', '=', review.orderId)
      .execute()
    await store.sandbox.payByCard(hosted)
    await settleOrder(store.ctx, review.orderId, WATCHER)

    const page = await deskAt('/merchant/orders')
    const { number } = await store.order(review)
    for (const one of [
      '/merchant/orders',
      '/merchant/orders?status=paid&status=refunded&q=bo&from=2020-01-01',
      '/merchant/orders?attention=1',
      '/merchant/orders?from=2026-03-02&to=2026-03-01',
      '/merchant/orders?q=nobody',
      path,
      `/merchant/orders/${number}`,
      `${path}/refund`,
    ]) {
      await page.goto(one)
      await page.evaluate(axeSource)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const violations = await page.evaluate(async (tags) => {
          const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({
            runOnly: { type: 'tag', values: tags },
          })
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
        }, TAGS)
        expect([one, colorScheme, violations]).toEqual([one, colorScheme, []])
      }
      for (const width of [360, 320]) {
        await page.setViewportSize({ width, height: 740 })
        const over = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement
          return scrollWidth - clientWidth
        })
        expect([one, width, over]).toEqual([one, width, 0])
      }
    }
  }, 120_000)
})
