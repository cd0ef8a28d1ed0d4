import { describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import { statusOf, useChromium, useStore } from '../support/customer.ts'

describe('news of a payment, on the page of an order that is open', () => {
  const shop = useStore(useChromium(), { webhooks: true })

  it('comes by a late webhook: shown without a reload, and announced once', async () => {
    const { page } = await shop.customer()
    const order = await shop.store.place()
    await shop.store.sandbox.payByBank(await shop.store.openPage(order))
    await page.goto(`/orders/${order.token}`)
    expect(await statusOf(page)).toBe('processing')
    await noteAnnouncements(page)

    await settleBankPayment()
    await page.locator('main[data-order-status=paid]').waitFor()

    expect(await page.locator('h1').innerText()).toBe('Payment received')
    expect(await page.title()).toMatch(/^Payment received/)
    expect(await announcements(page)).toEqual(['Payment received'])
    expect(await shop.store.timeline(order)).toContain('status paid (webhook)')
  })

  it('is shown as not confirmed until JustiFi has it too, with no way to pay', async () => {
    const customer = await shop.customer()
    const { page } = customer
    await customer.checkOut()
    const [intent] = (await shop.store.sandbox.state()).payment_intents.slice(-1)
    const path = `/v1/payment_intents/${intent?.id}*`
    await shop.store.sandbox.fault({ method: 'GET', path, kind: 'stale', times: 1_000 })

    await customer.payByCard()
    expect(await statusOf(page)).toBe('awaiting_payment')
    expect(await page.locator('main').getAttribute('data-checking')).toBe('true')
    expect(await page.locator('h1').innerText()).toBe('We are confirming your payment')
    expect(await page.locator('main').innerText()).toContain('Do not pay again')
    expect(await page.locator('form, a[href*="/r/"], a[href$="/pay"]').count()).toBe(0)

    await noteAnnouncements(page)
    await shop.store.sandbox.endFaults()
    await page.locator('main[data-order-status=paid]').waitFor()
    expect(await page.locator('main').getAttribute('data-checking')).toBeNull()
    expect(await announcements(page)).toEqual(['Payment received'])
  })

  it('waits for a press on "Check again" where there is no JavaScript', async () => {
    const { page } = await shop.customer({ javaScriptEnabled: false })
    const order = await shop.store.place()
    await shop.store.sandbox.payByBank(await shop.store.openPage(order))
    await page.goto(`/orders/${order.token}`)
    expect(await statusOf(page)).toBe('processing')
    expect(await page.locator('meta[http-equiv]').count()).toBe(0)

    await settleBankPayment()
    await page.getByRole('link', { name: 'Check again' }).click()
    await page.locator('main[data-order-status=paid]').waitFor()
  })

  async function settleBankPayment(): Promise<void> {
    const { payments } = await shop.store.sandbox.state()
    const pending = payments.find(({ status }) => status === 'pending')
    await shop.store.sandbox.settle(String(pending?.id), 'succeeded')
  }
})

/** Remembers in the page what its live region says. A reload would forget it. */
function noteAnnouncements(page: Page): Promise<void> {
  return page.evaluate(() => {
    const region = document.querySelector('[role=status]')
    const said: string[] = []
    Object.assign(globalThis, { said })
    if (!region) return
    new MutationObserver((changes) => {
      for (const _ of changes) said.push(region.textContent)
    }).observe(region, { childList: true })
  })
}

function announcements(page: Page): Promise<unknown> {
  return page.evaluate(() => Object(globalThis).said)
}
