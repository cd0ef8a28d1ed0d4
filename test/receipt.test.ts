import { describe, expect, it } from '@jest/globals'
import type { Order } from '../src/orders/order.ts'
import { receiptPage } from '../src/web/orders/receipt-page.ts'
import {
  anOrder,
  aPaidOrder,
  CTX,
  detailsOf,
  htmlOf,
  mainText,
  SHOP,
  TOKEN,
} from './support/order-pages.ts'

describe('the receipt of an order', () => {
  it('names the seller, the lines, the payment and the total with its currency', () => {
    const { status, html, text } = receiptOf(aPaidOrder())

    expect(status).toBe(200)
    expect(html).toContain('<body data-page="receipt">')
    expect(text).toContain('Seller Birch & Clay · help@birch.example Order K7QM2XR4')
    expect(text).toContain('Paid March 2, 2026 at 14:31 EST')
    expect(text).toContain('Paid with Visa ending 4242 Payment ID py_1')
    expect(text).toContain('Blue mug 2 × $12.00 USD $24.00 USD')
    expect(text).toContain('Total paid $84.20 USD')
  })

  it('shows what went back, as it stands now', () => {
    const { text } = receiptOf(aPaidOrder({ status: 'partially_refunded', refundedCents: 2_000 }))

    expect(text).toContain('Total paid $84.20 USD Refunded −$20.00 USD')
    expect(text).toContain('Paid after refunds $64.20 USD')
  })

  it('stays there while the payment is disputed, and says so', () => {
    const { status, text } = receiptOf(aPaidOrder({ status: 'disputed', disputedCents: 8_420 }))

    expect(status).toBe(200)
    expect(text).toContain('$84.20 USD of this payment is disputed at the bank.')
  })

  it.each([
    ['awaiting_payment', 'There is no receipt yet because this order is not paid.'],
    ['failed', 'There is no receipt yet because this order is not paid.'],
    ['expired', 'There is no receipt yet because this order is not paid.'],
    ['cancelled', 'There is no receipt because this order was cancelled.'],
    ['processing', 'because your payment has not arrived. Do not pay again.'],
    ['needs_review', 'There is no receipt at the moment because we are checking your payment.'],
  ] as const)('is not there when %s', (orderStatus, words) => {
    const { status, html, text } = receiptOf(anOrder({ status: orderStatus }))

    expect(status).toBe(404)
    expect(html).toContain('<body data-page="receipt">')
    expect(text).toContain(words)
    expect(text).not.toMatch(/\$|USD/)
    expect(html).toContain(`href="/orders/${TOKEN}"`)
  })

  it('does not call an order unpaid whose payment is not confirmed', () => {
    const { status, text } = receiptOf(anOrder(), true)

    expect(status).toBe(404)
    expect(text).not.toContain('not paid')
    expect(text).toContain('Do not pay again.')
  })

  it('is a page without forms', () => {
    expect(receiptOf(aPaidOrder()).html).not.toContain('<form')
  })
})

function receiptOf(order: Order, checking = false) {
  const details = detailsOf(order)
  const page = receiptPage({ ctx: CTX, details, shop: SHOP, token: TOKEN, checking })
  const html = htmlOf('orders/receipt', page)
  return { status: page.status, html, text: mainText(html) }
}
