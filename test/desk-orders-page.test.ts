import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { HOUR, timestamp } from '../src/clock.ts'
import { newId } from '../src/ids.ts'
import type { OrderStatus } from '../src/orders/order.ts'
import { Clerk } from './support/clerk.ts'
import { insertOrders } from './support/many-orders.ts'
import { ENGINES, Store } from './support/store.ts'

describe.each(ENGINES)('the page of orders on %s', (engine) => {
  let store: Store
  let clerk: Clerk
  let merchantId: string

  beforeAll(async () => {
    store = await Store.open({ engine })
    const { db } = store.ctx
    const shop = await db
      .selectFrom('merchants')
      .select('id')
      .where('slug', '=', 'fernhill-pottery')
      .executeTakeFirstOrThrow()
    merchantId = shop.id
    const now = Date.now()
    await insertOrders(
      db,
      merchantId,
      Array.from({ length: 60 }, (_, i) => ({
        number: `PAGE${String(i).padStart(4, '0')}`,
        name: i % 2 ? 'Ann Even' : 'Bo Odd',
        status: (i % 20 === 3 ? 'disputed' : i % 3 ? 'paid' : 'expired') as OrderStatus,
        createdAt: new Date(now - i * HOUR),
      })),
    )
    clerk = await Clerk.signIn(store)
  })
  afterAll(() => store.close())

  const numbersIn = (html: string) =>
    [...html.matchAll(/href="\/merchant\/orders\/(PAGE\w+)"/g)].map(([, number]) => number)
  const linkIn = (html: string, rel: string) => {
    const [, href = ''] = new RegExp(`href="([^"]+)" rel="${rel}"`).exec(html) ?? []
    return href.replaceAll('&amp;', '&')
  }
  const see = async (query: string) => (await clerk.see(`/merchant/orders${query}`)).text

  it('shows 25, newest first, and leads on to the older and back', async () => {
    const first = await see('')
    expect(first).toContain('data-page="merchant-orders"')
    expect(first).toContain('<strong>60 orders</strong>')
    expect(numbersIn(first)).toHaveLength(25)
    expect(numbersIn(first)[0]).toBe('PAGE0000')
    expect(linkIn(first, 'prev')).toBe('')

    const second = (await clerk.see(linkIn(first, 'next'))).text
    const third = (await clerk.see(linkIn(second, 'next'))).text
    expect(numbersIn(third)).toHaveLength(10)
    expect(linkIn(third, 'next')).toBe('')
    expect([...numbersIn(first), ...numbersIn(second), ...numbersIn(third)]).toHaveLength(60)
    expect(numbersIn((await clerk.see(linkIn(third, 'prev'))).text)).toEqual(numbersIn(second))
    expect(numbersIn((await clerk.see(linkIn(second, 'prev'))).text)).toEqual(numbersIn(first))
  })

  it('keeps the filters on other pages and in the file, and takes each away by a link', async () => {
    const html = await see('?status=paid&status=expired&q=ann&from=2020-01-01')

    expect(linkIn(html, 'next')).toMatch(
      /^\/merchant\/orders\?status=paid&status=expired&q=ann&from=2020-01-01&after=/,
    )
    expect(html).toContain(
      'href="/merchant/orders.csv?status=paid&amp;status=expired&amp;q=ann&amp;from=2020-01-01"',
    )
    expect(html).toContain('aria-label="Remove filter: Paid"')
    expect(html).toContain('href="/merchant/orders?status=expired&amp;q=ann&amp;from=2020-01-01"')
    expect(html).toContain('href="/merchant/orders?status=paid&amp;status=expired&amp;q=ann"')
    expect(html).toContain('>Clear filters</a>')
    expect(html).toMatch(/id="status-paid"[^>]* checked/)
    expect(html).toContain('value="ann"')
  })

  it('says so where nothing matches, or nothing is there', async () => {
    expect(await see('?q=nobody')).toContain('No orders match these filters.')
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    const { text } = await other.see('/merchant/orders')
    expect(text).toContain('No orders yet. They appear here when a customer checks out.')
    expect(text).toContain('href="/shops/northline-paper">View shop</a>')
    expect(numbersIn(text)).toEqual([])
  })

  it('asks for the dates again, with what was typed', async () => {
    const response = await clerk.see('/merchant/orders?from=2026-03-02&to=2026-03-01&q=ann')
    expect(response.status).toBe(422)
    expect(response.text).toContain('<title>Error: ')
    expect(response.text).toContain('End date must be the same as or after the start date')
    expect(response.text).toContain('value="2026-03-01"')
    expect(response.text).toContain('value="ann"')
  })

  it('begins at the beginning for a cursor that it did not give', async () => {
    for (const query of ['?after=nonsense', '?before=', '?after=%27or%271', '?before=zzzz']) {
      expect(numbersIn(await see(query))[0]).toBe('PAGE0000')
    }
  })

  it('leads to what needs a person, with money that no order explains', async () => {
    const item = {
      ...{ merchant_id: merchantId, account_id: 'acc', kind: 'unknown_payment' },
      ...{ amount_cents: 4_200, currency: 'usd', data: '{}' },
      ...{ found_at: timestamp(new Date()), resolved_at: null, resolution: null },
    }
    const id = newId()
    await store.ctx.db
      .insertInto('open_items')
      .values({ ...item, id, subject_id: 'py_nobody' })
      .execute()
    expect(await see('')).toContain('href="/merchant/orders?attention=1">4 need attention</a>')
    const html = await see('?attention=1')
    expect(numbersIn(html)).toHaveLength(3)
    expect(html).toContain('py_nobody')

    const path = `/merchant/open-items/${id}/resolve`
    const empty = await clerk.send(path, { note: '  ' })
    expect([empty.status, empty.text.includes('Enter what it was')]).toEqual([422, true])
    const long = `${'Paid. '.repeat(83)}End.`
    const tooLong = await clerk.send(path, { [`note-${id}`]: long })
    expect(tooLong.status).toBe(422)
    expect(tooLong.text).toContain('Enter at most 500 characters')
    expect(tooLong.text).toContain(`value="${long}"`)
    expect(tooLong.text).toMatch(/<input[^>]* name="note-[^>]* maxlength="500"/)
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    await other.see('/merchant/orders')
    expect((await other.send(path, { note: 'Mine' })).status).toBe(404)
    const viewer = await Clerk.signIn(store, { role: 'viewer' })
    expect((await viewer.see('/merchant/orders?attention=1')).text).not.toContain('open-items/')
    expect((await viewer.send(path, { note: 'Mine' })).status).toBe(403)

    const done = await clerk.send(path, { note: 'Paid over the counter' })
    expect([done.status, done.headers.location]).toEqual([
      303,
      '/merchant/orders?attention=1&notice=resolved',
    ])
    expect(await see('')).toContain('3 need attention')
    const row = await store.ctx.db
      .selectFrom('open_items')
      .select('resolution')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(row.resolution).toBe('Paid over the counter')

    // Sent twice by the same hand, and by another who looked at the list from before.
    const again = await clerk.send(path, { note: 'Paid over the counter' })
    expect(again.headers.location).toBe('/merchant/orders?attention=1&notice=resolved')
    const late = await clerk.send(path, { note: 'A test of ours' })
    expect(late.headers.location).toBe('/merchant/orders?attention=1&notice=resolved_before')
    expect(await see('?attention=1&notice=resolved_before')).toContain(
      'Somebody else had already explained it',
    )
  })

  it('says that there are more items than it shows, and shows the others as these are explained', async () => {
    const { db } = store.ctx
    const shop = await db
      .selectFrom('merchants')
      .select('id')
      .where('slug', '=', 'northline-paper')
      .executeTakeFirstOrThrow()
    const ids = Array.from({ length: 51 }, () => newId())
    await db
      .insertInto('open_items')
      .values(
        ids.map((id, i) => ({
          ...{ id, merchant_id: shop.id, account_id: 'acc', kind: 'unknown_payment' },
          ...{ subject_id: `py_strange${i}`, amount_cents: 4_200, currency: 'usd', data: '{}' },
          ...{ found_at: timestamp(new Date(Date.now() - i * HOUR)) },
          ...{ resolved_at: null, resolution: null },
        })),
      )
      .execute()
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    const itemsIn = (html: string) => [...html.matchAll(/<code>py_strange\d+</g)].length

    expect((await other.see('/merchant/orders')).text).toContain('>50+ need attention</a>')
    const first = (await other.see('/merchant/orders?attention=1')).text
    expect(first).toContain('The newest 50 are shown. The others follow as these are explained.')
    expect([itemsIn(first), first.includes('py_strange50<')]).toEqual([50, false])

    await other.send(`/merchant/open-items/${ids[0]}/resolve`, { note: 'A test of ours' })
    const rest = (await other.see('/merchant/orders?attention=1')).text
    expect([itemsIn(rest), rest.includes('py_strange50<')]).toEqual([50, true])
    expect(rest).not.toContain('are shown')
    expect((await other.see('/merchant/orders')).text).toContain('>50 need attention</a>')
  })

  it('shows markup in names as the text that it is', async () => {
    await insertOrders(store.ctx.db, merchantId, [{ name: '<script>alert(1)</script>' }])
    const html = await see('?q=%3Cscript%3E')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).not.toContain('<script>alert')
  })
})
