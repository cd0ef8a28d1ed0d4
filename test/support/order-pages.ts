import { join } from 'node:path'
import { DAY, later, MINUTE } from '../../src/clock.ts'
import type { Shop } from '../../src/merchants/shop.ts'
import type { Order, OrderDetails, OrderItem, Payment } from '../../src/orders/order.ts'
import { type OrderPage, type OrderPageInput, orderPage } from '../../src/web/orders/order-page.ts'
import { createRenderer } from '../../src/web/render.ts'

/** A Monday afternoon in New York, where the shop is: 14:34 EST. */
export const NOW = new Date('2026-03-02T19:34:00.000Z')
export const TOKEN = 'k'.repeat(43)
export const CTX = { justifi: { mode: 'live' } } as const

export const SHOP: Shop = {
  merchantId: 'merchant-1',
  slug: 'birch',
  name: 'Birch & Clay',
  tagline: 'Pots',
  currency: 'usd',
  supportEmail: 'help@birch.example',
  timeZone: 'America/New_York',
  language: 'en',
  accountId: 'acc_1',
}

export function ago(milliseconds: number): Date {
  return later(NOW, -milliseconds)
}

/** An order of $84.20 whose payment page is open and which JustiFi just called unpaid. */
export function anOrder(facts: Partial<Order> = {}): Order {
  return {
    id: 'order-1',
    merchantId: SHOP.merchantId,
    number: 'K7QM2XR4',
    status: 'awaiting_payment',
    reason: null,
    version: 3,
    customerName: 'Ada Byron',
    customerEmail: 'ada@customer.example',
    currency: 'usd',
    totalCents: 8_420,
    accountId: SHOP.accountId,
    mode: 'live',
    intentKey: 'intent-order-1',
    intentDescription: 'Order K7QM2XR4 at Birch & Clay',
    intentId: 'pi_1',
    tokenSealed: 'sealed',
    pageEndsAt: later(NOW, DAY),
    returnedAt: null,
    cancelledAt: null,
    paidAt: null,
    paymentId: null,
    paidCents: 0,
    refundedCents: 0,
    disputedCents: 0,
    acceptedReviews: [],
    deniedAt: null,
    askedAt: ago(2 * MINUTE),
    answeredAt: ago(2 * MINUTE),
    nextCheckAt: null,
    checkCount: 0,
    createdAt: ago(50 * MINUTE),
    updatedAt: ago(40 * MINUTE),
    ...facts,
  }
}

/** The order once its $84.20 were taken from a card. */
export function aPaidOrder(facts: Partial<Order> = {}): Order {
  return anOrder({
    status: 'paid',
    paymentId: 'py_1',
    paidCents: 8_420,
    paidAt: ago(3 * MINUTE),
    ...facts,
  })
}

export function aPayment(facts: Partial<Payment> = {}): Payment {
  return {
    id: 'py_1',
    accountId: SHOP.accountId,
    isTest: false,
    status: 'succeeded',
    amountCents: 8_420,
    currency: 'usd',
    refundedCents: 0,
    disputedCents: 0,
    feeCents: null,
    method: 'card',
    brand: 'visa',
    lastFour: '4242',
    errorCode: null,
    errorMessage: null,
    createdAt: ago(3 * MINUTE),
    updatedAt: ago(3 * MINUTE),
    ...facts,
  }
}

export const ITEMS: OrderItem[] = [
  item(1, 'Blue mug', 1_200, 2),
  item(2, 'Serving bowl', 3_800, 1),
  item(3, 'Spoon rest', 950, 1),
  item(4, 'Egg cup', 400, 2),
  item(5, 'Tea towel', 470, 1),
]

export function item(line: number, productName: string, unitPriceCents: number, quantity: number) {
  const productId = `product-${line}`
  const totalCents = unitPriceCents * quantity
  return {
    line,
    productId,
    productSlug: productId,
    productName,
    unitPriceCents,
    quantity,
    totalCents,
  }
}

/** An order whose money is in the books comes with its payment, unless a test says otherwise. */
export function detailsOf(order: Order, payments?: Payment[]): OrderDetails {
  const mirrored = order.paymentId === null ? [] : [aPayment({ id: order.paymentId })]
  return { order, items: ITEMS, payments: payments ?? mirrored }
}

export function pageOf(order: Order, given: Partial<OrderPageInput> = {}): OrderPage {
  return orderPage({
    ctx: CTX,
    details: detailsOf(order),
    shop: SHOP,
    token: TOKEN,
    checking: false,
    notice: undefined,
    now: NOW,
    ...given,
  })
}

/** The HTML of a view, by the templates that the shop renders. */
export const htmlOf: (view: string, page: object) => string = (() => {
  const render = createRenderer({
    viewsDir: join(import.meta.dirname, '../../views'),
    asset: (path) => `/assets/${path}`,
    debug: true,
  })
  return (view, page) => render(view, page, undefined)
})()

/** What a person reads: the text of `<main>`, without its tags. */
export function mainText(html: string): string {
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? ''
  return unescaped(main.replace(/<\/?(time|a|strong|span)\b[^>]*>/g, '').replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim()
}

function unescaped(html: string): string {
  const entities: Record<string, string> = {
    '&lt;': '<',
    '&gt;': '>',
    '&amp;': '&',
    '&#34;': '"',
    '&#39;': "'",
  }
  return html.replace(/&(lt|gt|amp|#34|#39);/g, (entity) => entities[entity] ?? entity)
}
