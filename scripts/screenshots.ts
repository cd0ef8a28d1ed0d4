// Takes the pictures of the README from a running demo shop, by buying something there:
//   node scripts/screenshots.ts http://127.0.0.1:3000
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { findChromium } from './find-chromium.ts'

const IMAGES = join(import.meta.dirname, '../docs/images')
const VIEWPORT = { width: 1280, height: 800 }

const shopUrl = process.argv[2]
const executablePath = findChromium()
if (!shopUrl || !executablePath) throw new Error('name the URL of a running shop; have a Chromium')

mkdirSync(IMAGES, { recursive: true })
const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
try {
  const page = await browser.newPage({ viewport: VIEWPORT })
  const take = (name: string) => page.screenshot({ path: join(IMAGES, `${name}.png`) })
  const add = async (product: string) => {
    await page.goto(`${shopUrl}/shops/fernhill-pottery`)
    await page.getByRole('link', { name: product }).click()
    await page.getByRole('button', { name: 'Add to cart' }).click()
  }

  await add('Round teapot')
  await add('Blue mug')
  await page.goto(`${shopUrl}/shops/fernhill-pottery`)
  await take('shop')

  await page.goto(`${shopUrl}/shops/fernhill-pottery/checkout`)
  await page.getByLabel('Full name').fill('Ann Example')
  await page.getByLabel('Email address').fill('ann@example.com')
  await page.getByRole('button', { name: 'Continue to payment' }).click()
  await page.getByRole('link', { name: '4242 4242 4242 4242' }).click()
  await take('hosted-page')

  await page.getByRole('button', { name: 'Pay' }).click()
  await page.getByRole('heading', { name: 'Payment received' }).waitFor()
  await take('order')
} finally {
  await browser.close()
}
