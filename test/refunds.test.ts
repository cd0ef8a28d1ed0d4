import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type RefundOrder, refundOrder } from '../src/checkout/refund-order.ts'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { sweepDueList } from '../src/checkout/sweep-lists.ts'
import { lookAtDueRefunds } from '../src/checkout/watch-refunds.ts'
import { newSecret } from '../src/ids.ts'
import { listPayments } from '../src/orders/queries/find-order.ts'
import { listRefunds } from '../src/orders/queries/refunds.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const STAFF = { source: 'merchant', actor: 'sam@example.com' } as const

describe.each(ENGINES)('a refund on %s', (engine) => {
  let store: Store
  let clock: TestClock

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
  })
  afterEach(() => store.close())

  /** An order that was paid, with its payment. */
  async function paidOrder({ byBank = false } = {}) {
    const placed = await store.place({ quantity: 3 })
    const page = await store.openPage(placed)
    if (byBank) {
      await store.sandbox.payByBank(page)
      const { payments } = await store.sandbox.state()
      await store.sandbox.settle(String(payments.at(-1)?.id), 'succeeded')
    } else {
      await store.sandbox.payByCard(page)
    }
    const { order } = await settleOrder(store.ctx, placed.orderId, { source: 'watcher' })
    if (order.paymentId === null) throw new Error('the order is not paid')
    return { placed, paymentId: order.paymentId, totalCents: order.totalCents }
  }

  const refund = (orderId: string, facts: Partial<RefundOrder> & { amountCents: number }) =>
    refundOrder(
      store.ctx,
      orderId,
      { reason: 'customer_request', note: null, formKey: newSecret(), ...facts },
      STAFF,
    )

  const outcomes = async (orderId: string) =>
    (await listRefunds(store.ctx.db, orderId)).map(({ outcome }) => outcome)

  const reserved = async (orderId: string) => {
    const rows = await store.ctx.db
      .selectFrom('payments')
      .select('reserved_cents')
      .where('order_id', '=', orderId)
      .execute()
    return rows.map((row) => row.reserved_cents)
  }

  const mails = async () => {
    const rows = await store.ctx.db.selectFrom('outbox').select('kind').orderBy('id').execute()
    return rows.map(({ kind }) => kind)
  }

  const madeAtJustifi = async () =>
    (await store.sandbox.state()).refunds.map(({ amount, status }) => `${amount} ${status}`)

  /** Every list once; one that a busy machine could not read in time is due again in a minute. */
  const sweep = async () => {
    clock.advance(16 * 60)
    for (let round = 0; round < 3; round++) {
      while ((await sweepDueList(store.ctx)).more);
      clock.advance(61)
    }
  }

  it('is none where the key of its form is of another order', async () => {
    const first = await paidOrder()
    const second = await paidOrder()
    await refund(first.placed.orderId, { amountCents: 100, formKey: 'one form' })
    const other = await refund(second.placed.orderId, { amountCents: 100, formKey: 'one form' })
    expect(other).toEqual({ kind: 'other_order' })
    expect(await outcomes(second.placed.orderId)).toEqual([])
  })

  it('gives everything back, and tells the customer', async () => {
    const { placed, totalCents } = await paidOrder()

    const result = await refund(placed.orderId, { amountCents: totalCents })

    expect(result).toMatchObject({ kind: 'stored', refund: { outcome: 'succeeded' } })
    expect(await store.order(placed)).toMatchObject({
      status: 'refunded',
      refundedCents: totalCents,
    })
    expect(await reserved(placed.orderId)).toEqual([0])
    expect(await mails()).toEqual(expect.arrayContaining(['refund_requested', 'refund_made']))
    expect(await store.timeline(placed)).toEqual(
      expect.arrayContaining(['refund requested (merchant)', 'refund succeeded (merchant)']),
    )
  })

  it('M12: gives three parts and then the rest back, each booked once', async () => {
    const { placed, totalCents } = await paidOrder()
    for (const amountCents of [100, 250, 7]) await refund(placed.orderId, { amountCents })
    expect((await store.order(placed)).status).toBe('partially_refunded')
    await sweep()
    await refund(placed.orderId, { amountCents: totalCents - 357 })

    expect(await store.order(placed)).toMatchObject({
      status: 'refunded',
      refundedCents: totalCents,
    })
    expect(await outcomes(placed.orderId)).toEqual(Array(4).fill('succeeded'))
    expect(await madeAtJustifi()).toHaveLength(4)
    expect(await refund(placed.orderId, { amountCents: 1 })).toEqual({ kind: 'not_free' })
  })

  it('M09: is refused for what is no amount, before any call', async () => {
    const { placed } = await paidOrder()
    const before = await store.sandbox.calls()
    for (const amountCents of [0, -1, 1.5, Number.NaN, 2 ** 60]) {
      await expect(refund(placed.orderId, { amountCents })).rejects.toThrow(RangeError)
    }
    expect(await store.sandbox.calls()).toEqual(before)
  })

  it('M09: is refused for a cent more than was paid', async () => {
    const { placed, totalCents } = await paidOrder()
    const result = await refund(placed.orderId, { amountCents: totalCents + 1 })
    expect(result).toEqual({ kind: 'not_free' })
    expect(await madeAtJustifi()).toEqual([])
  })

  it('M10: is given once when two people ask for everything at the same moment', async () => {
    const { placed, totalCents } = await paidOrder()
    const results = await Promise.all(
      [1, 2, 3].map(() => refund(placed.orderId, { amountCents: totalCents })),
    )
    expect(results.filter(({ kind }) => kind === 'stored')).toHaveLength(1)
    expect(await madeAtJustifi()).toEqual([`${totalCents} succeeded`])
    expect((await store.order(placed)).refundedCents).toBe(totalCents)
  })

  it('M11: is one for one form, however often it is sent', async () => {
    const { placed } = await paidOrder()
    const formKey = newSecret()
    const results = await Promise.all(
      [1, 2, 3].map(() => refund(placed.orderId, { amountCents: 100, formKey })),
    )
    const ids = results.map((result) => (result.kind === 'stored' ? result.refund.id : result.kind))
    expect(new Set(ids).size).toBe(1)
    expect(await madeAtJustifi()).toEqual(['100 succeeded'])
  })

  it('P06: stays unknown, with its amount taken, until JustiFi tells', async () => {
    const { placed, paymentId, totalCents } = await paidOrder()
    await store.sandbox.fault({
      method: 'POST',
      path: `/v1/payments/${paymentId}/refunds`,
      kind: 'reset_after',
      times: 99,
    })

    const result = await refund(placed.orderId, { amountCents: 100 })

    expect(result).toMatchObject({ kind: 'stored', refund: { outcome: 'unknown' } })
    expect(await reserved(placed.orderId)).toEqual([100])
    expect(await refund(placed.orderId, { amountCents: totalCents })).toEqual({ kind: 'not_free' })
    expect(await refund(placed.orderId, { amountCents: 1 })).toEqual({ kind: 'in_progress' })

    await store.sandbox.endFaults()
    clock.advance(60)
    await lookAtDueRefunds(store.ctx)

    expect(await outcomes(placed.orderId)).toEqual(['succeeded'])
    expect(await madeAtJustifi()).toEqual(['100 succeeded'])
    expect(await reserved(placed.orderId)).toEqual([0])
  })

  it('C12: is sent by the watcher, with the same key, when it never left', async () => {
    const { placed, paymentId } = await paidOrder()
    const path = `/v1/payments/${paymentId}/refunds`
    await store.sandbox.fault({ method: 'POST', path, kind: 'reset', times: 99 })
    await refund(placed.orderId, { amountCents: 100 })
    expect(await madeAtJustifi()).toEqual([])

    await store.sandbox.endFaults()
    clock.advance(60)
    await lookAtDueRefunds(store.ctx)

    expect(await madeAtJustifi()).toEqual(['100 succeeded'])
    const { requests } = await store.sandbox.state()
    const keys = requests.filter((call) => call.path === path).map((call) => call.idempotency_key)
    expect(new Set(keys).size).toBe(1)
  })

  it('is left to a person when it stays unknown for longer than a key is remembered', async () => {
    const { placed, paymentId } = await paidOrder()
    const path = `/v1/payments/${paymentId}/refunds`
    await store.sandbox.fault({ method: 'POST', path, kind: 'reset', times: 99 })
    await refund(placed.orderId, { amountCents: 100 })
    await store.sandbox.endFaults()

    clock.advance(13 * 3600)
    await lookAtDueRefunds(store.ctx)

    expect(await outcomes(placed.orderId)).toEqual(['unknown'])
    expect(await reserved(placed.orderId)).toEqual([100])
    expect(await madeAtJustifi()).toEqual([])
    const items = await store.ctx.db.selectFrom('open_items').select('kind').execute()
    expect(items).toEqual([{ kind: 'refund_unknown' }])
  })

  it('P08: fails, is freed, and is told to the merchant when JustiFi refuses it', async () => {
    const { placed, paymentId, totalCents } = await paidOrder()
    await store.sandbox.fault({
      method: 'POST',
      path: `/v1/payments/${paymentId}/refunds`,
      kind: 'status',
      status: 422,
    })
    expect(await refund(placed.orderId, { amountCents: totalCents })).toMatchObject({
      kind: 'stored',
      refund: { outcome: 'failed' },
    })
    expect(await reserved(placed.orderId)).toEqual([0])
    expect(await mails()).toEqual(
      expect.arrayContaining(['merchant_refund_failed', 'refund_failed']),
    )
    expect((await store.order(placed)).status).toBe('paid')
  })

  it('P06: stays made when its repeat is refused, as its first sending was done', async () => {
    const { placed, paymentId } = await paidOrder()
    const path = `/v1/payments/${paymentId}/refunds`
    await store.sandbox.fault({ method: 'POST', path, kind: 'reset_after', times: 1 })
    await store.sandbox.fault({ method: 'POST', path, kind: 'status', status: 422, times: 1 })

    const result = await refund(placed.orderId, { amountCents: 100 })

    expect(result).toMatchObject({ kind: 'stored', refund: { outcome: 'succeeded' } })
    expect(await madeAtJustifi()).toEqual(['100 succeeded'])
    expect(await mails()).not.toContain('merchant_refund_failed')
  })

  it('P06: stays unknown when its repeat is refused and JustiFi’s list cannot be read', async () => {
    const { placed, paymentId } = await paidOrder()
    const path = `/v1/payments/${paymentId}/refunds`
    await store.sandbox.fault({ method: 'POST', path, kind: 'reset_after', times: 1 })
    await store.sandbox.fault({ method: 'POST', path, kind: 'status', status: 422, times: 1 })
    await store.sandbox.fault({ method: 'GET', path: '/v1/refunds*', kind: 'status', status: 403 })

    const result = await refund(placed.orderId, { amountCents: 100 })

    expect(result).toMatchObject({ kind: 'stored', refund: { outcome: 'unknown' } })
    expect(await reserved(placed.orderId)).toEqual([100])
  })

  it('P04: is not made again when JustiFi has forgotten its key', async () => {
    const { placed, paymentId } = await paidOrder()
    const path = `/v1/payments/${paymentId}/refunds`
    await store.sandbox.fault({ method: 'POST', path, kind: 'reset_after', times: 99 })
    await refund(placed.orderId, { amountCents: 100 })
    await store.ctx.db.updateTable('refunds').set({ outcome: 'requested' }).execute()
    await fetch(`${store.sandbox.url}/_sandbox/idempotency_keys`, { method: 'DELETE' })
    await store.sandbox.endFaults()

    clock.advance(60)
    await lookAtDueRefunds(store.ctx)

    expect(await outcomes(placed.orderId)).toEqual(['succeeded'])
    expect(await madeAtJustifi()).toEqual(['100 succeeded'])
  })

  it('is not requested while JustiFi cannot be asked', async () => {
    const { placed } = await paidOrder()
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'status', status: 404 })
    expect(await refund(placed.orderId, { amountCents: 1 })).toEqual({ kind: 'cannot_check' })
    expect(await outcomes(placed.orderId)).toEqual([])
  })

  it('M13: that was made at JustiFi appears by itself, once', async () => {
    const { placed, paymentId, totalCents } = await paidOrder()
    await store.sandbox.refundAtJustifi(paymentId, 300)

    await sweep()
    await sweep()

    expect(await store.order(placed)).toMatchObject({
      status: 'partially_refunded',
      refundedCents: 300,
    })
    expect(await listRefunds(store.ctx.db, placed.orderId)).toMatchObject([
      { amountCents: 300, outcome: 'succeeded', idempotencyKey: null },
    ])
    expect(await refund(placed.orderId, { amountCents: totalCents })).toEqual({ kind: 'not_free' })
    expect((await mails()).filter((kind) => kind === 'refund_made')).toHaveLength(1)
  })

  it('M14: that fails days later is freed, and told to the merchant', async () => {
    const { placed, totalCents } = await paidOrder({ byBank: true })
    expect(await refund(placed.orderId, { amountCents: totalCents })).toMatchObject({
      refund: { outcome: 'pending' },
    })
    expect(await reserved(placed.orderId)).toEqual([totalCents])

    const { refunds } = await store.sandbox.state()
    await store.sandbox.settleRefund(String(refunds[0]?.id), 'failed')
    clock.advance(3600)
    await lookAtDueRefunds(store.ctx)

    expect(await outcomes(placed.orderId)).toEqual(['failed'])
    expect(await reserved(placed.orderId)).toEqual([0])
    expect(await mails()).toEqual(
      expect.arrayContaining(['merchant_refund_failed', 'refund_failed']),
    )
    expect((await store.order(placed)).status).toBe('paid')
  })

  it('M15: cannot give back what is disputed', async () => {
    const { placed, paymentId, totalCents } = await paidOrder()
    await store.sandbox.dispute(paymentId)
    expect(await refund(placed.orderId, { amountCents: totalCents })).toEqual({ kind: 'not_free' })
    expect((await store.order(placed)).status).toBe('disputed')
    expect(await mails()).toContain('merchant_dispute')
  })

  it('M16: leaves a dispute that is won, and one that is lost and then won', async () => {
    const { placed, paymentId } = await paidOrder()
    await store.sandbox.dispute(paymentId)
    await sweep()
    expect((await store.order(placed)).status).toBe('disputed')

    const { disputes } = await store.sandbox.state()
    const disputeId = String(disputes[0]?.id)
    await store.sandbox.closeDispute(disputeId, 'lost')
    await sweep()
    expect((await store.order(placed)).status).toBe('disputed')

    await store.sandbox.closeDispute(disputeId, 'won')
    await sweep()
    expect((await store.order(placed)).status).toBe('paid')
    const rows = await store.ctx.db.selectFrom('disputes').select('status').execute()
    expect(rows).toEqual([{ status: 'won' }])
    const told = await store.ctx.db
      .selectFrom('outbox')
      .select('data')
      .where('kind', '=', 'merchant_dispute')
      .orderBy('id')
      .execute()
    expect(told.map(({ data }) => JSON.parse(data).status ?? 'opened')).toEqual([
      'opened',
      'lost',
      'won',
    ])
  })

  it('C29: of money that no order knows is left to a person, once', async () => {
    const { placed, paymentId } = await paidOrder()
    for (const table of ['outbox', 'timeline', 'payments', 'checkout_sessions'] as const) {
      await store.ctx.db.deleteFrom(table).execute()
    }
    await store.ctx.db.deleteFrom('order_items').execute()
    await store.ctx.db.deleteFrom('orders').where('id', '=', placed.orderId).execute()

    await sweep()
    await sweep()

    const items = await store.ctx.db.selectFrom('open_items').selectAll().execute()
    expect(items).toMatchObject([{ kind: 'unknown_payment', subject_id: paymentId }])
    expect(items[0]?.merchant_id).not.toBeNull()
  })

  it('keeps the payments it mirrors whole', async () => {
    const { placed, totalCents } = await paidOrder()
    await refund(placed.orderId, { amountCents: 100 })
    expect(await listPayments(store.ctx.db, placed.orderId)).toMatchObject([
      { status: 'partially_refunded', amountCents: totalCents, refundedCents: 100 },
    ])
  })
})
