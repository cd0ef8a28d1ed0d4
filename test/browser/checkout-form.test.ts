import { describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import { SHOP, useChromium, useStore } from '../support/customer.ts'

const chromium = useChromium()

describe.each([{ javaScriptEnabled: true }, { javaScriptEnabled: false }])(
  'the checkout form (JavaScript: $javaScriptEnabled)',
  ({ javaScriptEnabled }) => {
    const shop = useStore(chromium)

    it('says what is missing: in the title, in a summary that has the focus, at the fields', async () => {
      const page = await atCheckout()

      await send(page)

      expect(await page.title()).toBe('Error: Checkout – Fernhill Pottery')
      expect(await page.locator(':focus').getAttribute('class')).toBe('error-summary')
      const summary = page.locator('.error-summary')
      expect(await summary.getByRole('link').allInnerTexts()).toEqual([
        'Enter your full name',
        'Enter your email address',
      ])
      expect(await textOfField(page, 'Full name')).toContain('Enter your full name')
      expect(await textOfField(page, 'Email address')).toContain('Enter your email address')
    })

    it('leads from each line of the summary to its field', async () => {
      const page = await atCheckout()
      await send(page)

      for (const field of ['name', 'email']) {
        await page.locator(`.error-summary a[href="#${field}"]`).click()
        expect(await page.locator(':focus').getAttribute('id')).toBe(field)
      }
    })

    it('keeps what was typed, and goes on once it is mended', async () => {
      const page = await atCheckout()
      await page.getByLabel('Full name').fill('  Ann "Q" <Example>  ')
      await page.getByLabel('Email address').fill('ann@example')

      await send(page)

      expect(await page.getByLabel('Full name').inputValue()).toBe('Ann "Q" <Example>')
      expect(await page.getByLabel('Email address').inputValue()).toBe('ann@example')
      expect(await textOfField(page, 'Email address')).toContain('like name@example.com')
      expect(await page.getByLabel('Full name').getAttribute('aria-invalid')).toBeNull()

      await page.getByLabel('Email address').fill('ann@example.com')
      await page.getByRole('button', { name: 'Continue to payment' }).click()
      await page.locator('body[data-page^=sandbox]').waitFor()
    })

    it('lets a browser fill it in: every field has its label, type and autocomplete', async () => {
      const page = await atCheckout()

      expect(await page.locator('form input:not([type=hidden])').count()).toBe(2)
      const name = page.getByLabel('Full name', { exact: true })
      expect(await attributesOf(name)).toEqual({ type: 'text', autocomplete: 'name' })
      const email = page.getByLabel('Email address', { exact: true })
      expect(await attributesOf(email)).toEqual({ type: 'email', autocomplete: 'email' })
    })

    async function atCheckout(): Promise<Page> {
      const customer = await shop.customer({ javaScriptEnabled })
      const { page } = customer
      await page.goto(`/shops/${SHOP}/products/egg-cup`)
      await page.getByRole('button', { name: 'Add to cart' }).click()
      await page.getByRole('link', { name: 'Checkout' }).click()
      await page.locator('body[data-page=checkout]').waitFor()
      return page
    }
  },
)

async function send(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue to payment' }).click()
  await page.locator('.error-summary').waitFor()
}

/** What is said of a field to somebody who hears it: everything its description refers to. */
async function textOfField(page: Page, label: string): Promise<string> {
  const ids = (await page.getByLabel(label).getAttribute('aria-describedby')) ?? ''
  const texts = ids.split(' ').map((id) => page.locator(`#${id}`).innerText())
  return (await Promise.all(texts)).join(' ')
}

async function attributesOf(field: ReturnType<Page['locator']>) {
  return {
    type: await field.getAttribute('type'),
    autocomplete: await field.getAttribute('autocomplete'),
  }
}
