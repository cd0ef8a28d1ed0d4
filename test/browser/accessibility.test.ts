import { describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import { type Customer, SHOP, statusOf, useChromium, useStore } from '../support/customer.ts'
import { ORDER_STATES } from '../support/order-states.ts'
import { flawsOf } from '../support/page-flaws.ts'
import { GOOD_CARD } from '../support/sandbox-control.ts'
import type { Store } from '../support/store.ts'

type Visit = (customer: Customer, store: Store) => Promise<unknown>

const SHOP_PAGES: Record<string, Visit> = {
  'the shops': ({ page }) => page.goto('/'),
  'a catalogue': ({ page }) => page.goto(`/shops/${SHOP}`),
  'a product': ({ page }) => page.goto(`/shops/${SHOP}/products/round-teapot`),
  'a product with a wrong quantity': async ({ page }) => {
    await page.goto(`/shops/${SHOP}/products/round-teapot`)
    await page.getByLabel('Quantity').fill('0')
    await page.getByRole('button', { name: 'Add to cart' }).click()
    await page.locator('.error-summary').waitFor()
  },
  'an empty cart': ({ page }) => page.goto(`/shops/${SHOP}/cart`),
  'a cart with news': async (customer) => {
    await customer.fillCart('Round teapot', 99)
    await customer.fillCart('Serving platter', 99)
  },
  'a cart with a wrong quantity': async (customer) => {
    await customer.fillCart('Round teapot')
    await customer.page.getByLabel('Quantity of Round teapot').fill('many')
    await customer.page.getByRole('button', { name: 'Update Round teapot' }).click()
    await customer.page.locator('.error-summary').waitFor()
  },
  'a cart that has changed': async (customer, { ctx }) => {
    await customer.fillCart('Tall vase')
    const price = (cents: number) =>
      ctx.db
        .updateTable('products')
        .set({ price_cents: cents })
        .where('slug', '=', 'tall-vase')
        .execute()
    await price(5_500)
    await customer.page.reload()
    await price(5_400)
    expect(await customer.page.locator('main').innerText()).toContain('$55.00 (it was $54.00)')
  },
  'a checkout': async (customer) => {
    await customer.fillCart('Round teapot', 2)
    await customer.fillCheckout()
  },
  'a checkout with mistakes': async (customer) => {
    await customer.fillCart('Round teapot', 2)
    await customer.fillCheckout()
    await customer.page.getByLabel('Email address').fill('nobody')
    await customer.page.getByRole('button', { name: 'Continue' }).click()
    await customer.page.locator('.error-summary').waitFor()
  },
  'the form to find an order': ({ page }) => page.goto('/orders/find'),
  'the form to find an order, with mistakes': async ({ page }) => {
    await page.goto('/orders/find')
    await page.locator('main form button').click()
    await page.locator('.error-summary').waitFor()
  },
  'the form to find an order, sent': async ({ page }) => {
    await page.goto('/orders/find')
    await page.getByLabel('Order number').fill('K7QM2XR4')
    await page.getByLabel('Email address').fill('ann@example.com')
    await page.locator('main form button').click()
    await page.locator('.notice').waitFor()
  },
  'an error': ({ page }) => page.goto('/nowhere'),
  'a wrong link': ({ page }) => page.goto(`/orders/${'x'.repeat(43)}`),
  'a payment page that did not open': async (customer, { sandbox }) => {
    await customer.fillCart('Egg cup')
    await customer.fillCheckout()
    const fault = { method: 'POST', path: '/v1/checkout_sessions', kind: 'status', status: 500 }
    await sandbox.fault({ ...fault, times: 100 })
    await customer.page.getByRole('button', { name: 'Continue' }).click()
    await customer.page.locator('h1', { hasText: 'could not open' }).waitFor()
    await sandbox.endFaults()
  },
  'the payment page of the sandbox': (customer) => customer.checkOut('Egg cup'),
  'a receipt': async ({ page }, store) => {
    const path = await ORDER_STATES['Payment received']?.(store)
    await page.goto(`${path}/after-payment`)
    await page.goto(`${path}/receipt`)
    await page.getByText('Visa ending 4242').waitFor()
  },
  'no receipt yet': async ({ page }, store) => {
    await page.goto(`/orders/${(await store.place()).token}/receipt`)
  },
}

const PAGES: Record<string, Visit> = {
  ...SHOP_PAGES,
  ...Object.fromEntries(
    Object.entries(ORDER_STATES).map(([heading, lead]): [string, Visit] => [
      `the order: ${heading}`,
      async ({ page }, store) => {
        await page.goto(await lead(store))
        expect(await page.locator('h1').innerText()).toBe(heading)
      },
    ]),
  ),
}

describe('every page, for everybody', () => {
  const shop = useStore(useChromium())

  it.each(Object.keys(PAGES))(
    '%s: no violation of WCAG 2.2 AA; fits a narrow screen',
    async (name) => {
      const customer = await shop.customer()
      const { page } = customer
      await PAGES[name]?.(customer, shop.store)

      expect(await flawsOf(page)).toEqual([])
    },
  )

  it.each(['the shops', 'a catalogue', 'a product', 'a cart with news', 'a checkout', 'a receipt'])(
    '%s: Tab goes through it in its order, from the skip link on, and shows where it is',
    async (name) => {
      const customer = await shop.customer()
      await SHOP_PAGES[name]?.(customer, shop.store)
      await customer.page.reload()

      const { expected, stops } = await tabThrough(customer.page)

      expect(stops.map(({ label }) => label)).toEqual(expected)
      expect(stops[0]?.label).toBe('Skip to the content')
      expect(stops.filter(({ outline }) => outline < 3)).toEqual([])
      expect(stops.filter(({ covered }) => covered)).toEqual([])
    },
  )

  it('sells to somebody who has only a keyboard', async () => {
    const { page } = await shop.customer()
    const press = async (role: 'link' | 'button', name: string) => {
      await tabTo(page, page.getByRole(role, { name }))
      await page.keyboard.press('Enter')
    }
    const type = async (label: string, text: string) => {
      await tabTo(page, page.getByLabel(label))
      await page.keyboard.type(text)
    }
    await page.goto('/')

    await press('link', 'Fernhill Pottery')
    await press('link', 'Egg cup')
    await press('button', 'Add to cart')
    await press('link', 'Checkout')
    await type('Full name', 'Ann Example')
    await type('Email address', 'ann@example.com')
    await page.keyboard.press('Enter')
    await type('Card number', GOOD_CARD)
    await type('Expiry month', '12')
    await type('Expiry year', '2040')
    await type('Security code', '123')
    await page.keyboard.press('Enter')

    await page.waitForURL('**/after-payment')
    expect(await statusOf(page)).toBe('paid')
  })

  it('lets the skip link lead past the header', async () => {
    const { page } = await shop.customer()
    await page.goto(`/shops/${SHOP}`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')

    expect(await page.locator('main :focus').innerText()).toBe('Blue mug')
  })
})

async function tabThrough(page: Page) {
  const expected = await page.evaluate(() => {
    const stops = document.querySelectorAll<HTMLElement>(
      'a[href], button, input:not([type=hidden]), summary, [tabindex="0"]',
    )
    return [...stops].map((stop) => stop.innerText || stop.id)
  })
  const stops = []
  for (const _ of expected) {
    await page.keyboard.press('Tab')
    stops.push(
      await page.evaluate(() => {
        const stop = document.activeElement as HTMLElement
        const box = stop.getClientRects()[0] ?? new DOMRect()
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
        return {
          label: stop.innerText || stop.id,
          outline: Number.parseFloat(getComputedStyle(stop).outlineWidth),
          covered: !top || !(stop.contains(top) || top.contains(stop)),
        }
      }),
    )
  }
  return { expected, stops }
}

async function tabTo(page: Page, target: ReturnType<Page['locator']>): Promise<void> {
  await target.waitFor()
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`60 presses of Tab did not reach ${target}`)
}
