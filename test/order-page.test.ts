import { describe, expect, it } from '@jest/globals'
import { HOUR, MINUTE, SECOND } from '../src/clock.ts'
import { ORDER_STATUSES, type Order } from '../src/orders/order.ts'
import { orderNotice } from '../src/web/orders/order-page.ts'
import {
  ago,
  anOrder,
  aPaidOrder,
  aPayment,
  detailsOf,
  htmlOf,
  mainText,
  pageOf,
  SHOP,
  TOKEN,
} from './support/order-pages.ts'

const unpaid = 'no payment has been made'

describe('the page of an order', () => {
  it('says when JustiFi was asked, and until when the page for paying is open', () => {
    const text = textOf(anOrder())

    expect(text).toContain('Your order is waiting for payment')
    expect(text).toContain(`We checked at 14:32 EST: ${unpaid}.`)
    expect(text).toContain('The payment page stays open until Mar 3, 14:34 EST.')
    expect(offersOf(anOrder())).toEqual(['goToPayment', 'cancel'])
  })

  it('claims nothing about money where JustiFi has not been asked yet', () => {
    const text = textOf(anOrder({ pageEndsAt: null, askedAt: null, answeredAt: null }))

    expect(text).toContain('Your order is kept.')
    expect(text).not.toContain(unpaid)
  })

  it('says that a page for paying has closed', () => {
    const order = anOrder({ pageEndsAt: ago(MINUTE) })

    expect(textOf(order)).toContain('The payment page we opened for you has closed.')
    expect(offersOf(order)).toContain('goToPayment')
  })

  it('confirms after a return, and then says that it takes long and whom to ask', () => {
    const returned = (since: number) =>
      textOf(anOrder({ returnedAt: ago(since), answeredAt: ago(since) }), { checking: true })

    expect(returned(30 * SECOND)).toContain('We are confirming your payment')
    expect(returned(30 * SECOND)).toContain('This usually takes a few seconds.')
    const long = returned(3 * MINUTE)
    expect(long).toContain('We are still confirming your payment')
    expect(long).toContain('Last checked 14:31 EST.')
    expect(long).toContain('If nothing changes by 15:31 EST, write to help@birch.example')
    expect(returned(2 * HOUR)).toContain('Please write to help@birch.example and quote order')
  })

  it('says that JustiFi is silent to a customer who did not just pay', () => {
    const silent = (since: number) =>
      textOf(anOrder({ answeredAt: ago(since) }), { checking: true })

    expect(silent(MINUTE)).toContain('so we cannot say whether this order is paid')
    expect(silent(HOUR)).toContain('We are still confirming your payment')
  })

  it('names a bank payment, and a card payment that is held', () => {
    const heldBy = (method: 'card' | 'bank_account') =>
      textOf(anOrder({ status: 'processing' }), {
        details: detailsOf(anOrder({ status: 'processing' }), [
          aPayment({ status: 'pending', method }),
        ]),
      })

    expect(heldBy('bank_account')).toContain('Your bank payment is on its way')
    expect(heldBy('card')).toContain('Your payment is on its way')
  })

  it('thanks for a payment, says with what it was made, and offers the receipt', () => {
    const text = textOf(aPaidOrder())

    expect(text).toContain('Payment received Thank you. We received $84.20 for order K7QM2XR4.')
    expect(text).toContain('Paid with Visa ending 4242')
    expect(offersOf(aPaidOrder())).toEqual(['receipt', 'toShop'])
  })

  it('says that no payment was taken for a cancelled order only where JustiFi said so', () => {
    const cancelled = { status: 'cancelled' } as const
    const notTaken = 'No payment was taken.'

    expect(textOf(anOrder(cancelled))).toContain(notTaken)
    expect(textOf(anOrder({ ...cancelled, pageEndsAt: null, answeredAt: null }))).toContain(
      notTaken,
    )
    expect(textOf(anOrder({ ...cancelled, answeredAt: null }))).not.toContain(notTaken)
    expect(textOf(anOrder(cancelled), { checking: true })).not.toContain(notTaken)
  })

  it('lets an expired order be paid as it stands', () => {
    const order = anOrder({ status: 'expired', pageEndsAt: ago(MINUTE) })

    expect(textOf(order)).toContain('This payment link has expired Order K7QM2XR4 was not paid')
    expect(offersOf(order)).toEqual(['payNow', 'toShop', 'cancel'])
  })

  it('says how much went back, and to what', () => {
    const part = aPaidOrder({ status: 'partially_refunded', refundedCents: 2_000 })
    const all = aPaidOrder({ status: 'refunded', refundedCents: 8_420 })

    expect(textOf(part)).toContain('$20.00 of $84.20 went back to Visa ending 4242.')
    expect(textOf(all)).toContain('$84.20 went back to Visa ending 4242.')
  })

  it('says that a payment is disputed', () => {
    const order = aPaidOrder({ status: 'disputed', disputedCents: 8_420 })

    expect(textOf(order)).toContain('$84.20 of your payment is disputed at the bank')
  })

  it('announces a refund where a cancelled order was paid, and else claims little', () => {
    const inReview = (reason: Order['reason']) =>
      textOf(aPaidOrder({ status: 'needs_review', reason }))

    expect(inReview('paid_after_cancel')).toContain('We received a payment for a cancelled order')
    expect(inReview('paid_after_cancel')).toContain('We will contact you about a refund of $84.20.')
    expect(inReview('paid_twice')).toContain('More than one payment may have been made')
    expect(inReview('payment_reversed')).toContain('The bank seems to have taken the payment back.')
    for (const reason of [
      'amount_mismatch',
      'currency_mismatch',
      'account_mismatch',
      'mode_mismatch',
      'provider_denies',
    ] as const) {
      expect(inReview(reason)).toContain('We are checking your payment')
      expect(inReview(reason)).not.toMatch(/amount|currency|account|mismatch|refund/i)
    }
  })

  it('shows the lines, and the total with its currency', () => {
    const text = textOf(anOrder({ currency: 'cad' }))

    expect(text).toContain('Blue mug × 2 $24.00')
    expect(text).toContain('Total $84.20 CAD')
  })

  it('shows times in the zone of the shop, whatever the zone of the server', () => {
    const text = textOf(anOrder(), { shop: { ...SHOP, timeZone: 'America/Vancouver' } })

    expect(text).toContain('We checked at 11:32 PST')
  })

  it.each(ORDER_STATUSES)('carries its hooks when %s', (status) => {
    for (const checking of [false, true]) {
      const html = htmlOf('orders/order', pageOf(anOrder({ status }), { checking }))

      expect(html).toContain('<body data-page="order">')
      expect(html).toMatch(
        new RegExp(`<main [^>]*data-order-status="${status}" data-order-number="K7QM2XR4"`),
      )
      expect(html.includes('data-checking="true"')).toBe(checking)
      expect(html.match(/<h1/g)).toHaveLength(1)
      expect(html).toMatch(/<title>[^<]+ – Order K7QM2XR4 – Birch &amp; Clay<\/title>/)
      expect(html).toContain('<meta name="robots" content="noindex">')
    }
  })

  it('asks for news as long as some may come', () => {
    const asks = (order: Order, checking = false) => pageOf(order, { checking }).hooks.statusUrl

    expect(asks(anOrder())).toBe(`/orders/${TOKEN}/status.json`)
    expect(asks(anOrder({ status: 'processing' }))).toBeDefined()
    expect(asks(aPaidOrder())).toBeUndefined()
    expect(asks(aPaidOrder(), true)).toBeDefined()
  })

  it('is lean: five lines in less than 4 KB, with no inline script or style', () => {
    const html = htmlOf('orders/order', pageOf(anOrder()))

    expect(html.length).toBeLessThan(4_096)
    expect(html).not.toMatch(/<script(?! src=)|<style| style=| on\w+=/)
  })
})

