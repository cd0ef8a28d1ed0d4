import { describe, expect, it } from '@jest/globals'
import { atPaymentPage, SHOP, statusOf, useChromium, useStore } from '../support/customer.ts'
import { DECLINED_CARD } from '../support/sandbox-control.ts'
import type { Engine } from '../support/store.ts'

const chromium = useChromium()

const RUNS: { engine: Engine; javaScriptEnabled: boolean }[] = [
  { engine: 'sqlite', javaScriptEnabled: true },
  { engine: 'sqlite', javaScriptEnabled: false },
  { engine: 'postgres', javaScriptEnabled: true },
]

describe.each(RUNS)('a purchase ($engine, JavaScript: $javaScriptEnabled)', (run) => {
  const shop = useStore(chromium, { engine: run.engine })
  const enter = () => shop.customer({ javaScriptEnabled: run.javaScriptEnabled })

  it('leads from the shops to a paid order, past a card that is declined', async () => {
    const customer = await enter()
    const { page } = customer

    await page.goto('/')
    await page.getByRole('link', { name: 'Fernhill Pottery' }).click()
    await page.getByRole('link', { name: 'Blue mug' }).click()
    await page.getByLabel('Quantity').fill('2')
    await page.getByRole('button', { name: 'Add to cart' }).click()
    await page.getByText('Added: Blue mug × 2').waitFor()
    await customer.fillCheckout()
    await customer.goToPayment()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('$48.00')

    await customer.tryCard(DECLINED_CARD)
    const alert = page.getByRole('alert')
    expect(await alert.innerText()).toContain('declined')
    expect(page.url()).toContain('/r/')

    await customer.payByCard()
    expect(await statusOf(page)).toBe('paid')
    expect(await page.locator('h1').innerText()).toBe('Payment received')
    expect(await page.locator('main').innerText()).toContain('$48.00 USD')

    await page.getByRole('link', { name: 'View receipt' }).click()
    expect(await page.locator('main').innerText()).toContain('Visa ending 4242')

    await page.goto(`/shops/${SHOP}/cart`)
    expect(await page.locator('main').innerText()).toContain('Your cart is empty.')
  })

  it('O12: waits for a customer who turned back, and resumes on the same payment page', async () => {
    const customer = await enter()
    const { page } = customer
    const intentsBefore = (await shop.store.sandbox.state()).payment_intents.length
    const paymentPage = await customer.checkOut()

    await page.getByRole('link', { name: 'Back to the shop' }).click()
    await page.waitForURL('**/back')
    expect(await statusOf(page)).toBe('awaiting_payment')
    expect(await page.locator('main').getAttribute('data-checking')).toBeNull()

    await page.getByRole('button', { name: 'Go to payment' }).click()
    expect(await atPaymentPage(page)).toBe(paymentPage)
    await customer.payByCard()

    expect(await statusOf(page)).toBe('paid')
    const { payment_intents } = await shop.store.sandbox.state()
    expect(payment_intents).toHaveLength(intentsBefore + 1)
  })

  it('is under way once a bank was asked, and cannot be paid a second time meanwhile', async () => {
    const customer = await enter()
    const { page } = customer
    await customer.checkOut('Egg cup')

    await customer.payByBank()

    expect(await statusOf(page)).toBe('processing')
    expect(await page.locator('main').innerText()).toContain('Do not pay again')
    expect(await page.locator('form').count()).toBe(0)
  })
})
