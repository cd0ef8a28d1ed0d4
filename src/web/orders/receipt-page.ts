import type { Shop } from '../../merchants/shop.ts'
import { formatMoneyWithCode } from '../../money.ts'
import type { Order, OrderDetails, OrderStatus, Payment } from '../../orders/order.ts'
import { countingPayment, methodText } from '../../orders/payment-text.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type Layout, type LayoutContext, layoutFor } from '../layout.ts'
import { orderPath } from './paths.ts'
import { fullMoment, mailLink, type Text } from './text.ts'

export type ReceiptPageInput = {
  ctx: LayoutContext
  details: OrderDetails
  shop: Shop
  token: string
  /** As for the order's page. */
  checking: boolean
}

export type ReceiptPage = {
  /** 200, or 404 while there is no receipt: the same address answers once the order is paid. */
  status: 200 | 404
  layout: Layout
  heading: string
  words: Words['orders']['receipt']
  orderUrl: string
  /** Why there is none. */
  none?: string
  receipt?: Receipt
}

export type Receipt = {
  facts: { label: string; text: Text }[]
  lines: { name: string; detail: string; total: string }[]
  totals: { label: string; amount: string }[]
  dispute?: string
}

type NoReceipt = 'none' | 'noneProcessing' | 'noneReview' | 'noneCancelled'

/** Money under review is not receipted: what it paid for is exactly what is not yet known. */
const WITHOUT_RECEIPT: Record<OrderStatus, NoReceipt | undefined> = {
  awaiting_payment: 'none',
  failed: 'none',
  expired: 'none',
  processing: 'noneProcessing',
  cancelled: 'noneCancelled',
  needs_review: 'noneReview',
  paid: undefined,
  partially_refunded: undefined,
  refunded: undefined,
  disputed: undefined,
}

/** The receipt as the order stands now, refunds and all. Names nobody but the seller. */
export function receiptPage(input: ReceiptPageInput): ReceiptPage {
  const { ctx, details, shop, token, checking } = input
  const { order } = details
  const words = wordsFor(shop.language).orders
  const missing = WITHOUT_RECEIPT[order.status]
  const title = words.title(words.receipt.heading, order.number)

  const page = {
    layout: layoutFor({ ctx, page: 'receipt', title, shop, noindex: true, script: 'page.js' }),
    heading: words.receipt.heading,
    words: words.receipt,
    orderUrl: orderPath(token),
  }
  if (missing) {
    const none = checking ? words.receipt.noneConfirming : words.receipt[missing]
    return { ...page, status: 404, none }
  }
  return { ...page, status: 200, receipt: receiptOf(input, words) }
}

function receiptOf({ details, shop }: ReceiptPageInput, words: Words['orders']): Receipt {
  const { order, items, payments } = details
  const said = words.receipt
  const money = (cents: number) => formatMoneyWithCode(cents, order.currency)
  const payment = countingPayment(order, payments)
  const contact = mailLink(shop.supportEmail, words.order(order.number))

  return {
    facts: [
      { label: said.seller, text: [shop.name, ' · ', contact] },
      { label: said.number, text: [order.number] },
      { label: said.paidOn, text: [fullMoment(paidAt(order, payment), shop.timeZone)] },
      ...(payment ? paymentFacts(payment, words) : []),
    ],
    lines: items.map((item) => ({
      name: item.productName,
      detail: said.quantityAndPrice(item.quantity, money(item.unitPriceCents)),
      total: money(item.totalCents),
    })),
    totals: [
      { label: said.paid, amount: money(order.paidCents) },
      ...(order.refundedCents > 0
        ? [
            { label: said.refunded, amount: `−${money(order.refundedCents)}` },
            { label: said.remaining, amount: money(order.paidCents - order.refundedCents) },
          ]
        : []),
    ],
    ...(order.status === 'disputed' && { dispute: said.disputed(money(order.disputedCents)) }),
  }
}

function paymentFacts(payment: Payment, words: Words['orders']) {
  return [
    { label: words.receipt.paidWith, text: [methodText(payment, words)] },
    { label: words.receipt.payment, text: [payment.id] },
  ]
}

function paidAt(order: Order, payment: Payment | undefined): Date {
  return order.paidAt ?? payment?.createdAt ?? order.updatedAt
}
