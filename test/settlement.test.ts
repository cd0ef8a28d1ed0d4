import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { settlementOf } from '../src/checkout/settlement.ts'
import type { Observation, ObservedPayment } from '../src/justifi/hosted-checkout.ts'
import type { Order, Payment } from '../src/orders/order.ts'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000)

function order(facts: Partial<Order> = {}): Order {
  return {
    id: 'o1',
    merchantId: 'm1',
    number: 'K7QM2XR4',
    status: 'awaiting_payment',
    reason: null,
    version: 3,
    customerName: 'Ann',
    customerEmail: 'ann@example.com',
    currency: 'usd',
    totalCents: 4200,
    accountId: 'acc_1',
    mode: 'test',
    intentKey: 'intent-o1',
    intentDescription: 'Order K7QM2XR4 at Shop',
    intentId: 'pi_1',
    tokenSealed: '',
    pageEndsAt: minutes(60),
    returnedAt: null,
    cancelledAt: null,
    paidAt: null,
    paymentId: null,
    paidCents: 0,
    refundedCents: 0,
    disputedCents: 0,
    acceptedReviews: [],
    deniedAt: null,
    askedAt: null,
    answeredAt: null,
    nextCheckAt: null,
    checkCount: 0,
    createdAt: minutes(-60),
    updatedAt: minutes(-60),
    ...facts,
  }
}

function payment(facts: Partial<ObservedPayment> = {}): ObservedPayment {
  return {
    id: 'py_1',
    accountId: 'acc_1',
    isTest: true,
    status: 'succeeded',
    amountCents: 4200,
    currency: 'usd',
    refundedCents: 0,
    disputedCents: 0,
    feeCents: null,
    method: 'card',
    brand: 'visa',
    lastFour: '4242',
    errorCode: null,
    errorMessage: null,
    createdAt: minutes(-5),
    updatedAt: minutes(-5),
    ...facts,
  }
}

function seen(payments: ObservedPayment[], facts: Partial<Observation> = {}): Observation {
  const succeeded = payments.some(({ status }) => status === 'succeeded')
  return {
    reference: 'pi_1',
    accountId: 'acc_1',
    amountCents: 4200,
    currency: 'usd',
    state: succeeded ? 'succeeded' : 'open',
    payments,
    at: NOW,
    ...facts,
  }
}

const outcome = (o: Order, known: Payment[], observation: Observation, now = NOW) => {
  const settlement = settlementOf(o, known, observation, now)
  return settlement && [settlement.status, settlement.reason]
}

describe('an unpaid order', () => {
  it('waits while nobody has tried to pay', () => {
    expect(outcome(order(), [], seen([]))).toEqual(['awaiting_payment', null])
  })

  it('has failed after a declined try, and can be paid again', () => {
    const declined = payment({ status: 'failed', errorCode: 'card_declined' })
    expect(outcome(order(), [], seen([declined]))).toEqual(['failed', null])
  })

  it('is expired once JustiFi’s clock, not ours, has passed the end of its page', () => {
    const ended = seen([], { at: minutes(61) })
    expect(outcome(order(), [], ended, minutes(-600))).toEqual(['expired', null])
    expect(outcome(order(), [], seen([]), minutes(600))).toEqual(['awaiting_payment', null])
  })

  it('C25: stays expired when a clock is set back, as it has given up what it held', () => {
    const expired = order({ status: 'expired', pageEndsAt: null })
    expect(outcome(expired, [], seen([]), minutes(-600))).toEqual(['expired', null])
  })

  it('P15: is not called unpaid or failed for two minutes after a return', () => {
    const returned = order({ returnedAt: minutes(-1) })
    const declined = payment({ status: 'failed' })
    expect(outcome(returned, [], seen([declined]))).toEqual(['awaiting_payment', null])
    expect(outcome(returned, [], seen([declined]), minutes(2))).toEqual(['failed', null])
  })

  it('O16: is processing while a bank payment is under way, also when it was cancelled', () => {
    const pending = payment({ status: 'pending', method: 'bank_account' })
    expect(outcome(order(), [], seen([pending]))).toEqual(['processing', null])
    const cancelled = order({ cancelledAt: minutes(-1), status: 'cancelled' })
    expect(outcome(cancelled, [], seen([pending]))).toEqual(['processing', null])
  })

  it('M04: is not paid by authorised money', () => {
    const held = payment({ status: 'authorized' })
    expect(outcome(order(), [], seen([held], { state: 'authorized' }))).toEqual([
      'processing',
      null,
    ])
  })

  it('P13: stays as it is where JustiFi uses a word that is not known', () => {
    expect(outcome(order(), [], seen([], { state: 'unknown' }))).toBeUndefined()
    expect(outcome(order(), [], seen([payment({ status: 'unknown' })]))).toBeUndefined()
  })

  it('P14: stays as it is where the intent is not the one that was asked for', () => {
    expect(outcome(order(), [], seen([], { accountId: 'acc_2' }))).toBeUndefined()
    expect(outcome(order(), [], seen([], { amountCents: 1 }))).toBeUndefined()
    expect(outcome(order(), [], seen([], { currency: 'cad' }))).toBeUndefined()
  })

  it('is not paid by an intent that succeeded without a payment', () => {
    expect(outcome(order(), [], seen([], { state: 'succeeded' }))).toBeUndefined()
  })
})

