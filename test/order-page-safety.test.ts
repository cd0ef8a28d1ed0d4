import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { DAY, HOUR, later, MINUTE, SECOND } from '../src/clock.ts'
import { PAYMENT_STATUSES } from '../src/justifi/hosted-checkout.ts'
import { ORDER_STATUSES, type OrderDetails, REVIEW_REASONS } from '../src/orders/order.ts'
import { paymentUnavailablePage } from '../src/web/orders/payment-unavailable-page.ts'
import { receiptPage } from '../src/web/orders/receipt-page.ts'
import {
  ago,
  anOrder,
  aPayment,
  CTX,
  detailsOf,
  htmlOf,
  mainText,
  NOW,
  pageOf,
  SHOP,
  TOKEN,
} from './support/order-pages.ts'

const PAYS = /action="[^"]*\/pay"|href="[^"]*\/pay"/
const CLAIMS_UNPAID = /no payment (has been made|was taken)|was not taken|not charged/i

describe('an order in any state', () => {
  const pastMoment = fc.constantFrom(null, ...[SECOND, 3 * MINUTE, 2 * HOUR, 9 * DAY].map(ago))
  const payment = fc.record({
    status: fc.constantFrom(...PAYMENT_STATUSES),
    method: fc.constantFrom('card' as const, 'bank_account' as const, null),
    brand: fc.constantFrom('visa', 'Some Bank', null),
    lastFour: fc.constantFrom('4242', null),
    errorCode: fc.constantFrom('insufficient_funds', 'gateway_timeout_error', 'unheard_of', null),
    errorMessage: fc.constantFrom('raw words of a bank', null),
  })
  const details: fc.Arbitrary<OrderDetails> = fc
    .record({
      status: fc.constantFrom(...ORDER_STATUSES),
      reason: fc.constantFrom(...REVIEW_REASONS, null),
      pageEndsAt: fc.constantFrom(null, later(NOW, HOUR), ago(HOUR)),
      returnedAt: pastMoment,
      answeredAt: pastMoment,
      cancelledAt: pastMoment,
      paidAt: pastMoment,
      paymentId: fc.constantFrom('py_1', 'py_elsewhere', null),
      paidCents: fc.constantFrom(0, 8_420),
      refundedCents: fc.constantFrom(0, 2_000, 8_420),
      disputedCents: fc.constantFrom(0, 8_420),
    })
    .chain((facts) =>
      fc
        .array(payment, { maxLength: 2 })
        .map((payments) => detailsOf(anOrder(facts), payments.map(aPayment))),
    )
  const htmlAt = (seen: OrderDetails, checking: boolean) =>
    htmlOf('orders/order', pageOf(seen.order, { details: seen, checking }))

  it('offers no way to pay and says not to, while its payment is not confirmed', () => {
    fc.assert(
      fc.property(details, (seen) => {
        const html = htmlAt(seen, true)

        expect(html).not.toMatch(PAYS)
        expect(mainText(html)).toContain('Do not pay again')
        expect(mainText(html)).not.toMatch(CLAIMS_UNPAID)
      }),
      { numRuns: 500 },
    )
  })

  it('O16: offers no way to pay and says not to, while a bank payment is under way', () => {
    fc.assert(
      fc.property(details, fc.boolean(), (seen, checking) => {
        const order = { ...seen.order, status: 'processing' as const }
        const html = htmlAt({ ...seen, order }, checking)

        expect(html).not.toMatch(PAYS)
        expect(mainText(html)).toContain('Do not pay again')
        expect(mainText(html)).not.toMatch(CLAIMS_UNPAID)
      }),
    )
  })

  it('offers no way to pay once money was taken, and does not deny it', () => {
    fc.assert(
      fc.property(details, fc.boolean(), (seen, checking) => {
        const isOpen = ['awaiting_payment', 'failed', 'expired'].includes(seen.order.status)
        fc.pre(!isOpen && seen.order.status !== 'cancelled')
        const html = htmlAt(seen, checking)

        expect(html).not.toMatch(PAYS)
        expect(mainText(html)).not.toMatch(CLAIMS_UNPAID)
      }),
    )
  })

  it('O19: shows no name, no e-mail address of the customer and nothing of JustiFi but the card', () => {
    fc.assert(
      fc.property(details, fc.boolean(), (seen, checking) => {
        const receipt = receiptPage({ ctx: CTX, details: seen, shop: SHOP, token: TOKEN, checking })
        const unavailable = paymentUnavailablePage({
          ctx: CTX,
          mayBePaid: checking,
          details: seen,
          shop: SHOP,
          token: TOKEN,
        })
        const html = [
          htmlAt(seen, checking),
          htmlOf('orders/receipt', receipt),
          htmlOf('orders/payment-unavailable', unavailable),
        ].join()

        expect(html).not.toMatch(/ada|byron|customer\.example/i)
        expect(html).not.toMatch(/pi_1|acc_1|raw words|unheard_of|undefined|null|NaN|\[object/)
      }),
    )
  })
})

describe('a page that could not lead to payment', () => {
  const unavailable = (mayBePaid: boolean) =>
    htmlOf(
      'orders/payment-unavailable',
      paymentUnavailablePage({
        ctx: CTX,
        details: detailsOf(anOrder()),
        mayBePaid,
        shop: SHOP,
        token: TOKEN,
      }),
    )

  it('P01: keeps the order and offers one more try where nobody can have paid', () => {
    const html = unavailable(false)

    expect(mainText(html)).toContain('Your order K7QM2XR4 is kept.')
    expect(html.match(/<form/g)).toHaveLength(1)
    expect(html).toContain(`<form method="post" action="/orders/${TOKEN}/pay">`)
    expect(html).not.toContain('data-checking')
    expect(mainText(html)).not.toMatch(CLAIMS_UNPAID)
  })

  it('only looks again where somebody may have paid', () => {
    const html = unavailable(true)

    expect(html).not.toMatch(/<form/)
    expect(html).not.toMatch(PAYS)
    expect(html).toContain(`href="/orders/${TOKEN}"`)
    expect(html).toContain('data-checking="true"')
    expect(mainText(html)).toContain('Do not pay again')
    expect(mainText(html)).not.toMatch(CLAIMS_UNPAID)
  })

  it('carries the hooks of an order', () => {
    const html = unavailable(false)

    expect(html).toContain('<body data-page="order">')
    expect(html).toMatch(/<main [^>]*data-order-status="awaiting_payment"/)
    expect(html).toContain('data-order-number="K7QM2XR4"')
  })
})
