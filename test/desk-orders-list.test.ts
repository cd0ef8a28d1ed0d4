import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { HOUR, MINUTE, timestamp } from '../src/clock.ts'
import type { Db } from '../src/db/database.ts'
import { newId } from '../src/ids.ts'
import type { OrderStatus } from '../src/orders/order.ts'
import { NO_FILTER, type OrderFilter, orderCriteria } from '../src/orders/order-filter.ts'
import { searchOrders } from '../src/orders/queries/desk-hits.ts'
import { countOrders, listOrderIds, listOrders } from '../src/orders/queries/desk-list.ts'
import type { Direction } from '../src/orders/queries/desk-listing.ts'
import { insertOrders, type OrderFacts } from './support/many-orders.ts'
import { ENGINES, Store } from './support/store.ts'

const NOW = new Date('2026-05-20T12:00:00.000Z')
const ZONE = 'America/New_York'

describe.each(ENGINES)('the list of orders on %s', (engine) => {
  let store: Store
  let db: Db
  let shops: string[]

  beforeAll(async () => {
    store = await Store.open({ engine })
    db = store.ctx.db
    const rows = await db.selectFrom('merchants').select('id').orderBy('slug').execute()
    shops = rows.map(({ id }) => id)
  })
  afterAll(() => store.close())

  /** A merchant of its own, with these orders and no others. */
  async function merchantWith(facts: readonly OrderFacts[]) {
    const id = newId()
    const model = await db
      .selectFrom('merchants')
      .selectAll()
      .where('id', '=', shops[0] ?? '')
      .executeTakeFirstOrThrow()
    await db
      .insertInto('merchants')
      .values({ ...model, id, slug: id })
      .execute()
    const orders = await insertOrders(db, id, facts)

    const criteria = (filter: Partial<OrderFilter>) =>
      orderCriteria({ ...NO_FILTER, ...filter }, ZONE, NOW)
    return {
      id,
      orders,
      numbers: async (filter: Partial<OrderFilter> = {}) => {
        const search = await searchOrders(db, id, criteria(filter))
        const { orders } = await listOrders(db, id, search, null, 100)
        return orders.map(({ number }) => number)
      },
      count: async (filter: Partial<OrderFilter> = {}) =>
        countOrders(db, id, await searchOrders(db, id, criteria(filter))),
      page: async (filter: Partial<OrderFilter>, cursor: string | null, direction: Direction) => {
        const search = await searchOrders(db, id, criteria(filter))
        return listOrders(db, id, search, cursor ? { cursor, direction } : null, 10)
      },
      ids: async (filter: Partial<OrderFilter>, limit: number) => {
        const ids: string[] = []
        let next: string | null = null
        do {
          const batch = await listOrderIds(db, id, criteria(filter), next, limit)
          ids.push(...batch.ids)
          next = batch.next
        } while (next !== null)
        return ids
      },
    }
  }

  const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE)

  it('finds by the beginning of number, name, last name and e-mail, whatever the case', async () => {
    const { numbers } = await merchantWith([
      { number: 'AAAA2222', name: 'Zoë  Ångström', email: 'Zoe@Example.com' },
      { number: 'BBBB3333', name: 'ÉMILE ZOLA', email: 'emile@nana.example' },
      { number: 'CCCC4444', name: 'Ann van der Berg', email: 'b@example.com' },
      { number: 'DDDD5555', name: 'Пётр Ильич', email: 'z@example.com' },
      { number: 'EEEE6666', name: '山田 太郎', email: 'yamada@example.com', lastFour: '0005' },
    ])

    expect(await numbers({ text: 'aaaa' })).toEqual(['AAAA2222'])
    expect(await numbers({ text: '#bbbb-33' })).toEqual(['BBBB3333'])
    expect((await numbers({ text: 'zo' })).sort()).toEqual(['AAAA2222', 'BBBB3333'])
    expect(await numbers({ text: 'ZOË ang' })).toEqual(['AAAA2222'])
    expect(await numbers({ text: 'emile zola' })).toEqual(['BBBB3333'])
    expect(await numbers({ text: 'berg ann' })).toEqual(['CCCC4444'])
    expect(await numbers({ text: 'ПЁ' })).toEqual(['DDDD5555'])
    expect(await numbers({ text: 'петр' })).toEqual(['DDDD5555'])
    expect(await numbers({ text: '山' })).toEqual(['EEEE6666'])
    expect(await numbers({ text: '太郎' })).toEqual(['EEEE6666'])
    expect(await numbers({ text: '•••• 0005' })).toEqual(['EEEE6666'])
    expect(await numbers({ text: 'b@' })).toEqual(['CCCC4444'])
    expect(await numbers({ text: 'xample' })).toEqual([])
    expect(await numbers({ text: '%' })).toEqual([])
  })

  it('finds nothing by accents alone', async () => {
    const { numbers, count, ids } = await merchantWith([{}, {}, {}])
    for (const text of ['´', '¨', '\u0301', '´ ¨']) {
      expect(await numbers({ text })).toEqual([])
      expect(await count({ text })).toEqual({ count: 0, more: false })
      expect(await ids({ text }, 2)).toEqual([])
    }
  })

  it('finds by the whole id of a payment or an intent, and nothing of another merchant', async () => {
    const mine = await merchantWith([{ number: 'HHHH2222' }, { number: 'HHHH3333' }])
    const other = await merchantWith([{ number: 'HHHH4444' }])
    const paymentId = mine.orders[0]?.paymentId ?? ''

    expect(await mine.numbers({ text: paymentId })).toEqual(['HHHH2222'])
    expect(await mine.numbers({ text: `pi_${mine.orders[1]?.id}` })).toEqual(['HHHH3333'])
    expect(await other.numbers({ text: paymentId })).toEqual([])
    expect(await other.numbers({ text: 'hhhh' })).toEqual(['HHHH4444'])
    expect(await other.numbers({ text: '4242' })).toEqual(['HHHH4444'])
    expect(await other.numbers()).toEqual(['HHHH4444'])
  })

  it('takes days as the shop has them, also when the clock is put forward', async () => {
    const at = (time: string, number: string) => ({ number, createdAt: new Date(time) })
    const { numbers } = await merchantWith([
      at('2026-03-08T04:59:59.999Z', 'MAR7LAST'),
      at('2026-03-08T05:00:00.000Z', 'MAR8FRST'),
      at('2026-03-09T03:59:59.999Z', 'MAR8LAST'),
      at('2026-03-09T04:00:00.000Z', 'MAR9FRST'),
    ])

    expect(await numbers({ from: '2026-03-08', to: '2026-03-08' })).toEqual([
      'MAR8LAST',
      'MAR8FRST',
    ])
    expect(await numbers({ from: '2026-03-09' })).toEqual(['MAR9FRST'])
    expect(await numbers({ to: '2026-03-07' })).toEqual(['MAR7LAST'])
    expect(await numbers({ text: 'mar8', to: '2026-03-08' })).toEqual(['MAR8LAST', 'MAR8FRST'])
    expect(await numbers({ text: 'mar8', from: '2026-03-09' })).toEqual([])
  })

  it('pages there and back without losing or repeating an order', async () => {
    // Five at each moment: the id decides among them.
    const facts = Array.from({ length: 47 }, (_, i) => ({
      createdAt: minutesAgo(Math.floor(i / 5)),
      status: (i % 3 ? 'paid' : 'expired') as OrderStatus,
    }))
    const { numbers, page, ids } = await merchantWith(facts)

    for (const filter of [
      {},
      { statuses: ['paid'] as OrderStatus[] },
      { statuses: ['paid', 'expired'] as OrderStatus[] },
      { text: 'ann' },
      { from: '2026-05-20', to: '2026-05-20' },
    ]) {
      const all = await numbers(filter)
      const there: string[] = []
      const back: string[][] = []
      let list = await page(filter, null, 'older')
      expect(list.newer).toBeNull()
      for (;;) {
        there.push(...list.orders.map(({ number }) => number))
        if (!list.older) break
        list = await page(filter, list.older, 'older')
      }
      expect(there).toEqual(all)
      expect(new Set(all).size).toBe(all.length)

      for (;;) {
        back.unshift(list.orders.map(({ number }) => number))
        if (!list.newer) break
        list = await page(filter, list.newer, 'newer')
      }
      // The last step back, which would not fill a page, shows the first one.
      expect(back[0]).toEqual(all.slice(0, 10))
      expect(back.flat().slice(-all.length % 10 || -10)).toEqual(all.slice(-all.length % 10 || -10))

      for (const limit of [7, 47, 100]) {
        const walked = await ids(filter, limit)
        expect(walked).toHaveLength(all.length)
      }
    }
  })

  it('begins at the beginning for a cursor that no list gave out', async () => {
    const { page, numbers } = await merchantWith([{}, {}])
    for (const cursor of ['x', '....', 'MjAyNg', Buffer.from("' or 1=1").toString('base64url')]) {
      const { orders } = await page({}, cursor, 'older')
      expect(orders.map(({ number }) => number)).toEqual(await numbers())
    }
  })

  it('begins at the beginning where all that was older has left the filter', async () => {
    const facts = Array.from({ length: 15 }, (_, i) => ({ createdAt: minutesAgo(i) }))
    const { id, page, numbers } = await merchantWith(facts)
    const filter = { statuses: ['paid'] as OrderStatus[] }
    const { older } = await page(filter, null, 'older')
    await db
      .updateTable('orders')
      .set({ status: 'disputed' })
      .where('merchant_id', '=', id)
      .where('created_at', '<', timestamp(minutesAgo(9)))
      .execute()

    const list = await page(filter, older, 'older')
    expect(list.orders.map(({ number }) => number)).toEqual(await numbers(filter))
    expect(list).toMatchObject({ newer: null, older: null })
  })

  it('shows what needs a person, from every cause, each once', async () => {
    const { numbers, count, orders, id } = await merchantWith([
      { number: 'REVIEW22', status: 'needs_review', reason: 'paid_twice' },
      { number: 'DISPUT22', status: 'disputed' },
      { number: 'SILENT22', status: 'awaiting_payment', unansweredSince: minutesAgo(61) },
      { number: 'SHRTSILE', status: 'awaiting_payment', unansweredSince: minutesAgo(59) },
      { number: 'SILENTPD', status: 'paid', unansweredSince: minutesAgo(90) },
      { number: 'FAILED22', status: 'paid' },
      { number: 'FAILDBTH', status: 'disputed' },
      { number: 'FAILTHEN', status: 'paid' },
      { number: 'DEALT222', status: 'paid' },
      { number: 'QUIET222', status: 'paid' },
    ])
    const refund = async (number: string, outcome: string, hoursAgo: number, dealtWith = false) => {
      const order = orders.find((one) => one.number === number)
      const at = timestamp(new Date(NOW.getTime() - hoursAgo * HOUR))
      await db
        .insertInto('refunds')
        .values({
          ...{ id: newId(), order_id: order?.id ?? '', merchant_id: id },
          ...{ payment_id: order?.paymentId ?? '', idempotency_key: null, form_key: null },
          ...{ refund_id: null, amount_cents: 100, reason: null, note: null, outcome },
          ...{ error_code: null, actor: null, next_check_at: null, check_count: 0 },
          ...{ leased_until: null, created_at: at, updated_at: at },
          dealt_with_at: dealtWith ? at : null,
        })
        .execute()
    }
    await refund('FAILED22', 'failed', 3)
    await refund('FAILED22', 'unknown', 2)
    await refund('FAILDBTH', 'unknown', 2)
    await refund('FAILTHEN', 'failed', 3)
    await refund('FAILTHEN', 'succeeded', 2)
    await refund('DEALT222', 'failed', 3, true)

    const wanted = ['DISPUT22', 'FAILDBTH', 'FAILED22', 'REVIEW22', 'SILENT22']
    expect((await numbers({ attention: true })).sort()).toEqual(wanted)
    expect(await count({ attention: true })).toEqual({ count: 5, more: false })
    expect((await numbers({ attention: true, text: 'ann' })).sort()).toEqual(wanted)
    expect((await numbers({ attention: true, statuses: ['disputed', 'paid'] })).sort()).toEqual([
      ...['DISPUT22', 'FAILDBTH', 'FAILED22'],
    ])
  })

  describe('with more orders than are counted', () => {
    let many: Awaited<ReturnType<typeof merchantWith>>

    beforeAll(async () => {
      const facts = Array.from({ length: 2_400 }, (_, i) => ({
        name: i % 2 ? 'Ann Common' : `Only ${i}`,
        email: `c${i}@example.com`,
        createdAt: new Date(NOW.getTime() - i * HOUR),
        status: (i % 100 === 1 ? 'refunded' : 'paid') as OrderStatus,
      }))
      many = await merchantWith(facts)
    })

    it('counts up to a thousand', async () => {
      expect(await many.count()).toEqual({ count: 1_000, more: true })
      expect(await many.count({ statuses: ['refunded'] })).toEqual({ count: 24, more: false })
      expect(await many.count({ text: 'common' })).toEqual({ count: 1_000, more: true })
      expect(await many.count({ text: 'only' })).toEqual({ count: 1_000, more: true })
      expect(await many.count({ text: 'only 2398' })).toEqual({ count: 1, more: false })
      expect(await many.count({ text: 'ann', statuses: ['refunded'] })).toEqual({
        ...{ count: 24, more: false },
      })
    })

    it('lists what a common text finds, with or without other filters, newest first', async () => {
      const found = await many.page({ text: 'common' }, null, 'older')
      expect(found.orders.map(({ customerName }) => customerName)).toEqual(
        Array(10).fill('Ann Common'),
      )
      expect(found.orders[0]?.createdAt).toEqual(new Date(NOW.getTime() - HOUR))

      const older = await many.page({ text: 'common' }, found.older, 'older')
      expect(older.orders[0]?.createdAt).toEqual(new Date(NOW.getTime() - 21 * HOUR))
      const third = await many.page({ text: 'common' }, older.older, 'older')
      const back = await many.page({ text: 'common' }, third.newer, 'newer')
      expect(back.orders).toEqual(older.orders)

      const refunded = await many.numbers({ text: 'common', statuses: ['refunded'] })
      expect(refunded).toHaveLength(24)
      const recent = await many.numbers({ text: 'common', from: '2026-05-20' })
      expect(recent).toHaveLength(4)
      expect(await many.ids({ text: 'common' }, 500)).toHaveLength(1_200)
    })

    it.each(['leave', 'enter'] as const)(
      'neither loses nor repeats one where others %s the filter between the queries',
      async (change) => {
        const facts = Array.from({ length: 2_400 }, (_, i) => ({
          name: i % 2 ? 'Ann Common' : `Only ${i}`,
          createdAt: new Date(NOW.getTime() - i * HOUR),
          status: (i % 20 === 0 && change === 'enter' ? 'disputed' : 'paid') as OrderStatus,
        }))
        const { id, orders } = await merchantWith(facts)
        const ways = { leave: 'disputed', enter: 'paid' }
        let queries = 0
        // At each query two in every part of the list that is looked at in one go.
        const restless = db.withPlugin({
          transformQuery: ({ node }) => node,
          async transformResult({ result }) {
            queries++
            const moving = orders.flatMap(({ id }, i) =>
              i % 20 === 0 && i % 800 < queries * 40 ? id : [],
            )
            await db
              .updateTable('orders')
              .set({ status: ways[change] })
              .where('id', 'in', moving)
              .execute()
            return result
          },
        })
        const filter = { ...NO_FILTER, text: 'common', statuses: ['paid'] as OrderStatus[] }
        const criteria = orderCriteria(filter, ZONE, NOW)

        const { ids } = await listOrderIds(restless, id, criteria, null, 5_000)

        expect(queries).toBeGreaterThan(4)
        expect(ids).toEqual(orders.filter((_, i) => i % 2).map((order) => order.id))
      },
    )
  })
})
