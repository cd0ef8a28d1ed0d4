import { beforeAll, describe, expect, it } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { settleOrder } from '../../src/checkout/settle-order.ts'
import { addUser, PASSWORD } from '../support/clerk.ts'
import { useChromium, useStore } from '../support/customer.ts'
import { flawsOf } from '../support/page-flaws.ts'

const EMAIL = 'sam@fernhill.example'
const NO_SCRIPT = { javaScriptEnabled: false }

describe('home, jobs, events and reconciliation at the desk', () => {
  // Jobs are looked for five times as often.
  const shop = useStore(useChromium(), { webhooks: true, watchIntervalMs: 1_000 })
  let misbooked = ''

  beforeAll(async () => {
    const { store } = shop
    await addUser(store.ctx, { email: EMAIL })
    for (let n = 0; n < 3; n++) {
      const placed = await store.place({ quantity: n + 1 })
      await store.sandbox.payByCard(await store.openPage(placed))
      await settleOrder(store.ctx, placed.orderId, { source: 'after_payment' })
      const order = await store.order(placed)
      if (n === 0) misbooked = String(order.paymentId)
    }
    await store.openPage(await store.place())
  })

  it.each([
    ['with JavaScript', {}],
    ['without', NO_SCRIPT],
  ])('leads from a figure to the orders behind it, %s', async (_, options) => {
    const page = await signIn(options)
    expect(await page.locator('body').getAttribute('data-page')).toBe('merchant-home')
    await page.getByLabel('Period').selectOption('Last 7 days')
    await page.getByRole('button', { name: 'Update' }).click()
    await page.waitForURL('**/merchant?period=7*')

    await page.getByText('The numbers').click()
    expect(await page.locator('details table tbody tr').count()).toBe(7)
    expect(await page.getByRole('img', { name: /Payments by day/ }).count()).toBe(1)
    await page.locator('.figures__number').first().click()

    await page.waitForURL('**/merchant/orders?*')
    expect(await page.locator('#count').innerText()).toBe('3 orders')
  })

  it('checks all open orders: the page of the work goes along by itself, and tells once', async () => {
    const page = await signIn()
    await page.getByRole('link', { name: 'Check all open orders' }).click()
    await shop.store.sandbox.fault({
      ...{ method: 'GET', path: '/v1/payment_intents/*', kind: 'delay', delay_ms: 2_500, times: 4 },
    })
    await page.getByRole('button', { name: 'Check 1 order' }).click()
    await page.waitForURL('**/merchant/jobs/*')
    expect(await page.locator('main').innerText()).toContain('You can leave this page.')
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }))

    await page.locator('main[data-job-state=done]').waitFor({ timeout: 20_000 })

    expect(await page.evaluate(() => Object(globalThis).isSamePage)).toBe(true)
    const result = 'Checked 1 of 1. 0 changed.'
    expect(await page.locator('#job-sentence').innerText()).toBe(result)
    expect(await page.getByRole('status').textContent()).toBe(result)
    expect(await page.locator('progress').count()).toBe(0)
    await shop.store.sandbox.endFaults()
  })

  it('compares the books without JavaScript, and hands over the differences', async () => {
    await shop.store.ctx.db
      .updateTable('payments')
      .set({ fee_cents: 1 })
      .where('id', '=', misbooked)
      .execute()
    const page = await signIn(NO_SCRIPT)
    await page.getByRole('link', { name: 'Reconciliation' }).click()
    await page.getByRole('button', { name: 'Compare with JustiFi' }).click()
    await page.waitForURL('**/merchant/jobs/*')
    await follow(page, 'Check progress', 'See what was found')
    await page.getByRole('link', { name: 'See what was found' }).click()

    expect(await page.locator('h1').innerText()).toContain('Reconciliation')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the differences' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^differences-fernhill-pottery-/)
  })

  it('processes an event again, and lets the keyboard into what JustiFi sent', async () => {
    const page = await signIn()
    await page.getByRole('link', { name: 'Events', exact: true }).click()
    await page.getByRole('link', { name: 'payment.succeeded' }).first().click()
    await page.getByRole('button', { name: 'Process again' }).click()
    await page.waitForURL('**?notice=*')

    expect(await page.getByRole('status').innerText()).toContain('JustiFi was asked')
    await page.getByRole('region', { name: 'What JustiFi sent' }).focus()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('PRE')
    expect(await page.locator('pre').innerText()).not.toContain('Ann')
  })

  it.each([
    ['home', '/merchant'],
    ['home with mistakes', '/merchant?period=custom&from=&to='],
    ['events', '/merchant/events'],
    ['one event', '/merchant/events/FIRST'],
    ['reconciliation', '/merchant/reconciliation'],
    ['what a reconciliation found', '/merchant/reconciliation/FIRST'],
    ['a job that is done', '/merchant/jobs/FIRST'],
    ['a job under way', '/merchant/jobs/OPEN'],
    ['orders to be checked', '/merchant/jobs/check-orders?status=paid'],
  ])('%s: no violation of WCAG 2.2 AA; fits a narrow screen', async (_, path) => {
    const page = await signIn()
    await page.goto(await realPath(path))
    for (const details of await page.locator('details').all()) {
      await details.evaluate((element) => element.setAttribute('open', ''))
    }
    expect(await flawsOf(page)).toEqual([])
  })

  async function signIn(options: BrowserContextOptions = {}): Promise<Page> {
    const { page } = await shop.customer(options)
    await page.goto('/merchant/sign-in')
    await page.getByLabel('Email address').fill(EMAIL)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/merchant')
    return page
  }

  /** Presses a link until another is there. */
  async function follow(page: Page, name: string, until: string): Promise<void> {
    for (let presses = 0; presses < 50; presses++) {
      if ((await page.getByRole('link', { name: until }).count()) > 0) return
      await page.getByRole('link', { name }).click()
      await page.waitForTimeout(200)
    }
    throw new Error(`"${until}" did not come`)
  }

  /** With the id of something that the tests before have made. */
  async function realPath(path: string): Promise<string> {
    const { db } = shop.store.ctx
    if (path.endsWith('OPEN')) {
      await db
        .updateTable('jobs')
        .set({ state: 'open', due_at: '2999', finished_at: null })
        .where('kind', '=', 'check_orders')
        .execute()
    }
    const kind = path.endsWith('OPEN') ? 'check_orders' : 'reconcile'
    const [row] = path.includes('events')
      ? await db.selectFrom('webhook_events').select('id').execute()
      : await db.selectFrom('jobs').select('id').where('kind', '=', kind).execute()
    return path.replace(/FIRST|OPEN/, String(row?.id))
  }
})
