import { beforeAll, describe, expect, it } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { addUser, PASSWORD } from '../support/clerk.ts'
import { useChromium, useStore } from '../support/customer.ts'
import { linkTo } from '../support/desk-mail.ts'
import { flawsOf } from '../support/page-flaws.ts'

const OWNER = 'robin@fernhill.example'
const NO_SCRIPT = { javaScriptEnabled: false }
const WAYS: [string, BrowserContextOptions][] = [
  ['with JavaScript', {}],
  ['without', NO_SCRIPT],
]

describe('people and settings at the desk', () => {
  const shop = useStore(useChromium())

  beforeAll(async () => {
    await addUser(shop.store.ctx, { email: OWNER })
    await addUser(shop.store.ctx, { email: 'viewer@fernhill.example', role: 'viewer' })
  })

  async function enter(options: BrowserContextOptions = {}): Promise<Page> {
    return (await shop.customer(options)).page
  }

  async function signIn(page: Page, email = OWNER, password = PASSWORD): Promise<void> {
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  it.each(WAYS)(
    'lets an owner invite somebody, who chooses a password and comes in, %s',
    async (way, options) => {
      const page = await enter(options)
      await page.goto('/merchant/users')
      await signIn(page)
      await page.waitForURL('**/merchant/users')
      await page.getByRole('link', { name: 'Invite somebody' }).click()
      await page.getByRole('button', { name: 'Send the invitation' }).click()
      expect(await page.title()).toMatch(/^Error: Invite somebody/)
      expect(await page.locator(':focus').getAttribute('class')).toBe('error-summary')

      const email = `kim-${way.replace(/\W/g, '').toLowerCase()}@example.com`
      await page.getByLabel('Name').fill('Kim New')
      await page.getByLabel('Email address').fill(email)
      await page.getByLabel('Viewer').check()
      await page.getByLabel('Export orders as CSV').check()
      await page.getByRole('button', { name: 'Send the invitation' }).click()
      await page.waitForURL('**/users?notice=invited')
      expect(await page.getByRole('row', { name: email }).innerText()).toContain('Invited')

      const kim = await enter(options)
      await kim.goto(await linkTo(shop.store.ctx, email, 'user_invitation'))
      await kim.getByLabel('New password').fill('12345678')
      await kim.getByRole('button', { name: 'Set password' }).click()
      await kim.locator('.error-summary').waitFor()
      await kim.getByLabel('New password').fill('some words of Kim')
      await kim.getByRole('button', { name: 'Set password' }).click()
      await kim.getByText('Your password is set. Sign in with it.').waitFor()
      await signIn(kim, email, 'some words of Kim')
      await kim.waitForURL('**/merchant')
      expect(await kim.getByRole('navigation').getByRole('link', { name: 'People' }).count()).toBe(
        0,
      )
    },
  )

  it('tells who is signed out, and leads back', async () => {
    const page = await enter()
    await page.goto('/merchant/settings/log')
    expect(await page.locator('main').innerText()).toContain('Sign in to carry on.')
    await signIn(page)
    await page.waitForURL('**/merchant/settings/log')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out.').waitFor()
    await page.goto('/merchant/settings/log')
    await page.getByText('You were signed out. Sign in to carry on.').waitFor()
  })

  it('changes a password without being signed out', async () => {
    const email = await addUser(shop.store.ctx, { role: 'staff' })
    const page = await enter(NO_SCRIPT)
    await page.goto('/merchant/account')
    await signIn(page, email)
    await page.getByLabel('Your password now').fill(PASSWORD)
    await page.getByLabel('New password').fill('other words of mine')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('Your password is changed.').waitFor()
    await page.reload()
    expect(await page.locator('h1').innerText()).toBe('Your account')
  })

  it('saves settings', async () => {
    const page = await enter(NO_SCRIPT)
    await page.goto('/merchant/settings')
    await signIn(page)
    await page.getByLabel('Tagline').fill('Pots for tables.')
    await page.getByLabel('Time zone').selectOption('Europe/London')
    await page.getByRole('button', { name: 'Save settings' }).click()
    await page.getByText('The settings are saved.').waitFor()
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Europe/London')
  })

  it('has no flaws: narrow and wide, light and dark', async () => {
    const page = await enter()
    const flaws: string[] = []
    const look = async (path: string) => {
      await page.goto(path)
      flaws.push(...(await flawsOf(page)).map((flaw) => `${path}: ${flaw}`))
    }
    await look('/merchant/sign-in')
    await look('/merchant/forgotten-password')
    await look('/merchant/forgotten-password?sent=yes')
    await look(`/merchant/password/${'A'.repeat(43)}`)
    await page.goto('/merchant/sign-in')
    await signIn(page)
    await page.waitForURL('**/merchant')
    await look('/merchant/users')
    await look('/merchant/users/new')
    await page.goto('/merchant/users')
    const first = await page.locator('tbody a').first().getAttribute('href')
    await look(String(first))
    await look('/merchant/account')
    await look('/merchant/settings')
    await look('/merchant/settings/log')
    expect(flaws).toEqual([])
  })
})
