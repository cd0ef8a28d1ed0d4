import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Response } from 'supertest'
import { cancelOrder } from '../src/checkout/cancel-order.ts'
import { hiddenField, Shopper, titleOf, wordsOf } from './support/shopper.ts'
import { ENGINES, Store } from './support/store.ts'

const POTTERY = 'fernhill-pottery'

describe('the checkout', () => {
  let store: Store
  let shopper: Shopper

  beforeEach(async () => {
    store = await Store.open()
    shopper = new Shopper(store.url, POTTERY)
  })
  afterEach(() => store.close())

  it('shows what is bought and asks for name and e-mail', async () => {
    await shopper.add('blue-mug', 2)
    const page = await shopper.see('/checkout')

    expect(page.text).toContain('<body data-page="checkout">')
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.text).toMatch(/<input [^>]*name="name" type="text"[^>]*autocomplete="name"/)
    expect(page.text).toMatch(/<input [^>]*name="email" type="email"[^>]*autocomplete="email"/)
    expect(wordsOf(page)).toContain('Continue to payment – $48.00')
    expect(wordsOf(page)).toContain('Blue mug × 2 $48.00 Total $48.00 USD')
    expect(hiddenField(page, 'checkout_key')).toHaveLength(43)
  })

  it('stores the order and leads to the hosted page', async () => {
    await shopper.add('blue-mug', 2)
    await shopper.add('egg-cup')

    const sent = await shopper.checkOut(await shopper.checkoutKey())

    expect(sent.status).toBe(302)
    expect(sent.headers.location).toMatch(`${store.sandbox.url}/r/`)
    expect(await orders()).toMatchObject([
      {
        status: 'awaiting_payment',
        customer_name: 'Ada Lovelace',
        customer_email: 'ada@example.com',
        currency: 'usd',
        total_cents: 5_950,
        account_id: 'acc_demoFernhillPottery',
      },
    ])
    const items = await store.ctx.db.selectFrom('order_items').selectAll().orderBy('line').execute()
    expect(items).toMatchObject([
      { product_slug: 'blue-mug', unit_price_cents: 2_400, quantity: 2, total_cents: 4_800 },
      { product_slug: 'egg-cup', unit_price_cents: 1_150, quantity: 1, total_cents: 1_150 },
    ])
    expect((await store.sandbox.state()).payment_intents).toMatchObject([{ amount: 5_950 }])
  })

  it('leads to the same order and page when the form is sent again', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()

    const first = await shopper.checkOut(key)
    const second = await shopper.checkOut(key, { name: 'Ada King', email: 'king@example.com' })
    const third = await Promise.all([shopper.checkOut(key), shopper.checkOut(key)])

    for (const again of [second, ...third]) {
      expect([again.status, again.headers.location]).toEqual([302, first.headers.location])
    }
    expect(await orders()).toHaveLength(1)
    expect((await store.sandbox.state()).payment_intents).toHaveLength(1)
  })

  it('places one order for a double click', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()

    const answers = await Promise.all([1, 2, 3].map(() => shopper.checkOut(key)))

    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302])
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1)
    expect(await orders()).toHaveLength(1)
  })

  it('has one key for both tabs of the same cart', async () => {
    await shopper.add('blue-mug')

    expect(await shopper.checkoutKey()).toBe(await shopper.checkoutKey())
  })

  it('X07: shows an old form the new total instead of taking it', async () => {
    await shopper.add('blue-mug')
    const oldKey = await shopper.checkoutKey()
    await shopper.add('egg-cup')

    const page = await shopper.checkOut(oldKey)

    expect(page.status).toBe(422)
    expect(page.text).toContain('<body data-page="checkout">')
    expect(wordsOf(page)).toContain('Your cart has changed The total is now $35.50.')
    expect(page.text).toContain('value="Ada Lovelace"')
    expect(await orders()).toEqual([])

    const newKey = hiddenField(page, 'checkout_key')
    expect(newKey).not.toBe(oldKey)
    expect((await shopper.checkOut(newKey)).status).toBe(302)
  })

  it('M07: shows a changed price before it is paid, on the cart once and in the total', async () => {
    await shopper.add('blue-mug', 2)
    await shopper.see('/cart')
    await setPrice('blue-mug', 2_650)

    const cart = wordsOf(await shopper.see('/cart'))
    expect(cart).toContain('The price of Blue mug is now $26.50 (it was $24.00).')
    expect(cart).toContain('Total $53.00 USD')
    expect(wordsOf(await shopper.see('/cart'))).not.toContain('it was')
    expect(wordsOf(await shopper.see('/checkout'))).toContain('Continue to payment – $53.00')
  })

  it('M07: shows a price that changed while the checkout was open', async () => {
    await shopper.add('blue-mug', 2)
    const key = await shopper.checkoutKey()
    await setPrice('blue-mug', 2_000)

    const page = await shopper.checkOut(key)

    expect(page.status).toBe(422)
    expect(wordsOf(page)).toContain(
      'The price of Blue mug is now $20.00 (it was $24.00). The total is now $40.00.',
    )
    expect(await orders()).toEqual([])
    expect((await shopper.checkOut(hiddenField(page, 'checkout_key'))).status).toBe(302)
    expect(await orders()).toMatchObject([{ total_cents: 4_000 }])
  })

  it('M08: shows what is gone, and orders the rest', async () => {
    await shopper.add('blue-mug')
    await shopper.add('egg-cup')
    const key = await shopper.checkoutKey()
    await archive('blue-mug')

    const page = await shopper.checkOut(key)

    expect(page.status).toBe(422)
    expect(wordsOf(page)).toContain('Blue mug is no longer sold. We took it out of your cart.')
    expect(wordsOf(page)).toContain('Continue to payment – $11.50')
    expect((await shopper.checkOut(hiddenField(page, 'checkout_key'))).status).toBe(302)
  })

  it('M08: places nothing when all is gone, and loses no word of it on the way', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()
    await archive('blue-mug')

    expect((await shopper.see('/checkout')).headers.location).toBe(`/shops/${POTTERY}/cart`)
    const page = await shopper.checkOut(key)

    expect(page.status).toBe(422)
    expect(wordsOf(page)).toContain('Blue mug is no longer sold.')
    expect(wordsOf(page)).toContain('Your cart is empty.')
    expect(await orders()).toEqual([])
  })

  it('keeps the price of a placed order, also when its form is sent again', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()
    const first = await shopper.checkOut(key)
    await setPrice('blue-mug', 9_900)

    expect((await shopper.checkOut(key)).headers.location).toBe(first.headers.location)
    expect(await orders()).toMatchObject([{ total_cents: 2_400 }])
  })

  it.each([
    [50, 1, 'An order comes to at least $0.51.'],
    [5_000_000, 20, 'An order comes to at most $999,999.99.'],
  ])('M06: refuses %d cents × %d before an order is stored', async (price, quantity, words) => {
    await setPrice('blue-mug', price)
    await shopper.add('blue-mug', quantity)

    const cart = await shopper.see('/cart')
    expect(wordsOf(cart)).toContain(words)
    expect(cart.text).not.toContain(`href="/shops/${POTTERY}/checkout"`)
    expect((await shopper.see('/checkout')).status).toBe(303)

    // No form with this key was ever shown.
    const page = await shopper.checkOut(await storedKey())
    expect(page.status).toBe(422)
    expect(wordsOf(page)).toContain(words)
    expect(await orders()).toEqual([])
  })

  it.each([
    [51, 1],
    [4_999_999, 20],
  ])('M06: takes %d cents × %d', async (price, quantity) => {
    await setPrice('blue-mug', price)
    await shopper.add('blue-mug', quantity)

    expect((await shopper.checkOut(await shopper.checkoutKey())).status).toBe(302)
  })

  it('says what is wrong beside the fields and above, and keeps what was typed', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()

    const page = await shopper.checkOut(key, { name: '  ', email: '"ada"@nowhere' })

    expect(page.status).toBe(422)
    expect(titleOf(page)).toBe('Error: Checkout – Fernhill Pottery')
    expect(page.text).toContain('<a href="#name">Enter your full name</a>')
    expect(page.text).toContain('<a href="#email">Enter an email address like name@example.com</a>')
    expect(page.text).toMatch(/class="error-summary"[^>]*tabindex="-1" autofocus/)
    expect(page.text.indexOf('error-summary')).toBeLessThan(page.text.indexOf('<h1>'))
    expect(page.text).toContain('aria-describedby="email-hint email-error" aria-invalid="true"')
    expect(page.text).toContain('value="&#34;ada&#34;@nowhere"')
    expect(hiddenField(page, 'checkout_key')).toBe(key)
    expect(await orders()).toEqual([])
  })

  it('D09, law 7: stores and shows no card number that was typed into a field', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()

    const again = await shopper.checkOut(key, { name: 'Ada 4242 4242 4242 4242', email: '' })
    await shopper.checkOut(key, { name: 'Ada 4242 4242 4242 4242' })

    expect(again.text).not.toContain('4242 4242')
    expect(await orders()).toMatchObject([{ customer_name: 'Ada **** **** **** 4242' }])
  })

  it.each(['', 'x', 'k'.repeat(43), `${'k'.repeat(43)}\n`, "' or 1=1 --", 'x'.repeat(9_000)])(
    'takes no other key than the one of the cart: %j',
    async (key) => {
      await shopper.add('blue-mug')
      await shopper.see('/checkout')

      expect((await shopper.checkOut(key)).status).toBe(422)
      expect(await orders()).toEqual([])
    },
  )

  it("does not find an order by its key in another merchant's shop", async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()
    await shopper.checkOut(key)
    const elsewhere = new Shopper(store.url, 'northline-paper')
    await elsewhere.add('desk-pad')
    await elsewhere.see('/checkout')

    expect((await elsewhere.checkOut(key)).status).toBe(422)
    expect(await orders()).toHaveLength(1)
  })

  it('keeps the order when JustiFi cannot be reached, and says nothing about money', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()
    await store.sandbox.fault({
      method: 'POST',
      path: '/v1/checkout_sessions',
      kind: 'status',
      status: 500,
      times: 50,
    })

    const page = await shopper.checkOut(key)

    expect(page.status).toBe(502)
    expect(wordsOf(page)).not.toMatch(/charged|not paid|no payment/i)
    expect(await orders()).toMatchObject([{ status: 'awaiting_payment' }])

    await store.sandbox.endFaults()
    expect((await shopper.checkOut(key)).status).toBe(302)
    expect(await orders()).toHaveLength(1)
    expect((await store.sandbox.state()).payment_intents).toHaveLength(1)
  })

  it('empties the cart when its order is paid, and not before', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()
    const { headers } = await shopper.checkOut(key)
    expect(wordsOf(await shopper.see('/cart'))).toContain('Blue mug')

    await payAndReturn(String(headers.location))

    expect(wordsOf(await shopper.see(''))).not.toContain('1 item')
    expect(wordsOf(await shopper.see('/cart'))).toContain('Your cart is empty.')
  })

  it('X07: leads from the form of a paid order to its page, which says so', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()
    const hosted = String((await shopper.checkOut(key)).headers.location)
    await store.sandbox.payByCard(hosted)

    const again = await shopper.checkOut(key)

    expect(again.status).toBe(303)
    expect(again.headers.location).toMatch(/^\/orders\/[\w-]{43}\?notice=already_paid$/)
    expect(await orders()).toMatchObject([{ status: 'paid' }])
    expect((await store.sandbox.state()).payments).toHaveLength(1)
  })

  it('makes a new order of a cart whose order was cancelled', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()
    await shopper.checkOut(key)
    const [order] = await orders()
    await cancelOrder(store.ctx, order?.id ?? '', { source: 'cancel', actor: 'customer' })

    const again = await shopper.checkOut(key)
    expect(again.status).toBe(303)
    expect(again.headers.location).toMatch(/^\/orders\/[\w-]{43}\?notice=not_payable$/)

    expect(wordsOf(await shopper.see('/cart'))).toContain('Blue mug')
    const newKey = await shopper.checkoutKey()
    expect(newKey).not.toBe(key)
    expect((await shopper.checkOut(newKey)).status).toBe(302)
    expect(await orders()).toHaveLength(2)
  })

  it('O11: lets a changed cart be ordered beside the unpaid order of the old one', async () => {
    await shopper.add('blue-mug')
    const first = await shopper.checkOut(await shopper.checkoutKey())
    await shopper.add('egg-cup')

    const second = await shopper.checkOut(await shopper.checkoutKey())

    expect(second.headers.location).not.toBe(first.headers.location)
    expect((await orders()).map(({ total_cents }) => total_cents)).toEqual([2_400, 3_550])
  })

  it('is limited to 30 a minute for one address', async () => {
    await shopper.add('blue-mug')
    const key = await shopper.checkoutKey()

    const answers: Response[] = []
    for (let i = 0; i < 31; i++) answers.push(await shopper.checkOut(key, { name: '' }))

    expect(answers.slice(0, 30).map(({ status }) => status)).toEqual(Array(30).fill(422))
    expect(answers[30]?.status).toBe(429)
    expect(Number(answers[30]?.headers['retry-after'])).toBeGreaterThan(0)
  })

  async function payAndReturn(hostedUrl: string): Promise<void> {
    const { to } = await store.sandbox.payByCard(hostedUrl)
    expect((await fetch(String(to))).status).toBe(200)
  }

  function orders() {
    return store.ctx.db.selectFrom('orders').selectAll().orderBy('created_at').execute()
  }

  async function storedKey(): Promise<string> {
    const { data } = await store.ctx.db
      .selectFrom('sessions')
      .select('data')
      .executeTakeFirstOrThrow()
    return JSON.parse(data).carts[POTTERY].key
  }

  async function setPrice(slug: string, price_cents: number): Promise<void> {
    await store.ctx.db
      .updateTable('products')
      .set({ price_cents })
      .where('slug', '=', slug)
      .execute()
  }

  async function archive(slug: string): Promise<void> {
    const archived_at = store.ctx.clock.now().toISOString()
    await store.ctx.db
      .updateTable('products')
      .set({ archived_at })
      .where('slug', '=', slug)
      .execute()
  }
})

describe.each(ENGINES)('the last piece on %s', (engine) => {
  it('is bought by a double click, whichever half of it comes first', async () => {
    const limits = { requestsPerMinute: 10_000, checkoutsPerMinute: 10_000 }
    const store = await Store.open({ engine, limits })
    const { db } = store.ctx
    try {
      for (let round = 0; round < 40; round++) {
        await db.updateTable('products').set({ stock: 1 }).where('slug', '=', 'blue-mug').execute()
        const shopper = new Shopper(store.url, POTTERY)
        await shopper.add('blue-mug')
        const key = await shopper.checkoutKey()

        const first = shopper.checkOut(key)
        await sleep(round % 10)
        const answers = await Promise.all([first, shopper.checkOut(key)])

        expect(answers.map(({ status }) => status)).toEqual([302, 302])
        expect(answers[1]?.headers.location).toBe(answers[0]?.headers.location)
      }
    } finally {
      await store.close()
    }
  })
})
