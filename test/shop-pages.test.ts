import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { hiddenField, Shopper, titleOf, wordsOf } from './support/shopper.ts'
import { Store } from './support/store.ts'

const POTTERY = 'fernhill-pottery'
const PAPER = 'northline-paper'

describe('the pages of a shop', () => {
  let store: Store
  let shopper: Shopper

  beforeAll(async () => {
    store = await Store.open()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    shopper = new Shopper(store.url, POTTERY)
    await store.ctx.db.deleteFrom('sessions').execute()
  })

  it('lead from the shops to a product', async () => {
    const home = await request(store.url).get('/').expect(200)
    expect(home.text).toContain('<body data-page="home">')
    expect(home.text).toContain('href="/shops/northline-paper">Northline Paper</a>')
    expect(wordsOf(home)).toContain('Prices in CAD')

    const shop = await shopper.see('')
    expect(shop.text).toContain('<body data-page="shop">')
    expect(titleOf(shop)).toBe('All products – Fernhill Pottery')
    expect(wordsOf(shop)).toContain('Blue mug $24.00')
    expect(shop.text).toContain('href="/shops/fernhill-pottery/products/blue-mug"')

    const product = await shopper.see('/products/blue-mug')
    expect(product.text).toContain('<body data-page="product">')
    expect(titleOf(product)).toBe('Blue mug – Fernhill Pottery')
    expect(wordsOf(product)).toContain('Blue mug $24.00 USD A stoneware mug')
    expect(wordsOf(product)).toContain('Test shop: no money moves')
  })

  it('load nothing from elsewhere, and every picture and style from here', async () => {
    const page = await shopper.see('')

    const urls = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '')
    expect(urls.filter((url) => !/^[/#]|^mailto:/.test(url))).toEqual([])
    for (const url of urls.filter((url) => url.startsWith('/assets/'))) {
      expect(url).toMatch(/\?v=/)
      await request(store.url).get(url).expect(200)
    }
    expect(page.text).not.toMatch(/ style=|<script>|<style|javascript:/)
  })

  it('fit their budgets when compressed', async () => {
    const css = await request(store.url).get('/assets/shop.css').set('Accept-Encoding', 'gzip')
    const page = await request(store.url).get(`/shops/${PAPER}`).set('Accept-Encoding', 'gzip')

    expect(Number(css.headers['content-length'])).toBeLessThan(12 * 1024)
    expect(Number(page.headers['content-length'])).toBeLessThan(25 * 1024)
  })

  it('say that nothing is for sale where that is so', async () => {
    const archived_at = '2026-01-01T00:00:00.000Z'
    await store.ctx.db.updateTable('products').set({ archived_at }).execute()

    const page = await shopper.see('')

    expect(wordsOf(page)).toContain('Nothing for sale yet. Come back soon.')
    await store.ctx.db.updateTable('products').set({ archived_at: null }).execute()
  })

  it.each([
    '/shops/nobody',
    '/shops/nobody/cart',
    '/shops/nobody/checkout',
    '/shops/fernhill-pottery/products/nothing',
    '/shops/fernhill-pottery/products/dotted-notebook',
    '/shops/fernhill-pottery/products/..%2f..%2fetc%2fpasswd',
    '/shops/constructor',
    "/shops/'%20or%201=1--",
  ])('X02, X09: answer 404 to %s', async (path) => {
    const page = await request(store.url).get(path).expect(404)

    expect(page.text).toContain('<body data-page="error">')
  })

  it('X01: show hostile names and descriptions as text', async () => {
    const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}<%= 7 %>\u2028'
    const { db } = store.ctx
    await db
      .updateTable('products')
      .set({ name: hostile, description: hostile, image_alt: hostile })
      .where('slug', '=', 'egg-cup')
      .execute()

    const pages = [
      await shopper.see(''),
      await shopper.see('/products/egg-cup'),
      await shopper.add('egg-cup'),
      await shopper.see('/cart'),
      await shopper.see('/checkout'),
    ]

    for (const { text } of pages) expect(text).not.toMatch(/<script>alert|<img src=x/)
    expect(pages[1]?.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    await db
      .updateTable('products')
      .set({ name: 'Egg cup' })
      .where('slug', '=', 'egg-cup')
      .execute()
  })

  it('make no session for visitors who put nothing in a cart', async () => {
    for (const path of ['', '/products/blue-mug', '/cart', '/checkout']) await shopper.see(path)
    const refused = [
      await shopper.send('/cart', { product: 'blue-mug', quantity: '0' }),
      await shopper.send('/cart', { product: 'nothing', quantity: '1' }),
      await shopper.send('/cart/items/blue-mug', { quantity: '0' }),
      await shopper.checkOut(''),
    ]

    expect(refused.map(({ status }) => status)).toEqual([422, 422, 303, 422])
    for (const { headers } of refused) expect(String(headers['set-cookie'])).not.toMatch(/session=/)
    expect(await sessionCount()).toBe(0)

    await shopper.add('blue-mug')
    expect(await sessionCount()).toBe(1)
  })

  describe('the cart', () => {
    it('is empty at first', async () => {
      const page = await shopper.see('/cart')

      expect(page.text).toContain('<body data-page="cart">')
      expect(wordsOf(page)).toContain('Your cart is empty. Browse products')
      expect(page.headers['cache-control']).toBe('no-store')
    })

    it('takes a product, tells once, and counts it on every page', async () => {
      const added = await shopper.add('blue-mug', 2)
      expect([added.status, added.headers.location]).toEqual([303, '/shops/fernhill-pottery/cart'])

      const cart = await shopper.see('/cart')
      expect(wordsOf(cart)).toContain('Added: Blue mug × 2')
      expect(wordsOf(cart)).toContain('Blue mug $24.00 each')
      expect(wordsOf(cart)).toContain('Total $48.00 USD')

      expect(wordsOf(await shopper.see('/cart'))).not.toContain('Added')
      for (const path of ['', '/products/egg-cup', '/cart', '/checkout']) {
        expect(wordsOf(await shopper.see(path))).toContain('Cart 2 items')
      }
    })

    it('sets and removes a quantity', async () => {
      await shopper.add('blue-mug', 2)
      await shopper.add('egg-cup')
      await shopper.see('/cart')

      const changed = await shopper.send('/cart/items/blue-mug', { quantity: ' 3 ' })
      expect([changed.status, changed.headers.location]).toEqual([
        303,
        '/shops/fernhill-pottery/cart',
      ])
      expect(wordsOf(await shopper.see('/cart'))).toContain('Blue mug: the quantity is now 3')

      await shopper.send('/cart/items/blue-mug', { quantity: '0' })
      const cart = wordsOf(await shopper.see('/cart'))
      expect(cart).toContain('Removed: Blue mug')
      expect(cart).toContain('Total $11.50 USD')
    })

    it('is one for each shop', async () => {
      await shopper.add('blue-mug')
      const elsewhere = await shopper.seeAt(`/shops/${PAPER}/cart`)

      expect(wordsOf(elsewhere)).toContain('Your cart is empty.')
      expect(wordsOf(await shopper.see('/cart'))).toContain('Blue mug')
    })

    it.each(['-1', '0', '1.5', '1e9', '100', '', 'abc', '１', '[object Object]'])(
      'X06: refuses to add %j of a product, and keeps what was typed',
      async (quantity) => {
        await shopper.see('/products/blue-mug')

        const page = await shopper.send('/cart', { product: 'blue-mug', quantity })

        expect(page.status).toBe(422)
        expect(titleOf(page)).toBe('Error: Blue mug – Fernhill Pottery')
        expect(wordsOf(page)).toContain('There is a problem Enter a quantity from 1 to 99')
        expect(page.text).toContain('<a href="#quantity">')
        expect(page.text).toContain(`value="${quantity}"`)
      },
    )

    it('X06: refuses to set a quantity that is none', async () => {
      await shopper.add('blue-mug', 2)
      await shopper.see('/cart')

      const page = await shopper.send('/cart/items/blue-mug', { quantity: '2.5' })

      expect(page.status).toBe(422)
      expect(titleOf(page)).toBe('Error: Your cart – Fernhill Pottery')
      expect(page.text).toContain('<a href="#quantity-blue-mug">')
      expect(page.text).toMatch(/id="quantity-blue-mug"[^>]*value="2.5"[^>]*aria-invalid="true"/)
      expect(wordsOf(await shopper.see('/cart'))).toContain('Total $48.00 USD')
    })

    it('X06: takes nothing from the form but product and quantity', async () => {
      await shopper.see('/products/blue-mug')
      await shopper.send('/cart', {
        product: 'blue-mug',
        quantity: '1',
        price: '1',
        price_cents: '1',
        total: '1',
        currency: 'cad',
        merchant_id: 'other',
        discount: '100',
        __proto__: '1',
        constructor: '1',
      })

      expect(wordsOf(await shopper.see('/cart'))).toContain('Total $24.00 USD')
    })

    it.each(['dotted-notebook', 'nothing', '', '../blue-mug', 'BLUE-MUG'])(
      'X06: refuses %j, which this shop does not sell',
      async (product) => {
        await shopper.see('/products/blue-mug')

        const page = await shopper.send('/cart', { product, quantity: '1' })

        expect(page.status).toBe(422)
        expect(wordsOf(page)).toContain('That product is not sold here, or not any more.')
        expect(wordsOf(page)).toContain('Your cart is empty.')
      },
    )

    it('X08: refuses a field given twice, and reads no structure into names', async () => {
      const agent = request.agent(store.url)
      const product = await agent.get(`/shops/${POTTERY}/products/blue-mug`)
      const csrf = `_csrf=${encodeURIComponent(hiddenField(product, '_csrf'))}&product=blue-mug`

      await agent.post(`/shops/${POTTERY}/cart`).send(`${csrf}&quantity=1&quantity=2`).expect(400)
      await agent.post(`/shops/${POTTERY}/cart`).send(`${csrf}&quantity[]=2`).expect(303)
      const cart = await agent.get(`/shops/${POTTERY}/cart`)
      expect(wordsOf(cart)).toContain('Added: Blue mug × 1')
    })

    it('caps the sum of what is added at 99, and says so once', async () => {
      await shopper.add('egg-cup', 60)
      await shopper.add('egg-cup', 60)

      const cart = wordsOf(await shopper.see('/cart'))
      expect(cart).toContain(
        'You can order at most 99 of Egg cup. We changed your quantity from 120 to 99.',
      )
      expect(cart).toContain('Total $1,138.50 USD')
      expect(wordsOf(await shopper.see('/cart'))).not.toContain('at most 99')
    })

    it('is refused without the token of the form', async () => {
      await shopper.see('/products/blue-mug')

      const page = await shopper.send('/cart', { product: 'blue-mug', quantity: '1', _csrf: 'x' })

      expect(page.status).toBe(403)
      expect(await sessionCount()).toBe(0)
    })

    it('names each control after its product', async () => {
      await shopper.add('blue-mug')
      const { text } = await shopper.see('/cart')

      expect(text).toContain('Remove<span class="visually-hidden"> Blue mug</span>')
      expect(text).toContain('Update<span class="visually-hidden"> Blue mug</span>')
      expect(text).toMatch(/<label [^>]*for="quantity-blue-mug">Quantity of Blue mug<\/label>/)
    })
  })

  async function sessionCount(): Promise<number> {
    return (await store.ctx.db.selectFrom('sessions').select('id').execute()).length
  }
})
