import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { acceptReview } from '../src/checkout/accept-review.ts'
import type { Placed } from '../src/checkout/place-order.ts'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { sweepDueList } from '../src/checkout/sweep-lists.ts'
import { OrderNotFoundError } from '../src/errors.ts'
import { findShop } from '../src/merchants/queries.ts'
import { dealWithRefund } from '../src/orders/deal-with-refund.ts'
import { fulfilOrder } from '../src/orders/fulfil-order.ts'
import { NO_FILTER, orderCriteria } from '../src/orders/order-filter.ts'
import { listArguments, stretchOf } from '../src/orders/queries/desk-listing.ts'
import { getDeskOrder } from '../src/orders/queries/desk-order.ts'
import { hitsAmong } from '../src/orders/queries/desk-search.ts'
import { searchTerms } from '../src/orders/search-terms.ts'
import { Clerk } from './support/clerk.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const WATCHER = { source: 'watcher' } as const

describe.each(ENGINES)('one order at the desk on %s', (engine) => {
  let store: Store
  let clock: TestClock
  let clerk: Clerk

  beforeAll(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
    clerk = await Clerk.signIn(store)
  })
  afterAll(() => store.close())

  const pathOf = async (placed: Placed) => `/merchant/orders/${(await store.order(placed)).number}`

  async function paidOrder(quantity = 3): Promise<{ placed: Placed; path: string }> {
    const placed = await store.place({ quantity })
    await store.sandbox.payByCard(await store.openPage(placed))
    await settleOrder(store.ctx, placed.orderId, WATCHER)
    return { placed, path: await pathOf(placed) }
  }

  async function sweepAll(): Promise<void> {
    clock.advance(16 * 60)
    while ((await sweepDueList(store.ctx)).more);
  }

  it('tells who ordered what, how it was paid, and what happened, by whom', async () => {
    const { placed, path } = await paidOrder()
    await clerk.see(path)
    await clerk.send(`${path}/fulfil`)
    const { text } = await clerk.see(path)
    const order = await store.order(placed)

    expect(text).toContain('data-page="merchant-order"')
    expect(text).toContain(`data-order-status="paid" data-order-number="${order.number}"`)
    expect(text).not.toContain('data-checking')
    for (const said of [
      ...[
        'Ann Example',
        'ann@example.com',
        'Blue mug',
        'Visa ending 4242',
        '$72.00',
        'Last checked',
      ],
      ...[String(order.paymentId), String(order.intentId), order.accountId],
      ...['Status: Paid', 'Checked by us', 'Marked as fulfilled', 'Sam owner (owner)'],
      ...['Order and its link', 'Payment received', `/orders/${placed.token}`],
    ]) {
      expect([said, text.includes(said)]).toEqual([said, true])
    }
  })

  it('counts no disputed money as the shop’s, on the page and in the file, unless it is won', async () => {
    const { placed, path } = await paidOrder()
    const order = await store.order(placed)
    const page = async () => wordsOf(await clerk.see(path))
    const inFile = async () => {
      const { text } = await clerk.see(`/merchant/orders.csv?q=${order.number}`)
      const [header = '', line = ''] = text.split('\r\n')
      return line.split(',')[header.split(',').indexOf('net')]
    }
    const balance = async () => {
      const { payments } = await store.sandbox.state()
      return payments.find(({ id }) => id === order.paymentId)?.balance
    }
    expect([await inFile(), await balance()]).toEqual(['69.61', 6_961])

    await store.sandbox.dispute(String(order.paymentId))
    const { disputes } = await store.sandbox.state()
    const disputeId = String(disputes.find((one) => one.payment_id === order.paymentId)?.id)
    for (const step of ['open', 'lost'] as const) {
      if (step === 'lost') await store.sandbox.closeDispute(disputeId, 'lost')
      await sweepAll()
      expect([step, await inFile(), await balance()]).toEqual([step, '-2.39', -239])
      expect(await page()).toContain('Net -$2.39 Paid, less what was refunded, is disputed')
    }

    await store.sandbox.closeDispute(disputeId, 'won')
    await sweepAll()
    expect([await inFile(), await balance()]).toEqual(['69.61', 6_961])
    expect(await page()).toContain('Net $69.61 Paid, less')
  })

  it('needs attention for a dispute until that is won or lost, and says so', async () => {
    const { placed, path } = await paidOrder()
    const { number, paymentId } = await store.order(placed)
    const page = async () => wordsOf(await clerk.see(path))
    const isListed = async () => {
      const lists = [
        '/merchant/orders.csv?attention=1',
        `/merchant/orders.csv?attention=1&q=${number}`,
      ]
      const [list, search] = await Promise.all(lists.map((list) => clerk.see(list)))
      const isInList = list?.text.includes(number)
      expect(search?.text.includes(number)).toBe(isInList)
      expect(/\d orders? (?:is|are) disputed/.test(wordsOf(await clerk.see('/merchant')))).toBe(
        isInList,
      )
      return isInList
    }
    const todo = 'A dispute is answered in your JustiFi dashboard.'
    expect(await isListed()).toBe(false)

    await store.sandbox.dispute(String(paymentId))
    await settleOrder(store.ctx, placed.orderId, WATCHER)
    // The payment says so before the dispute itself has been read.
    expect([(await store.order(placed)).status, await isListed()]).toEqual(['disputed', true])
    await sweepAll()
    expect([await isListed(), await page()]).toEqual([true, expect.stringContaining(todo)])
    expect(await page()).toContain('Answer by')

    const { disputes } = await store.sandbox.state()
    const disputeId = String(disputes.find((one) => one.payment_id === paymentId)?.id)
    for (const [outcome, said, status] of [
      ['lost', 'Lost: the money went back', 'disputed'],
      ['won', 'Won: you keep the money', 'paid'],
    ] as const) {
      await store.sandbox.closeDispute(disputeId, outcome)
      await sweepAll()
      expect([outcome, (await store.order(placed)).status]).toEqual([outcome, status])
      expect([outcome, await isListed()]).toEqual([outcome, false])
      const text = await page()
      expect(text).toContain(`${said} `)
      expect(text).toContain('It is decided: there is nothing to answer any more.')
      expect(text).not.toContain(todo)
      expect(text).not.toContain('Answer by')
      expect(text).not.toContain('the money is disputed at the bank')
    }
  })

  it('is nobody else’s: another shop’s clerk, and a stranger, get no further', async () => {
    const { path } = await paidOrder()
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    await other.see('/merchant/orders')

    expect((await other.see(path)).status).toBe(404)
    expect((await other.see('/merchant/orders/NOSUCH22')).status).toBe(404)
    for (const act of ['check', 'cancel', 'fulfil', 'review', 'refund', 'refunds']) {
      expect([act, (await other.send(`${path}/${act}`)).status]).toEqual([act, 404])
    }
    const stranger = await store.browser().get(path)
    expect(stranger.status).toBe(303)
    expect(stranger.headers.location).toBe(`/merchant/sign-in?next=${encodeURIComponent(path)}`)
  })

  it('is not found by what acts on it, where another shop is named', async () => {
    const { placed, path } = await paidOrder()
    const { db } = store.ctx
    const other = await findShop(db, 'northline-paper')
    const order = await store.order(placed)
    const { merchantId } = other ?? order
    const strange = { id: order.id, merchantId }
    const sam = { source: 'merchant', actor: 'sam@example.com' } as const

    await expect(fulfilOrder(store.ctx, strange, true, sam)).rejects.toThrow(OrderNotFoundError)
    const review = { note: 'Mine.', shown: '' }
    await expect(acceptReview(store.ctx, strange, review, sam)).rejects.toThrow(OrderNotFoundError)
    const found = async (merchant: string) => {
      const criteria = orderCriteria(NO_FILTER, 'UTC', new Date())
      const list = listArguments(merchant, criteria, stretchOf(criteria, null, 'older'), 10)
      const hits = await hitsAmong(db, list, 'older', searchTerms('ann'), 10)
      return hits.map(({ id }) => id)
    }
    expect(await found(merchantId)).toEqual([])
    expect(await found(order.merchantId)).toContain(order.id)

    await clerk.see(path)
    await clerk.send(`${path}/refunds`, { amount: '1', reason: 'duplicate', refund_key: 'strange' })
    await db
      .updateTable('refunds')
      .set({ outcome: 'failed' })
      .where('order_id', '=', order.id)
      .execute()
    const [refund] = (await getDeskOrder(db, order.merchantId, order.number)).refunds
    if (!refund) throw new Error('no refund was made')
    await dealWithRefund(store.ctx, { ...refund, merchantId }, 'Mine.', sam)
    const after = await getDeskOrder(db, order.merchantId, order.number)
    expect(after.refunds[0]?.dealtWithAt).toBeNull()
    expect(after.fulfilledAt).toBeNull()
  })

  it('offers a viewer nothing to press, and a clerk without the right no refund', async () => {
    const { placed, path } = await paidOrder()
    const viewer = await Clerk.signIn(store, { role: 'viewer' })
    const seen = await viewer.see(path)
    expect(seen.text).not.toContain(`action="${path}`)
    expect((await viewer.send(`${path}/check`)).status).toBe(403)
    // Who has a customer's link can pay, cancel, and change the address.
    expect(seen.text).toContain('Read the mail')
    expect(seen.text).not.toContain(placed.token)
    expect(seen.text).toContain('[the customer’s link]')

    const staff = await Clerk.signIn(store, { role: 'staff', mayRefund: false })
    const page = await staff.see(path)
    expect(page.text).toContain('You may not make refunds.')
    expect((await staff.see(`${path}/refund`)).status).toBe(403)
    const fields = { amount: '1.00', reason: 'duplicate', refund_key: 'k' }
    expect((await staff.send(`${path}/refunds`, fields)).status).toBe(403)
  })

  it('asks JustiFi when told to, and says where it did not answer', async () => {
    const placed = await store.place()
    const path = await pathOf(placed)
    await store.sandbox.payByCard(await store.openPage(placed))
    await clerk.see(path)
    const checked = await clerk.send(`${path}/check`)
    expect([checked.status, checked.headers.location]).toEqual([303, `${path}?notice=checked`])
    expect((await clerk.see(path)).text).toContain('data-order-status="paid"')
    expect(await store.timeline(placed)).toContain('status paid (merchant)')
    await clerk.send(`${path}/check`)
    const told = (await store.timeline(placed)).filter((entry) => entry.startsWith('checked'))
    expect(told).toEqual(['checked (merchant)', 'checked (merchant)'])

    const open = await store.place()
    await store.openPage(open)
    const fault = { method: 'GET', path: '/v1/payment_intents/*', kind: 'status', status: 500 }
    await store.sandbox.fault({ ...fault, times: 100 })
    const failed = await clerk.send(`${await pathOf(open)}/check`)
    await store.sandbox.endFaults()
    expect(failed.headers.location).toContain('notice=not_checked')
    const { text } = await clerk.see(await pathOf(open))
    expect(text).toContain('data-checking="true"')
    expect(text).toContain('JustiFi was asked, and did not answer')
  })

  it('cancels what is unpaid, after asking JustiFi, and nothing that is paid', async () => {
    const open = await store.place()
    await store.openPage(open)
    const path = await pathOf(open)
    await clerk.see(path)
    const done = await clerk.send(`${path}/cancel`)
    expect(done.headers.location).toBe(`${path}?notice=cancelled`)
    expect((await store.order(open)).status).toBe('cancelled')
    expect(await store.timeline(open)).toContain('status cancelled (merchant)')

    const paid = await store.place()
    await store.sandbox.payByCard(await store.openPage(paid))
    const refused = await clerk.send(`${await pathOf(paid)}/cancel`)
    expect(refused.headers.location).toContain('notice=not_cancellable')
    expect((await store.order(paid)).status).toBe('paid')
  })

  it('keeps on the timeline who tried to cancel in vain', async () => {
    const open = await store.place()
    await store.openPage(open)
    const path = await pathOf(open)
    await clerk.see(path)
    const fault = { method: 'GET', path: '/v1/payment_intents/*', kind: 'status', status: 500 }
    await store.sandbox.fault({ ...fault, times: 100 })
    const vain = await clerk.send(`${path}/cancel`)
    await store.sandbox.endFaults()
    expect(vain.headers.location).toContain('notice=cancel_unknown')
    expect(await store.timeline(open)).toContain('cancel_tried unknown (merchant)')
    expect((await clerk.see(path)).text).toContain('Not cancelled: JustiFi did not answer')
  })

  it('is fulfilled once, can be undone, and not before it is paid', async () => {
    const { placed, path } = await paidOrder()
    await clerk.see(path)
    await Promise.all([clerk.send(`${path}/fulfil`), clerk.send(`${path}/fulfil`)])
    await clerk.send(`${path}/fulfil`, { undo: 'yes' })
    const told = await store.timeline(placed)
    expect(told.filter((entry) => entry.includes('fulfilled'))).toEqual([
      ...['fulfilled (merchant)', 'unfulfilled (merchant)'],
    ])

    const open = await store.place()
    const refused = await clerk.send(`${await pathOf(open)}/fulfil`)
    expect(refused.headers.location).toContain('notice=not_fulfillable')
    expect(await store.timeline(open)).not.toContain('fulfilled (merchant)')
  })

  it('accepts a review only with a note, which the timeline keeps', async () => {
    const placed = await store.place()
    const page = await store.openPage(placed)
    await store.ctx.db
      .updateTable('orders')
      .set({ status: 'cancelled', cancelled_at: clock.now().toISOString() })
      .where('id', '=', placed.orderId)
      .execute()
    await store.sandbox.payByCard(page)
    await settleOrder(store.ctx, placed.orderId, WATCHER)
    const path = await pathOf(placed)
    expect((await clerk.see(path)).text).toContain('paid after it had been cancelled')

    const empty = await clerk.send(`${path}/review`, { note: ' ' })
    expect([empty.status, empty.text.includes('Enter what you decided')]).toEqual([422, true])
    const shown = hiddenField(empty, 'shown')
    const done = await clerk.send(`${path}/review`, { shown, note: 'We ship it.' })
    expect(done.headers.location).toBe(`${path}?notice=reviewed`)
    const { text } = await clerk.see(path)
    expect(text).toContain('data-order-status="paid"')
    expect(text).toContain('Accepted after review: We ship it.')
  })

  it('accepts no review of money that came after the page, and keeps the note', async () => {
    const placed = await store.place()
    const first = await store.openPage(placed)
    await store.ctx.db
      .updateTable('checkout_sessions')
      .set({ expires_at: '2000-01-01' })
      .where('order_id', '=', placed.orderId)
      .execute()
    clock.advance(3)
    const second = await store.openPage(placed)
    await store.ctx.db
      .updateTable('orders')
      .set({ status: 'cancelled', cancelled_at: clock.now().toISOString() })
      .where('id', '=', placed.orderId)
      .execute()
    await store.sandbox.payByCard(first)
    await settleOrder(store.ctx, placed.orderId, WATCHER)
    const path = await pathOf(placed)
    const before = await clerk.see(path)
    expect(before.text).toContain('paid after it had been cancelled')

    // The reason stays, and there is more money behind it.
    await store.sandbox.payByCard(second)
    await settleOrder(store.ctx, placed.orderId, WATCHER)
    const given = { note: 'We ship it.', shown: hiddenField(before, 'shown') }
    const late = await clerk.send(`${path}/review`, given)
    expect(late.status).toBe(422)
    expect(late.text).toContain('The payments have changed since you looked.')
    expect(late.text).toContain('\nWe ship it.</textarea>')
    expect(await store.timeline(placed)).not.toContain('review_accepted (merchant)')
    expect((await clerk.send(`${path}/review`, { note: 'Blindly.' })).status).toBe(422)

    const looked = { ...given, shown: hiddenField(late, 'shown') }
    const done = await clerk.send(`${path}/review`, looked)
    expect(done.headers.location).toBe(`${path}?notice=reviewed`)
    expect((await store.order(placed)).reason).toBe('paid_twice')
    const again = await clerk.send(`${path}/review`, looked)
    expect(again.status).toBe(422)
  })

  it('sends a mail again once for one press, however often it is pressed', async () => {
    const { placed, path } = await paidOrder()
    const page = await clerk.see(path)
    const [, action = ''] = /action="([^"]+\/mails\/[^"]+\/resend)"/.exec(page.text) ?? []
    const key = hiddenField(page, 'resend_key')

    await Promise.all([1, 2, 3].map(() => clerk.send(action, { resend_key: key })))
    const mails = await store.ctx.db
      .selectFrom('outbox')
      .select('kind')
      .where('order_id', '=', placed.orderId)
      .execute()
    expect(mails.filter(({ kind }) => kind === 'order_placed')).toHaveLength(2)
    const told = await store.timeline(placed)
    expect(told.filter((entry) => entry.startsWith('mail_resent'))).toHaveLength(1)

    const other = await paidOrder()
    expect((await clerk.send(action.replace(path, other.path))).status).toBe(404)
  })
})
