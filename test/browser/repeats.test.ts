import { describe, expect, it } from '@jest/globals'
import {
  atPaymentPage,
  type Customer,
  SHOP,
  statusOf,
  useChromium,
  useStore,
} from '../support/customer.ts'

describe('a customer who does things twice, or goes Back', () => {
  const shop = useStore(useChromium())

  it('O08: double-clicks on the way to payment, and has one order and one intent', async () => {
    const customer = await shop.customer()
    await customer.fillCart('Blue mug')
    await customer.fillCheckout()
    const made = await counting()

    await slowly('/v1/payment_intents')
    await customer.page
      .getByRole('button', { name: 'Continue to payment' })
      .dblclick({ delay: 100 })
    await atPaymentPage(customer.page)

    expect(sent(customer, '/checkout')).toBe(2)
    expect(await made()).toEqual({ orders: 1, intents: 1, sessions: 1 })
    await customer.payByCard()
    expect(await statusOf(customer.page)).toBe('paid')
  })

  it('O08: double-clicks on the page of an order, and gets to one payment page', async () => {
    const customer = await shop.customer()
    const placed = await shop.store.place()
    const made = await counting()
    await customer.page.goto(`/orders/${placed.token}`)

    await slowly('/v1/payment_intents')
    await customer.page.getByRole('button', { name: 'Go to payment' }).dblclick({ delay: 100 })
    await atPaymentPage(customer.page)

    expect(sent(customer, '/pay')).toBe(2)
    expect(await made()).toEqual({ orders: 0, intents: 1, sessions: 1 })
  })

  it('O09: checks out in two tabs at once, and pays one order once', async () => {
    const customer = await shop.customer()
    const made = await counting()
    const first = customer.page
    await customer.fillCart('Egg cup')
    await customer.fillCheckout()
    const second = await customer.newTab()
    await second.goto(`/shops/${SHOP}/cart`)
    await customer.fillCheckout(second)

    const [one, other] = await Promise.all([
      customer.goToPayment(first),
      customer.goToPayment(second),
    ])
    expect(one).toBe(other)
    expect(await made()).toEqual({ orders: 1, intents: 1, sessions: 1 })

    await customer.payByCard(undefined, first)
    await second.reload()
    expect(await second.locator('h1').innerText()).toBe('This is already paid')
    await second.getByRole('link', { name: 'Continue to the shop' }).click()
    expect(await statusOf(second)).toBe('paid')
  })

  it('presses Pay in a tab that was open before the order was paid', async () => {
    const customer = await shop.customer({ javaScriptEnabled: false })
    const { token } = await shop.store.place()
    const { page } = customer
    await page.goto(`/orders/${token}`)
    const oldTab = await customer.newTab()
    await oldTab.goto(`/orders/${token}`)
    await page.getByRole('button', { name: 'Go to payment' }).click()
    await atPaymentPage(page)
    await customer.payByCard()

    await oldTab.getByRole('button', { name: 'Go to payment' }).click()

    await oldTab.waitForURL('**?notice=already_paid')
    expect(await statusOf(oldTab)).toBe('paid')
    expect(await oldTab.locator('.notice').innerText()).toBe(
      'This order is already paid. We did not take another payment.',
    )
  })

  it('goes Back from the payment page and on again, to the same order', async () => {
    const customer = await shop.customer()
    const made = await counting()
    const paymentPage = await customer.checkOut()

    await customer.page.goBack()
    await customer.page.getByLabel('Full name').fill('Ann Example')
    await customer.page.getByLabel('Email address').fill('ann@example.com')

    expect(await customer.goToPayment()).toBe(paymentPage)
    expect(await made()).toEqual({ orders: 1, intents: 1, sessions: 1 })
  })

  it('goes Back after paying, and is offered no second payment on the way', async () => {
    const customer = await shop.customer()
    const { page } = customer
    await customer.checkOut()
    await customer.payByCard()

    await page.goBack()
    expect(await page.locator('h1').innerText()).toBe('This is already paid')
    await page.goBack()
    expect(await page.locator('main').innerText()).toContain('Your cart is empty.')
  })

  it('O20: finds the order paid, however they come back to its page', async () => {
    const customer = await shop.customer()
    const { page } = customer
    const { token } = await shop.store.place()
    await page.goto(`/orders/${token}`)
    expect(await statusOf(page)).toBe('awaiting_payment')
    await page.getByRole('button', { name: 'Go to payment' }).click()
    await atPaymentPage(page)
    await customer.payByCard()

    await page.goBack()
    await page.goBack()

    expect(new URL(page.url()).pathname).toBe(`/orders/${token}`)
    expect(await statusOf(page)).toBe('paid')
  })

  it('O20: sees a page that the browser had kept in memory look again', async () => {
    const customer = await shop.customer()
    const { page } = customer
    const { token } = await shop.store.place()
    await page.clock.install()
    await page.goto(`/orders/${token}`)
    await shop.store.sandbox.payByCard(await shop.store.openPage({ token }))
    expect(await statusOf(page)).toBe('awaiting_payment')

    const loaded = page.waitForEvent('load')
    await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    })
    await loaded

    expect(await statusOf(page)).toBe('paid')
  })

  it('O19: comes back in another browser, and needs nothing but the link', async () => {
    const customer = await shop.customer()
    await customer.checkOut()
    await customer.page.getByRole('link', { name: 'Back to the shop' }).click()
    await customer.page.waitForURL('**/back')
    const elsewhere = await shop.customer({ javaScriptEnabled: false })
    const { page } = elsewhere

    await page.goto(customer.page.url())
    expect(await statusOf(page)).toBe('awaiting_payment')
    await page.getByRole('button', { name: 'Go to payment' }).click()
    await atPaymentPage(page)
    await elsewhere.payByCard()

    expect(await statusOf(page)).toBe('paid')
    expect(await page.content()).not.toMatch(/Ann Example|ann@example/)
    expect(await elsewhere.cookies()).toEqual([])
  })

  it('O19: cancels an order without a cookie', async () => {
    const customer = await shop.customer()
    const { page } = customer
    const { token } = await shop.store.place()
    await page.goto(`/orders/${token}`)

    await page.getByRole('button', { name: 'Cancel order' }).click()
    await page.locator('h1', { hasText: 'Order cancelled' }).waitFor()

    expect(await statusOf(page)).toBe('cancelled')
    expect(await customer.cookies()).toEqual([])
  })

  /** JustiFi answers late, so that what comes twice comes while the first is under way. */
  function slowly(path: string): Promise<void> {
    return shop.store.sandbox.fault({ method: 'POST', path, kind: 'delay', delay_ms: 500 })
  }

  /** Counts what is made from now on. */
  async function counting() {
    const before = await everything()
    return async () => {
      const now = await everything()
      return {
        orders: now.orders - before.orders,
        intents: now.intents - before.intents,
        sessions: now.sessions - before.sessions,
      }
    }
  }

  async function everything() {
    const { ctx, sandbox } = shop.store
    const { payment_intents, checkout_sessions } = await sandbox.state()
    const orders = await ctx.db.selectFrom('orders').select('id').execute()
    return {
      orders: orders.length,
      intents: payment_intents.length,
      sessions: checkout_sessions.length,
    }
  }
})

function sent({ requests }: Customer, end: string): number {
  const path = (request: { url(): string }) => new URL(request.url()).pathname
  return requests.filter((request) => request.method() === 'POST' && path(request).endsWith(end))
    .length
}
