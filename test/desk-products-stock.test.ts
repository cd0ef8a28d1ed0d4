import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { SoldOutError } from '../src/catalog/stock.ts'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { lookAtDueOrders } from '../src/checkout/watch-orders.ts'
import { hiddenField, Shopper, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const DAY = 24 * 60 * 60
const SHOP = 'fernhill-pottery'

describe.each(ENGINES)('pieces in stock on %s', (engine) => {
  const clock = new TestClock()
  let store: Store
  /** The one that `store.place` orders. */
  let product: { id: string; slug: string; name: string }

  beforeAll(async () => {
    store = await Store.open({ engine, clock })
    product = await store.ctx.db
      .selectFrom('products')
      .innerJoin('merchants', 'merchants.id', 'products.merchant_id')
      .select(['products.id', 'products.slug', 'products.name'])
      .where('merchants.slug', '=', SHOP)
      .orderBy('products.slug')
      .limit(1)
      .executeTakeFirstOrThrow()
  })
  afterAll(() => store.close())
  beforeEach(() => setStock(5))

  async function setStock(stock: number | null) {
    await store.ctx.db.updateTable('products').set({ stock }).where('id', '=', product.id).execute()
  }
  async function left() {
    const { stock } = await store.ctx.db
      .selectFrom('products')
      .select('stock')
      .where('id', '=', product.id)
      .executeTakeFirstOrThrow()
    return stock
  }
  async function held(placed: { orderId: string }) {
    const item = await store.ctx.db
      .selectFrom('order_items')
      .select('held')
      .where('order_id', '=', placed.orderId)
      .executeTakeFirstOrThrow()
    return item.held
  }
  const settle = (orderId: string) => settleOrder(store.ctx, orderId, { source: 'watcher' })
  async function expire(placed: { orderId: string; token: string }) {
    await store.openPage(placed)
    clock.advance(DAY + 60)
    await store.sandbox.advance(DAY + 60)
    await settle(placed.orderId)
    expect((await store.order(placed)).status).toBe('expired')
  }

  it('are taken by an order, and not where nobody counts them', async () => {
    await store.place({ quantity: 2 })
    expect(await left()).toBe(3)
    await setStock(null)
    await store.place({ quantity: 99 })
    expect(await left()).toBeNull()
  })

  it('are taken once, however often the same form is sent', async () => {
    const checkoutKey = 'k'.repeat(42) + engine[0]
    await Promise.all([1, 2, 3].map(() => store.place({ quantity: 2, checkoutKey })))
    expect(await left()).toBe(3)
  })

  it('O24: are never sold twice, by however many at the same moment', async () => {
    const orders = await Promise.allSettled(
      Array.from({ length: 8 }, () => store.place({ quantity: 2 })),
    )
    const refused = orders.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(6)
    for (const order of refused)
      expect((order as PromiseRejectedResult).reason).toBeInstanceOf(SoldOutError)
    expect(await left()).toBe(1)
  })

  it('leave no order behind where there are too few', async () => {
    const count = () =>
      store.ctx.db
        .selectFrom('orders')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
    const before = await count()
    await expect(store.place({ quantity: 6 })).rejects.toThrow(SoldOutError)
    expect(await count()).toEqual(before)
    expect(await left()).toBe(5)
  })

  it('are given back by a cancelled order, once', async () => {
    const placed = await store.place({ quantity: 2 })
    await store.openPage(placed)
    const cancel = () => request(store.url).post(`/orders/${placed.token}/cancel`)
    await Promise.all([cancel(), cancel()])
    await cancel()
    await settle(placed.orderId)
    expect((await store.order(placed)).status).toBe('cancelled')
    expect(await left()).toBe(5)
  })

  it('are given back by an expired order, once, and taken again when it is paid again', async () => {
    const placed = await store.place({ quantity: 2 })
    await expire(placed)
    await settle(placed.orderId)
    expect(await left()).toBe(5)

    await store.sandbox.payByCard(await store.openPage(placed))
    expect(await left()).toBe(3)
    await settle(placed.orderId)
    expect((await store.order(placed)).status).toBe('paid')
    expect(await left()).toBe(3)
  })

  it('are given back by an order that expired before its first page, and taken again', async () => {
    const placed = await store.place({ quantity: 2 })
    clock.advance(DAY + 60)
    while ((await lookAtDueOrders(store.ctx)).looked > 0);
    expect((await store.order(placed)).status).toBe('expired')
    expect(await held(placed)).toBe(0)

    await store.openPage(placed)
    expect(await held(placed)).toBe(2)
  })

  it('keep an expired order from being paid once others have them, and say so', async () => {
    const placed = await store.place({ quantity: 2 })
    await expire(placed)
    await setStock(1)

    const answer = await request(store.url).post(`/orders/${placed.token}/pay`).expect(303)
    expect(answer.headers.location).toBe(`/orders/${placed.token}?notice=sold_out`)
    const page = await request(store.url).get(String(answer.headers.location))
    expect(wordsOf(page)).toContain('What you ordered is sold out by now')
    expect((await store.order(placed)).status).toBe('expired')
    expect(await left()).toBe(1)
  })

  it('are taken anyway by money that came late, so that the merchant sees what is owed', async () => {
    const placed = await store.place({ quantity: 2 })
    const page = await store.openPage(placed)
    await store.sandbox.payByCard(page)
    // The books are those of an order that had expired, and had given its pieces back.
    await store.ctx.db
      .updateTable('orders')
      .set({ status: 'expired' })
      .where('id', '=', placed.orderId)
      .execute()
    await store.ctx.db
      .updateTable('order_items')
      .set({ held: 0 })
      .where('order_id', '=', placed.orderId)
      .execute()
    await setStock(1)

    await settle(placed.orderId)
    expect((await store.order(placed)).status).toBe('paid')
    expect(await left()).toBe(-1)
    await settle(placed.orderId)
    expect(await left()).toBe(-1)
  })

  describe('at the shop', () => {
    const shopper = () => new Shopper(store.url, SHOP)

    it('are shown when few are left, and the cart is cut to them', async () => {
      await setStock(2)
      const customer = shopper()
      expect(wordsOf(await customer.see(`/products/${product.slug}`))).toContain('Only 2 left')
      await customer.add(product.slug, 3)
      const cart = wordsOf(await customer.see('/cart'))
      expect(cart).toContain(`Only 2 left of ${product.name}. We changed your quantity to 2.`)
    })

    it('cannot be put into a cart when sold out', async () => {
      await setStock(0)
      const customer = shopper()
      const page = await customer.see(`/products/${product.slug}`)
      expect(wordsOf(page)).toContain('Sold out')
      expect(page.text).not.toContain('Add to cart')
      expect(wordsOf(await customer.see(''))).toContain('Sold out')
      // From a page that was opened while there were some.
      await setStock(1)
      await customer.see(`/products/${product.slug}`)
      await setStock(0)
      const refused = await customer.send('/cart', { product: product.slug, quantity: '1' })
      expect(refused.status).toBe(422)
      expect(wordsOf(refused)).toContain('Sold out')
    })

    it('are missing at the checkout where somebody was quicker: it is shown again, 422', async () => {
      const customer = shopper()
      await customer.add(product.slug, 3)
      const key = await customer.checkoutKey()
      await setStock(2)
      const again = await customer.checkOut(key)
      expect(again.status).toBe(422)
      expect(wordsOf(again)).toContain('Only 2 left')
      const other = hiddenField(again, 'checkout_key')
      expect(other).not.toBe(key)
      expect((await customer.checkOut(other)).status).toBe(302)
      expect(await left()).toBe(0)
    })

    it('are not missed by who has ordered them already', async () => {
      await setStock(1)
      const customer = shopper()
      await customer.add(product.slug, 1)
      const key = await customer.checkoutKey()
      expect((await customer.checkOut(key)).status).toBe(302)
      expect(wordsOf(await customer.see('/cart'))).not.toContain('sold out')
      expect((await customer.checkOut(key)).status).toBe(302)
      expect(await left()).toBe(0)
    })
  })
})