describe('an order that money came for', () => {
  it('is paid when account, side, currency and amount agree', () => {
    const settlement = settlementOf(order(), [], seen([payment()]), NOW)
    expect(settlement).toMatchObject({
      status: 'paid',
      reason: null,
      paymentId: 'py_1',
      paidCents: 4200,
      paidAt: minutes(-5),
    })
    expect(settlement?.timeline.map(({ kind }) => kind)).toEqual(['payment', 'status'])
  })

  it.each([4199, 4201, 0, 42_000])('M01: is reviewed when %d cents came', (amountCents) => {
    const wrong = ['needs_review', 'amount_mismatch']
    expect(outcome(order(), [], seen([payment({ amountCents })]))).toEqual(wrong)
    expect(outcome(order(), [], seen([payment()], { amountCents }))).toEqual(wrong)
  })

  it('M02: is reviewed when another currency came', () => {
    const wrong = ['needs_review', 'currency_mismatch']
    expect(outcome(order(), [], seen([payment({ currency: 'cad' })]))).toEqual(wrong)
    expect(outcome(order(), [], seen([payment()], { currency: 'eur' }))).toEqual(wrong)
  })

  it('M03: is reviewed when another account or the other side of JustiFi took it', () => {
    expect(outcome(order(), [], seen([payment({ accountId: 'acc_2' })]))).toEqual([
      'needs_review',
      'account_mismatch',
    ])
    expect(outcome(order(), [], seen([payment({ isTest: false })]))).toEqual([
      'needs_review',
      'mode_mismatch',
    ])
  })

  it('O13: is reviewed when it had been cancelled', () => {
    const cancelled = order({ status: 'cancelled', cancelledAt: minutes(-10) })
    expect(outcome(cancelled, [], seen([payment()]))).toEqual(['needs_review', 'paid_after_cancel'])
  })

  it('is simply paid when its page had expired', () => {
    const expired = order({ status: 'expired', pageEndsAt: minutes(-10) })
    expect(outcome(expired, [], seen([payment()]))).toEqual(['paid', null])
  })

  it('O10: is reviewed when two payments succeeded, and keeps counting the first', () => {
    const paid = order({ status: 'paid', paidAt: minutes(-5), paymentId: 'py_1' })
    const twice = seen([payment(), payment({ id: 'py_2', createdAt: minutes(-1) })])
    expect(settlementOf(paid, [payment()], twice, NOW)).toMatchObject({
      status: 'needs_review',
      reason: 'paid_twice',
      paymentId: 'py_1',
    })
  })

  it('O07: is paid once after two declined tries', () => {
    const tries = [
      payment({ id: 'py_a', status: 'failed' }),
      payment({ id: 'py_b', status: 'failed' }),
      payment(),
    ]
    expect(outcome(order(), [], seen(tries))).toEqual(['paid', null])
  })

  it('follows refunds and disputes', () => {
    const paid = order({ status: 'paid', paidAt: minutes(-5), paymentId: 'py_1' })
    const later = { updatedAt: NOW }
    const part = payment({ ...later, status: 'partially_refunded', refundedCents: 100 })
    const all = payment({ ...later, status: 'fully_refunded', refundedCents: 4200 })
    const disputed = payment({ ...later, status: 'disputed', disputedCents: 4200 })
    expect(outcome(paid, [payment()], seen([part]))).toEqual(['partially_refunded', null])
    expect(outcome(paid, [payment()], seen([all]))).toEqual(['refunded', null])
    expect(outcome(paid, [payment()], seen([disputed]))).toEqual(['disputed', null])
  })

  it('P15: stays paid when an answer from before the payment comes late', () => {
    const paid = order({ status: 'paid', paidAt: minutes(-5), paymentId: 'py_1' })
    const stale = payment({ status: 'pending', updatedAt: minutes(-20) })
    expect(outcome(paid, [payment()], seen([stale]))).toEqual(['paid', null])
    expect(outcome(paid, [payment()], seen([]))).toEqual(['paid', null])
  })

  it('O06: stays paid when an earlier try’s failure is heard of last', () => {
    const paid = order({ status: 'paid', paidAt: minutes(-5), paymentId: 'py_1' })
    const failed = payment({ id: 'py_0', status: 'failed', createdAt: minutes(-9) })
    expect(outcome(paid, [payment()], seen([failed, payment()]))).toEqual(['paid', null])
  })

  it('O17: is reviewed when the bank takes the money back', () => {
    const paid = order({ status: 'paid', paidAt: minutes(-5), paymentId: 'py_1' })
    const returned = payment({ status: 'failed', updatedAt: NOW })
    expect(outcome(paid, [payment()], seen([returned]))).toEqual([
      'needs_review',
      'payment_reversed',
    ])
  })
})