describe('a failed try', () => {
  const failedWith = (errorCode: string | null, method: 'card' | 'bank_account' = 'card') =>
    textOf(anOrder({ status: 'failed' }), {
      details: detailsOf(anOrder({ status: 'failed' }), [
        aPayment({ id: 'py_0', status: 'failed', errorCode: 'expired_card', lastFour: '1111' }),
        aPayment({ status: 'failed', errorCode, method, lastFour: '9995' }),
      ]),
    })

  it.each([
    ['insufficient_funds', 'Your bank said there was not enough money available.'],
    ['expired_card', 'The card has expired.'],
    ['card_number_invalid', 'The card details did not match.'],
    ['invalid_cvc', 'The card details did not match.'],
    ['exceeds_card_limit', "The amount is over the card's limit."],
    ['currency_not_supported', 'This kind of card is not accepted here.'],
    ['card_decline_rate_limit_exceeded', 'This card was declined too often.'],
    ['gateway_error', 'Your bank could not be reached.'],
    ['do_not_honor', 'Your bank declined the payment. Try another card or contact your bank.'],
    ['lost_card', 'Your bank declined the payment. Try another card or contact your bank.'],
    ['toString', 'Your bank declined the payment. Try another card or contact your bank.'],
    [null, 'Your bank declined the payment. Try another card or contact your bank.'],
  ])('%s is put into words', (code, words) => {
    const text = failedWith(code)

    expect(text).toContain(`Your payment did not go through ${words}`)
    expect(text).toContain('Tried with Visa ending 9995.')
    expect(text).toContain('This payment was not taken. Your bank may show a temporary hold')
    if (code) expect(text).not.toContain(code)
  })

  it.each([
    ['account_closed', 'The bank account was not found, or is closed.'],
    ['account_frozen', 'The bank does not allow payments from this account.'],
    [null, 'Your bank did not accept the payment.'],
  ])('%s of a bank account is put into words', (code, words) => {
    const text = failedWith(code, 'bank_account')

    expect(text).toContain(words)
    expect(text).toContain('Tried with bank account ending 9995.')
  })

  it('is not called failed where the bank stayed silent', () => {
    const text = failedWith('gateway_timeout_error')

    expect(text).toContain('We cannot tell whether your last try went through')
    expect(text).not.toMatch(/not taken|did not go through/)
  })

  it.each([
    { minutes: 59, offers: ['Check again'], warned: true },
    { minutes: 61, offers: ['Try again', 'Cancel order'], warned: false },
  ])('may be paid again only an hour later: $minutes minutes', ({ minutes, offers, warned }) => {
    const payment = aPayment({
      status: 'failed',
      errorCode: 'gateway_timeout',
      updatedAt: ago(minutes * MINUTE),
    })
    const page = pageOf(anOrder({ status: 'failed' }), {
      details: detailsOf(anOrder({ status: 'failed' }), [payment]),
    })

    expect(page.actions.map(({ label }) => label)).toEqual(offers)
    expect(page.standing.warning !== undefined).toBe(warned)
  })

  it('needs no mirrored payment', () => {
    expect(textOf(anOrder({ status: 'failed' }))).toContain('Your payment did not go through')
  })
})

