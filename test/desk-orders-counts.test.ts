import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { MINUTE } from '../src/clock.ts'
import type { OrderStatus } from '../src/orders/order.ts'
import { Clerk } from './support/clerk.ts'
import { insertOrders } from './support/many-orders.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store } from './support/store.ts'

// More orders of each status than are looked at to count, and none of Zoe's among the newest.
describe.each(ENGINES)('how many orders a common text finds, on %s', (engine) => {
  let store: Store
  let clerk: Clerk

  beforeAll(async () => {
    store = await Store.open({ engine })
    const { db } = store.ctx
    const shop = await db
      .selectFrom('merchants')
      .select('id')
      .where('slug', '=', 'fernhill-pottery')
      .executeTakeFirstOrThrow()
    const now = Date.now()
    const of = (status: OrderStatus, count: number, name: string) =>
      Array.from({ length: count }, () => ({ status, name, email: `${name}@example.com` }))
    const orders = [
      ...[...of('paid', 650, 'bo'), ...of('refunded', 650, 'bo'), ...of('expired', 650, 'bo')],
      ...[...of('paid', 1_010, 'zoe'), ...of('refunded', 3, 'zoe')],
    ]
    await insertOrders(
      db,
      shop.id,
      orders.map((one, i) => ({ ...one, createdAt: new Date(now - i * MINUTE) })),
    )
    clerk = await Clerk.signIn(store)
  })
  afterAll(() => store.close())

  const check = (query: string) => clerk.see(`/merchant/jobs/check-orders?${query}`)
  const rowsIn = (html: string) => [...html.matchAll(/<tr role="row"><th scope="row"/g)].length

  it('is not said by a number that is less than what is there', async () => {
    const query = '?q=zoe&status=paid'
    const first = await clerk.see(`/merchant/orders${query}`)
    expect(rowsIn(first.text)).toBe(25)
    expect(first.text).toContain('<strong>Many orders</strong>')
    expect(first.text).toContain('>Download CSV (many orders)</a>')
    expect(wordsOf(first)).not.toMatch(/\d\+? orders/)

    const [, next = ''] = /href="([^"]+)" rel="next"/.exec(first.text) ?? []
    const second = await clerk.see(next.replaceAll('&amp;', '&'))
    expect(rowsIn(second.text)).toBe(25)
    expect(second.text).toContain('<strong>Many orders</strong>')
    expect((await clerk.see('/merchant/orders?q=zoe')).text).toContain('1,000+ orders')
  })

  it('is the same on the page that has them checked', async () => {
    const many = await check('q=zoe&status=paid')
    expect(wordsOf(many)).toContain('Many orders Check these orders')
    expect(hiddenField(many, 'filter').replaceAll('&amp;', '&')).toBe('status=paid&q=zoe')
    expect(wordsOf(await check('q=zoe'))).toContain('Check 1,000+ orders')
  })

  it('is a number again where they all are on the page', async () => {
    const few = await clerk.see('/merchant/orders?q=zoe&status=refunded')
    expect(rowsIn(few.text)).toBe(3)
    expect(few.text).toContain('<strong>3 orders</strong>')
    expect(wordsOf(await check('q=zoe&status=refunded'))).toContain('3 orders Check 3 orders')

    const none = await clerk.see('/merchant/orders?q=zoe&status=expired')
    expect(none.text).toContain('<strong>0 orders</strong>')
    expect(none.text).toContain('No orders match these filters.')
    expect(wordsOf(await check('q=zoe&status=expired'))).toContain('There are no such orders.')
  })
})