describe('the order in which news arrives', () => {
  it('O05: makes no difference to where the order ends', () => {
    const history = [
      seen([]),
      seen([payment({ id: 'py_0', status: 'failed', createdAt: minutes(-9) })]),
      seen([payment({ status: 'pending', updatedAt: minutes(-8) })], { state: 'processing' }),
      seen([payment({ updatedAt: minutes(-7) })]),
      seen([payment({ status: 'partially_refunded', refundedCents: 700, updatedAt: minutes(-2) })]),
    ]
    const newest = history.length - 1
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, newest, 0, 1, 2, 3], { minLength: 1 }),
        (arrivals) => {
          const end = [...arrivals, newest].reduce(
            (books, index) => applied(books, history[index] as Observation),
            { order: order(), payments: [] as Payment[] },
          )
          expect([end.order.status, end.order.refundedCents]).toEqual(['partially_refunded', 700])

          const early = arrivals.indexOf(newest)
          if (early < 0) return
          const before = arrivals.reduce(
            (books, index) => applied(books, history[index] as Observation),
            { order: order(), payments: [] as Payment[] },
          )
          expect(before.order.status).toBe('partially_refunded')
        },
      ),
    )
  })
})

function applied(books: { order: Order; payments: Payment[] }, observation: Observation) {
  const settlement = settlementOf(books.order, books.payments, observation, NOW)
  if (!settlement) return books
  const { status, reason, paymentId, refundedCents, paidAt, news } = settlement
  const renewed = new Set(news.map(({ id }) => id))
  return {
    order: { ...books.order, status, reason, paymentId, refundedCents, paidAt },
    payments: [...books.payments.filter(({ id }) => !renewed.has(id)), ...news],
  }
}