describe('a notice in the address', () => {
  const noticeOf = (order: Order, notice: string, checking = false) =>
    pageOf(order, { notice: orderNotice(notice), checking }).notice

  it('is shown where the order bears it out', () => {
    expect(noticeOf(aPaidOrder(), 'already_paid')).toBe(
      'This order is already paid. We did not take another payment.',
    )
    expect(noticeOf(aPaidOrder(), 'cannot_cancel')).toBe('This order cannot be cancelled now.')
    expect(noticeOf(anOrder(), 'not_payable', true)).toBe('This order cannot be paid now.')
  })

  it('is not shown where it would be untrue, or is none of ours', () => {
    expect(noticeOf(anOrder(), 'already_paid')).toBeUndefined()
    expect(noticeOf(anOrder(), 'cannot_cancel')).toBeUndefined()
    const twice = aPaidOrder({ status: 'needs_review', reason: 'paid_twice' })
    expect(noticeOf(twice, 'already_paid')).toBeUndefined()
    expect(noticeOf(aPaidOrder(), '<b>free</b>')).toBeUndefined()
    expect(orderNotice(['already_paid'])).toBeUndefined()
    expect(orderNotice('toString')).toBeUndefined()
  })
})

function textOf(order: Order, given: Parameters<typeof pageOf>[1] = {}): string {
  return mainText(htmlOf('orders/order', pageOf(order, given)))
}

function offersOf(order: Order): string[] {
  return pageOf(order).actions.map(({ id }) => id)
}
