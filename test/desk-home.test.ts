import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { addDays, localDay } from '../src/local-time.ts'
import type { OrderStatus } from '../src/orders/order.ts'
import { totalsByDay } from '../src/orders/queries/totals.ts'
import { chartOf } from '../src/web/merchant/home/chart.ts'
import { Clerk } from './support/clerk.ts'
import { eventually } from './support/eventually.ts'
import { plansOf } from './support/query-plans.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock, WEBHOOK_SECRET } from './support/store.ts'

const ZONE = 'America/New_York'

describe.each(ENGINES)('the home page of the desk, on %s', (engine) => {
  let store: Store
  let clock: TestClock
  let clerk: Clerk

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
    clerk = await Clerk.signIn(store)
  })
  afterEach(() => store.close())

  it('sums up a period, and leads from each figure to the orders behind it', async () => {
    const today = localDay(clock.now(), ZONE)
    await order(today, { status: 'paid', paid: 4_000 })
    await order(today, { status: 'partially_refunded', paid: 2_000, refunded: 500 })
    await order(addDays(today, -1), { status: 'refunded', paid: 1_000, refunded: 1_000 })
    await order(addDays(today, -1), { status: 'disputed', paid: 3_000, refunded: 100 })
    await order(addDays(today, -2), { status: 'needs_review', paid: 5_000 })
    await order(today, { status: 'awaiting_payment' })
    await order(today, { status: 'expired' })
    await order(addDays(today, -8), { status: 'paid', paid: 99_900 })
    await order(today, { status: 'paid', paid: 77_700, shop: 1 })

    const page = await clerk.see('/merchant?period=7')

    expect(wordsOf(page)).toContain(
      'Payments $150.00 5 paid orders Refunds $16.00 Net $134.00 Payments less refunds ' +
        'Conversion 71.4% 5 of 7 paid of placed Average order $30.00',
    )
    const figures = linksOf(page.text, 'figures__number')
    expect(await Promise.all(figures.map(countBehind))).toEqual([5, 3, 5, 5, 5])
    const [placed] = linksIn(page.text, /5 of <a href="([^"]*)"/g)
    expect(await countBehind(String(placed))).toBe(7)
  })

  it('M19: counts by local days, also on the two days on which the clock is changed', async () => {
    const spring = '2026-03-08'
    const autumn = '2026-11-01'
    const moments = [
      ['2026-03-08T04:59:59.999Z', '2026-03-07'],
      ['2026-03-08T05:00:00.000Z', spring],
      ['2026-03-09T03:59:59.999Z', spring],
      ['2026-03-09T04:00:00.000Z', '2026-03-09'],
      ['2026-11-01T03:59:59.999Z', '2026-10-31'],
      ['2026-11-01T04:00:00.000Z', autumn],
      ['2026-11-02T04:59:59.999Z', autumn],
      ['2026-11-02T05:00:00.000Z', '2026-11-02'],
    ] as const
    for (const [at] of moments) await orderAt(at, { status: 'paid', paid: 1_000 })

    for (const day of [spring, autumn]) {
      const page = await clerk.see(`/merchant?from=${day}&to=${day}`)
      expect(wordsOf(page)).toContain('Payments $20.00 2 paid orders')
      const [link] = linksOf(page.text, 'figures__number')
      expect(await countBehind(String(link))).toBe(2)
    }
    const page = await clerk.see('/merchant?from=2026-03-07&to=2026-03-09')
    expect(wordsOf(page)).toMatch(/Mar 9 1 1 \$10\.00 \$0\.00 Mar 8 2 2 \$20\.00/)
  })

  it('leads from each number of a day to the orders behind it', async () => {
    const today = localDay(clock.now(), ZONE)
    await order(today, { status: 'paid', paid: 4_000 })
    await order(today, { status: 'refunded', paid: 2_000, refunded: 2_000 })
    await order(today, { status: 'disputed', paid: 3_000, refunded: 100 })
    await order(today, { status: 'expired' })
    await order(addDays(today, -1), { status: 'paid', paid: 9_900 })

    const { text } = await clerk.see('/merchant?period=7')

    const [row = ''] = /<tr role="row"><th scope="row".*?<\/tr>/s.exec(text) ?? []
    const numbers = [...row.matchAll(/<td[^>]*data-label="([^"]*)"><a href="([^"]*)">([^<]*)</g)]
    const behind = numbers.map(async ([, label, link = '', number]) => {
      return [label, number, await countBehind(link.replaceAll('&amp;', '&'))]
    })
    expect(await Promise.all(behind)).toEqual([
      ['Placed', '4', 4],
      ['Paid', '3', 3],
      ['Payments', '$90.00', 3],
      ['Refunds', '$21.00', 2],
    ])
  })

  it('draws the days, with the numbers in a table beneath', async () => {
    const today = localDay(clock.now(), ZONE)
    await order(today, { status: 'paid', paid: 4_000 })
    await order(addDays(today, -3), { status: 'refunded', paid: 1_000, refunded: 1_000 })

    const { text } = await clerk.see('/merchant?period=7')

    expect(text.match(/<rect class="chart__payments"/g)).toHaveLength(2)
    expect(text.match(/<rect class="chart__refunds"/g)).toHaveLength(1)
    expect(text).toMatch(/role="img" aria-label="Payments by day, [^"]*: \$50\.00 in all\. Most on/)
    expect(text.match(/<th scope="row"/g)).toHaveLength(7)
    expect(text).not.toContain('style=')
  })

  it('says where there is nothing to show', async () => {
    expect(wordsOf(await clerk.see('/merchant'))).toContain(
      'No orders yet. They appear here when a customer checks out. View shop',
    )
    await orderAt('2026-01-01T12:00:00.000Z', { status: 'paid', paid: 1_000 })
    expect(wordsOf(await clerk.see('/merchant?period=today'))).toContain(
      'No orders in this period.',
    )
    await order(localDay(clock.now(), ZONE), { status: 'awaiting_payment' })
    expect(wordsOf(await clerk.see('/merchant?period=today'))).toContain(
      'No payments in this period.',
    )
  })

  it('answers 422 to days that are none, with the form as it was', async () => {
    const page = await clerk.see('/merchant?period=custom&from=2026-02-30&to=2026-03-01')
    expect(page.status).toBe(422)
    expect(wordsOf(page)).toContain('Enter a first day like 2026-03-27')
    expect(page.text).toContain('value="2026-02-30"')
    for (const query of ['from=2026-03-02&to=2026-03-01', 'from=2020-01-01&to=2026-01-01']) {
      expect((await clerk.see(`/merchant?${query}`)).status).toBe(422)
    }
    expect((await clerk.see('/merchant?period=nonsense&from[]=x')).status).toBe(200)
  })

  it('takes days that were typed, whatever the list beside them says', async () => {
    const page = await clerk.see('/merchant')
    const shown = {
      shown_from: hiddenField(page, 'shown_from'),
      shown_to: hiddenField(page, 'shown_to'),
    }
    const [from, to] = [shown.shown_from, shown.shown_to]
    expect(page.text).toContain(`name="from" type="date" value="${from}"`)
    const send = async (fields: Record<string, string>) => {
      const form = { period: '30', from, to, ...shown, ...fields }
      return clerk.see(`/merchant?${new URLSearchParams(form)}`)
    }
    const chosen = /<option value="(\w+)" selected>/

    const typed = await send({ from: '2026-01-05', to: '2026-01-07' })
    expect([typed.status, chosen.exec(typed.text)?.[1]]).toEqual([200, 'custom'])
    expect(wordsOf(typed)).toContain('Jan 5')
    expect(hiddenField(typed, 'shown_from')).toBe('2026-01-05')
    expect(typed.text).toContain('name="to" type="date" value="2026-01-07"')

    const one = await send({ from: '2026-01-05' })
    expect(chosen.exec(one.text)?.[1]).toBe('custom')
    const cleared = await send({ from: '' })
    expect([cleared.status, wordsOf(cleared)]).toEqual([
      422,
      expect.stringContaining('Enter the first day'),
    ])
    const wrong = await send({ to: '2020-01-01' })
    expect([wrong.status, wrong.text.includes('value="2020-01-01"')]).toEqual([422, true])

    const named = await send({ period: '7' })
    expect(chosen.exec(named.text)?.[1]).toBe('7')
    expect(hiddenField(named, 'shown_from')).toBe(addDays(to, -6))
  })

  it('names what needs a person, and leads there', async () => {
    const today = localDay(clock.now(), ZONE)
    await order(today, { status: 'needs_review', paid: 1_000 })
    await order(today, { status: 'needs_review', paid: 1_000 })
    await order(today, { status: 'disputed', paid: 1_000 })
    const silent = await order(today, { status: 'awaiting_payment' })
    await store.ctx.db
      .updateTable('orders')
      .set({ unanswered_since: '2026-01-01T00:00:00.000Z' })
      .where('id', '=', silent)
      .execute()

    const page = await clerk.see('/merchant')

    expect(wordsOf(page)).toContain(
      'Needs attention 2 orders need review 1 order is disputed 1 order has a refund in trouble',
    )
    const links = linksOf(page.text, 'attention-link')
    expect(await Promise.all(links.map(countBehind))).toEqual([2, 1, 1])
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    expect(wordsOf(await other.see('/merchant'))).toContain('Nothing needs attention.')
  })

  it('tells in plain words how news from JustiFi comes', async () => {
    expect(wordsOf(await clerk.see('/merchant'))).toMatch(
      /No webhook has come yet.* our own checks found no paid order that no webhook had announced/,
    )
    const missed = await store.place()
    await store.sandbox.payByCard(await store.openPage(missed))
    await settleOrder(store.ctx, missed.orderId, { source: 'watcher' })
    const { number } = await store.order(missed)
    const told = `1 paid order of the last 7 days was found by our own checks; no webhook announced it: ${number}`
    const page = await clerk.see('/merchant')
    expect(wordsOf(page)).toContain(told)
    expect(page.text).toContain(`<a href="/merchant/orders/${number}">`)

    await store.sandbox.publishTo(`${store.url}/webhooks/justifi`, WEBHOOK_SECRET)
    const announced = await store.place()
    await store.sandbox.payByCard(await store.openPage(announced))
    await settleOrder(store.ctx, announced.orderId, { source: 'watcher' })
    await eventually(async () => expect(await eventsNamed('payment.succeeded')).toBe(1))
    clock.advance(3 * 60)
    const after = wordsOf(await clerk.see('/merchant'))
    expect(after).toContain('Last webhook: 3 minutes ago')
    expect(after).toContain(told)
  })

  it('says for how long no webhook came', async () => {
    await store.ctx.db
      .insertInto('webhook_events')
      .values({
        ...{ id: 'evt_1', name: 'x', account_id: null, account_type: null, body_hash: 'x' },
        ...{ body: '{}', deliveries: 1, outcome: 'unknown_object', order_id: null },
        merchant_id: await merchantId(),
        received_at: clock.now().toISOString(),
        processed_at: null,
      })
      .execute()
    clock.advance(26.5 * 3_600)
    const again = await Clerk.signIn(store)
    expect(wordsOf(await again.see('/merchant'))).toContain(
      'No webhook for 26 hours. We check orders ourselves, more slowly.',
    )
  })

  it('reads the sums of a day from an index alone', async () => {
    const day = { day: '2026-03-02', since: '2026-03-02T05', before: '2026-03-03T05' }
    const id = await merchantId()
    const [plan] = await plansOf(store.ctx.db, engine, (db) => totalsByDay(db, id, [day]))
    expect(plan).toMatch(
      engine === 'sqlite'
        ? /COVERING INDEX orders_by_day \(merchant_id=\? AND created_at>\? AND created_at<\?\)/
        : /Index Only Scan using orders_by_day/,
    )
  })

  type Facts = { status: OrderStatus; paid?: number; refunded?: number; shop?: 0 | 1 }

  /** At noon of a day. */
  function order(day: string, facts: Facts): Promise<string> {
    return orderAt(`${day}T17:00:00.000Z`, facts)
  }

  async function orderAt(at: string, { status, paid, refunded, shop }: Facts): Promise<string> {
    const { orderId } = await store.place({ shop: shop ?? 0 })
    await store.ctx.db
      .updateTable('orders')
      .set({ status, created_at: at, paid_cents: paid ?? 0, refunded_cents: refunded ?? 0 })
      .where('id', '=', orderId)
      .execute()
    return orderId
  }

  async function countBehind(link: string): Promise<number> {
    const page = await clerk.see(link)
    expect([link, page.status]).toEqual([link, 200])
    return Number(/>(\d+) orders?</.exec(page.text)?.[1])
  }

  async function eventsNamed(name: string): Promise<number> {
    const rows = await store.ctx.db
      .selectFrom('webhook_events')
      .select('id')
      .where('name', '=', name)
      .where('processed_at', 'is not', null)
      .execute()
    return rows.length
  }

  async function merchantId(): Promise<string> {
    const row = await store.ctx.db
      .selectFrom('merchants')
      .select('id')
      .where('slug', '=', 'fernhill-pottery')
      .executeTakeFirstOrThrow()
    return row.id
  }
})

describe('the chart of days', () => {
  const day = (paidCents: number, refundedCents = 0) => ({
    ...{ day: '2026-03-01', placed: 1, paid: 1, paidCents, refundedCents },
    ...{ refundedOfDisputed: 0, refundedOfReviewed: 0 },
  })

  it('is none where no money moved', () => {
    expect(chartOf([day(0), day(0)])).toBeUndefined()
    expect(chartOf([])).toBeUndefined()
  })

  it('draws payments up from the line and refunds down, to one measure', () => {
    expect(chartOf([day(300), day(100, 100)])).toEqual({
      ...{ width: 20, height: 100, line: 75 },
      payments: [
        { x: 1, y: 0, width: 8, height: 75 },
        { x: 11, y: 50, width: 8, height: 25 },
      ],
      refunds: [{ x: 11, y: 75, width: 8, height: 25 }],
    })
  })
})

/** The links of a class, as addresses. */
function linksOf(html: string, name: string): string[] {
  return linksIn(html, new RegExp(`<a class="${name}" href="([^"]*)"`, 'g'))
}

function linksIn(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([, link = '']) => link.replaceAll('&amp;', '&'))
}
