import { beforeAll, describe, expect, it } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { addUser, PASSWORD } from '../support/clerk.ts'
import { useChromium, useStore } from '../support/customer.ts'
import { flawsOf } from '../support/page-flaws.ts'
import { SVG } from '../support/pictures.ts'

const STAFF = 'sam@fernhill.example'
const WAYS: [string, BrowserContextOptions][] = [
  ['with JavaScript', {}],
  ['without', { javaScriptEnabled: false }],
]

/** A picture that Chromium can show: one blue pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==',
  'base64',
)

describe('products at the desk', () => {
  const shop = useStore(useChromium())

  beforeAll(() => addUser(shop.store.ctx, { email: STAFF, role: 'staff' }))

  async function signIn(options: BrowserContextOptions = {}): Promise<Page> {
    const { page } = await shop.customer(options)
    await page.goto('/merchant/products')
    await page.getByLabel('Email address').fill(STAFF)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/merchant/products')
    return page
  }

  const file = (name: string, mimeType: string, buffer: Buffer) => ({ name, mimeType, buffer })

  it.each(WAYS)(
    'are added with a picture, seen in the shop, changed and archived, %s',
    async (way, options) => {
      const page = await signIn(options)
      const name = `Garden pot ${way}`
      await page.getByRole('link', { name: 'Add a product' }).click()
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Price in USD').fill('12,50')
      await page.getByLabel('Pieces in stock').fill('2')
      await page
        .getByLabel('Picture', { exact: true })
        .setInputFiles(file('pot.png', 'image/png', SVG))
      await page.getByRole('button', { name: 'Add product' }).click()
      expect(await page.locator('.error-summary').innerText()).toContain('Enter a price like 12.50')
      expect(await page.locator('.error-summary').innerText()).toContain('PNG, JPEG or WebP')
      expect(await page.getByLabel('Name').inputValue()).toBe(name)

      await page.getByLabel('Price in USD').fill('12.50')
      await page.getByLabel('What the picture shows').fill('A blue pot')
      await page.getByLabel('Picture', { exact: true }).setInputFiles(file('x', '', PICTURE))
      await page.getByRole('button', { name: 'Add product' }).click()
      await page.getByText('The product is in the shop.').waitFor()

      await page.getByRole('link', { name: 'See it in the shop' }).click()
      expect(await page.locator('main').innerText()).toContain('Only 2 left')
      const image = page.getByAltText('A blue pot')
      expect(await image.evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(1)
      await page.goBack()

      await page.getByLabel('Pieces in stock').fill('0')
      await page.getByRole('button', { name: 'Save product' }).click()
      await page.getByText('Saved.').waitFor()
      await page.getByRole('link', { name: 'See it in the shop' }).click()
      expect(await page.locator('main').innerText()).toContain('Sold out')
      expect(await page.getByRole('button', { name: 'Add to cart' }).count()).toBe(0)
      await page.goBack()

      await page.getByRole('button', { name: 'Archive' }).click()
      await page.getByText('Archived.', { exact: true }).waitFor()
      await page.getByRole('link', { name: 'All products' }).click()
      expect(await page.getByRole('link', { name }).count()).toBe(0)
      await page.getByRole('link', { name: 'Archived products' }).click()
      expect(await page.getByRole('link', { name }).count()).toBe(1)
    },
  )

  it('are found and put in another place', async () => {
    const page = await signIn({ javaScriptEnabled: false })
    await page.getByRole('button', { name: 'Up Round teapot' }).click()
    await page.waitForURL('**/merchant/products')
    await page.getByLabel('Search by name').fill('teapot')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.waitForURL('**/products?q=teapot')
    expect(await page.locator('tbody tr').count()).toBe(1)
    await page.getByRole('link', { name: 'Show all' }).click()
  })

  it('have no flaws: narrow and wide, light and dark', async () => {
    const page = await signIn()
    const flaws: string[] = []
    const look = async (path: string) => {
      await page.goto(path)
      flaws.push(...(await flawsOf(page)).map((flaw) => `${path}: ${flaw}`))
    }
    await look('/merchant/products')
    await look('/merchant/products?archived=yes')
    await look('/merchant/products?q=nothing+like+it')
    await look('/merchant/products/new')
    await page.goto('/merchant/products')
    await look(String(await page.locator('tbody a').first().getAttribute('href')))
    await page.getByLabel('Price in USD').fill('many')
    await page.getByRole('button', { name: 'Save product' }).click()
    await page.locator('.error-summary').waitFor()
    flaws.push(...(await flawsOf(page)))
    expect(flaws).toEqual([])
  })
})
