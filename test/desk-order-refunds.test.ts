import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Placed } from '../src/checkout/place-order.ts'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { newSecret } from '../src/ids.ts'
import { listRefunds } from '../src/orders/queries/refunds.ts'
import { Clerk } from './support/clerk.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const WATCHER = { source: 'watcher' } as const

describe.each(ENGINES)('a refund at the desk on %s', (engine) => {
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

  const refundsOf = async ({ orderId }: Placed) =>
    (await listRefunds(store.ctx.db, orderId)).map(({ amountCents, outcome }) => [
      ...[amountCents, outcome],
    ])

  const step = (path: string, page: Awaited<ReturnType<Clerk['see']>>, more: object) =>
    clerk.send(path, {
      refund_key: hiddenField(page, 'refund_key'),
      available: hiddenField(page, 'available'),
      payment: hiddenField(page, 'payment'),
      ...more,
    })

  it('is asked for in two steps, and told as it stands', async () => {
    const { placed, path } = await paidOrder()
    const form = await clerk.see(`${path}/refund`)
    expect(form.text).toContain('data-page="merchant-refund"')
    expect(form.text).toContain('Paid $72.00. Refunded $0.00. You can refund up to $72.00.')

    const part = { how: 'part', amount: '$15', reason: 'customer_request', note: 'Broken' }
    const check = await step(`${path}/refund`, form, part)
    expect(check.status).toBe(200)
    expect(check.text).toContain('Refund $15.00 to Visa ending 4242? This cannot be undone.')
    expect(check.text).toContain('>Refund $15.00</button>')
    expect(await refundsOf(placed)).toEqual([])

    const changed = await step(`${path}/refund`, check, { ...part, step: 'change' })
    expect(changed.text).toContain('value="$15"')
    const done = await step(`${path}/refunds`, check, part)
    expect(done.status).toBe(303)
    const again = await step(`${path}/refunds`, check, part)
    expect(again.headers.location).toBe(done.headers.location)
    expect(await refundsOf(placed)).toEqual([[1_500, 'succeeded']])

    const { text } = await clerk.see(String(done.headers.location))
    expect(text).toContain('Refund of $15.00 made.')
    expect(text).toContain('data-order-status="partially_refunded"')
    expect((await clerk.see(`${path}/refund`)).text).toContain('You can refund up to $57.00.')
  })

  it('can be posted by itself, with amount, reason and key', async () => {
    const { placed, path } = await paidOrder()
    await clerk.see(path)
    const fields = { amount: '12.50', reason: 'duplicate', refund_key: 'a key' }
    const before = (await store.sandbox.state()).refunds.length
    const answers = await Promise.all([1, 2, 3].map(() => clerk.send(`${path}/refunds`, fields)))
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303])
    expect(await refundsOf(placed)).toEqual([[1_250, 'succeeded']])
    expect((await store.sandbox.state()).refunds).toHaveLength(before + 1)

    const other = await paidOrder()
    expect((await clerk.send(`${other.path}/refunds`, fields)).status).toBe(422)
    expect(await refundsOf(other.placed)).toEqual([])
  })

  it.each([
    [{ amount: '72.01' }, 'Enter an amount from $0.01 to $72.00'],
    [{ amount: '0' }, 'Enter an amount from $0.01 to $72.00'],
    [{ amount: '-5' }, 'Enter an amount from $0.01 to $72.00'],
    [{ amount: '12,50' }, 'Enter an amount from $0.01 to $72.00'],
    [{ amount: '' }, 'Select full or part refund'],
    [{ how: 'part', amount: '' }, 'Enter an amount from $0.01 to $72.00'],
    [{ amount: '5', reason: 'because' }, 'Select a reason'],
    [{ amount: '5', refund_key: '' }, 'The form was incomplete.'],
    [{ amount: '5', available: '8000' }, 'The refundable amount is now $72.00. Check the amount.'],
  ])('%j is refused in words', async (fields, words) => {
    const { placed, path } = await paidOrder()
    await clerk.see(path)
    const given = { reason: 'duplicate', refund_key: 'k', ...fields }
    const refused = await clerk.send(`${path}/refunds`, given as Record<string, string>)
    expect([refused.status, refused.text.includes(words)]).toEqual([422, true])
    expect(await refundsOf(placed)).toEqual([])
  })

  it('catches an amount that somebody else has refunded meanwhile', async () => {
    const { placed, path } = await paidOrder()
    const form = await clerk.see(`${path}/refund`)
    const full = { how: 'full', reason: 'duplicate' }
    await clerk.send(`${path}/refunds`, { amount: '27', reason: 'duplicate', refund_key: 'x' })

    const stale = await step(`${path}/refunds`, form, full)
    expect(stale.status).toBe(422)
    expect(stale.text).toContain('The refundable amount is now $45.00. Check the amount.')
    expect(await refundsOf(placed)).toEqual([[2_700, 'succeeded']])
  })

  it.each([
    ['part', { how: 'part', amount: '24' }],
    ['full', { how: 'full' }],
    ['full, by a form that says nothing of what it saw', { how: 'full', available: '' }],
  ])('catches what was refunded in JustiFi’s dashboard meanwhile: %s', async (_name, chosen) => {
    const { placed, path } = await paidOrder()
    const form = await clerk.see(`${path}/refund`)
    await store.sandbox.refundAtJustifi(String((await store.order(placed)).paymentId), 2_400)

    const stale = await step(`${path}/refunds`, form, { ...chosen, reason: 'duplicate' })
    expect(stale.status).toBe(422)
    expect(stale.text).toContain('The refundable amount is now $48.00. Check the amount.')
    expect(await refundsOf(placed)).toEqual([])
  })

  it('has one key however long that is, and of one order', async () => {
    const { placed, path } = await paidOrder()
    const other = await paidOrder()
    await clerk.see(path)
    const long = 'k'.repeat(150)
    const fields = { amount: '72', available: '7200', reason: 'duplicate', refund_key: long }
    const once = await clerk.send(`${path}/refunds`, fields)
    expect((await clerk.send(`${path}/refunds`, fields)).headers.location).toBe(
      String(once.headers.location),
    )
    expect(await refundsOf(placed)).toEqual([[7_200, 'succeeded']])

    const elsewhere = await clerk.send(`${other.path}/refunds`, fields)
    expect([elsewhere.status, elsewhere.headers.location]).toEqual([422, undefined])
    const alike = { ...fields, refund_key: `${long}!` }
    expect((await clerk.send(`${other.path}/refunds`, alike)).status).toBe(303)
    expect(await refundsOf(other.placed)).toEqual([[7_200, 'succeeded']])
  })

  it('that is pressed several times at once is one refund, though little is left then', async () => {
    const { placed, path } = await paidOrder()
    const form = await clerk.see(`${path}/refund`)
    const full = { how: 'full', reason: 'duplicate' }
    const answers = await Promise.all([1, 2, 3].map(() => step(`${path}/refunds`, form, full)))
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303])
    expect(await refundsOf(placed)).toEqual([[7_200, 'succeeded']])
  })

  it('says that it does not know where the answer was lost, and asks for no second one', async () => {
    const { placed, path } = await paidOrder()
    await clerk.see(path)
    const lost = { method: 'POST', path: '/v1/payments/*', kind: 'reset_after', times: 20 }
    await store.sandbox.fault(lost)
    const fields = { amount: '10', reason: 'duplicate', refund_key: newSecret() }
    const done = await clerk.send(`${path}/refunds`, fields)
    await store.sandbox.endFaults()

    const [[, outcome] = []] = await refundsOf(placed)
    expect(outcome).toBe('unknown')
    const { text } = await clerk.see(String(done.headers.location))
    expect(text).toContain('We do not know yet if the refund went through. Do not refund again.')
    expect(text).not.toContain(`href="${path}/refund"`)
    const second = await clerk.send(`${path}/refunds`, { ...fields, refund_key: newSecret() })
    expect(second.status).toBe(422)
    expect(await refundsOf(placed)).toHaveLength(1)
  })

  it('proposes the surplus payment of an order that was paid twice', async () => {
    const placed = await store.place()
    const first = await store.openPage(placed)
    await store.ctx.db
      .updateTable('checkout_sessions')
      .set({ expires_at: '2000-01-01' })
      .where('order_id', '=', placed.orderId)
      .execute()
    clock.advance(3)
    const second = await store.openPage(placed)
    await store.sandbox.payByCard(first)
    await store.sandbox.payByCard(second)
    const { order } = await settleOrder(store.ctx, placed.orderId, WATCHER)
    expect(order.reason).toBe('paid_twice')
    const path = await pathOf(placed)

    expect((await clerk.see(path)).text).toContain('Refund the surplus payment')
    const form = await clerk.see(`${path}/refund`)
    expect(form.text).toContain('surplus payment')
    expect(hiddenField(form, 'payment')).not.toBe(order.paymentId)
    await step(`${path}/refunds`, form, { how: 'full', reason: 'duplicate' })
    const [refund] = await listRefunds(store.ctx.db, placed.orderId)
    expect(refund?.paymentId).toBe(hiddenField(form, 'payment'))

    const shown = hiddenField(await clerk.see(path), 'shown')
    await clerk.send(`${path}/review`, { shown, note: 'The second one went back.' })
    expect((await store.order(placed)).status).toBe('paid')
  })

  it('is not offered before a bank payment has cleared', async () => {
    const placed = await store.place()
    await store.sandbox.payByBank(await store.openPage(placed))
    await settleOrder(store.ctx, placed.orderId, WATCHER)
    const path = await pathOf(placed)
    const words = 'Cannot refund: the bank payment has not cleared.'
    expect((await clerk.see(path)).text).toContain(words)
    expect((await clerk.see(`${path}/refund`)).text).toContain(words)
    const fields = { amount: '1', reason: 'duplicate', refund_key: 'k' }
    expect((await clerk.send(`${path}/refunds`, fields)).status).toBe(422)
  })

  it('that failed needs attention until somebody says what was done about it', async () => {
    const { placed, path } = await paidOrder()
    await clerk.see(path)
    const fields = { amount: '10', reason: 'duplicate', refund_key: newSecret() }
    await clerk.send(`${path}/refunds`, fields)
    await store.ctx.db
      .updateTable('refunds')
      .set({ outcome: 'failed' })
      .where('order_id', '=', placed.orderId)
      .execute()
    expect((await clerk.see('/merchant/orders?attention=1')).text).toContain(path)

    const [refund] = await listRefunds(store.ctx.db, placed.orderId)
    const dealt = `${path}/refunds/${refund?.id}/dealt-with`
    expect((await clerk.send(dealt)).status).toBe(422)
    expect((await clerk.send(dealt, { note: 'Sent a cheque.' })).status).toBe(303)
    expect((await clerk.see('/merchant/orders?attention=1')).text).not.toContain(path)
    expect((await clerk.see(path)).text).toContain('Refund of $10.00 dealt with: Sent a cheque.')

    // Sent twice by the same hand, and by another who looked at the page from before.
    const again = await clerk.send(dealt, { note: 'Sent a cheque.' })
    expect(again.headers.location).toBe(`${path}?notice=dealt_with`)
    const other = await Clerk.signIn(store, { role: 'staff' })
    await other.see(path)
    const late = await other.send(dealt, { note: 'Called them.' })
    expect(late.headers.location).toBe(`${path}?notice=dealt_with_before`)
    const { text } = await other.see(String(late.headers.location))
    expect(text).toContain('Somebody else had already marked the refund as dealt with.')
    expect(text).not.toContain('Called them.')
  })

  it('keeps a note that is too long, to be shortened', async () => {
    const { placed, path } = await paidOrder()
    const form = await clerk.see(`${path}/refund`)
    expect(form.text).toMatch(/<textarea[^>]* name="note"[^>]* maxlength="500"/)
    const long = `${'Broken. '.repeat(70)}End.`
    const part = { how: 'part', amount: '15', reason: 'customer_request', note: long }
    for (const step2 of ['refund', 'refunds']) {
      const told = await step(`${path}/${step2}`, form, part)
      expect([told.status, wordsOf(told)]).toEqual([
        422,
        expect.stringContaining('Enter at most 500 characters'),
      ])
      expect(told.text).toContain(`\n${long}</textarea>`)
      expect(told.text).toContain('value="15"')
    }
    expect(await refundsOf(placed)).toEqual([])

    // As many as are taken, with line breaks as browsers send them.
    const lines = `${'line\n'.repeat(99)}line!`
    await step(`${path}/refunds`, form, { ...part, note: lines.replaceAll('\n', '\r\n') })
    const [refund] = await listRefunds(store.ctx.db, placed.orderId)
    expect(refund?.note).toBe(lines)

    await store.ctx.db
      .updateTable('refunds')
      .set({ outcome: 'failed' })
      .where('order_id', '=', placed.orderId)
      .execute()
    const dealt = `${path}/refunds/${refund?.id}/dealt-with`
    const told = await clerk.send(dealt, { note: long })
    expect([told.status, wordsOf(told)]).toEqual([
      422,
      expect.stringContaining('Enter at most 500 characters'),
    ])
    expect(told.text).toContain(`value="${long}"`)
    expect(told.text).toMatch(/<input[^>]* name="note-[^>]* maxlength="500"/)
  })

  it('that went through meanwhile is not said to be dealt with', async () => {
    const { placed, path } = await paidOrder()
    await clerk.see(path)
    const fields = { amount: '10', reason: 'duplicate', refund_key: newSecret() }
    await clerk.send(`${path}/refunds`, fields)
    const [refund] = await listRefunds(store.ctx.db, placed.orderId)
    const late = await clerk.send(`${path}/refunds/${refund?.id}/dealt-with`, { note: 'Mine.' })
    expect(late.headers.location).toBe(`${path}?notice=not_to_deal_with`)
  })
})
