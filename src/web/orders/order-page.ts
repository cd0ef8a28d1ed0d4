import { timestamp } from '../../clock.ts'
import type { Shop } from '../../merchants/shop.ts'
import { formatMoney, formatMoneyWithCode } from '../../money.ts'
import {
  type Order,
  type OrderDetails,
  type OrderStatus,
  STATUS_RULES,
} from '../../orders/order.ts'
import { countingPayment, methodText } from '../../orders/payment-text.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type Layout, type LayoutContext, layoutFor } from '../layout.ts'
import { type Action, actionsOf } from './actions.ts'
import { standingOf } from './order-standing.ts'
import { orderPath } from './paths.ts'
import type { Standing } from './standing.ts'
import { moment, type Text } from './text.ts'

export type OrderPageInput = {
  ctx: LayoutContext
  details: OrderDetails
  shop: Shop
  token: string
  /** JustiFi could not be asked, or the customer has just returned and it has not confirmed yet. */
  checking: boolean
  notice: OrderNotice | undefined
  now: Date
}

export type OrderPage = {
  layout: Layout
  hooks: OrderHooks
  notice?: string
  standing: Omit<Standing, 'offers'>
  actions: Action[]
  summary: OrderSummary
}

/** What scripts and tools find on `<main>`. */
export type OrderHooks = {
  status: OrderStatus
  number: string
  checking: boolean
  /** The order's permanent page, whatever address shows it now. */
  url: string
  updatedAt: string
  /** Present while news is expected; the page's script asks there. */
  statusUrl?: string
}

export type OrderSummary = {
  heading: string
  lines: { text: string; total: string }[]
  total: { label: string; text: string }
  facts: { label: string; text: Text }[]
  keepLink: string
}

/** What `?notice=` may say after an action was not carried out. */
const NOTICES = ['already_paid', 'not_payable', 'cannot_cancel', 'sold_out'] as const
export type OrderNotice = (typeof NOTICES)[number]

/** Undefined for anything but a notice that the order's page knows. */
export function orderNotice(value: unknown): OrderNotice | undefined {
  return NOTICES.find((notice) => notice === value)
}

/**
 * The page behind an order's link. Whoever has the link sees it, so it shows lines, totals and the
 * last four digits of a card, and never a name or an e-mail address.
 */
export function orderPage(input: OrderPageInput): OrderPage {
  const { ctx, details, shop, token, checking, now } = input
  const { order } = details
  const words = wordsFor(shop.language).orders
  const { offers, ...standing } = standingOf({ ...details, shop, checking, now, words })
  const notice = noticeText(input, words)

  return {
    layout: orderLayout(ctx, shop, words.title(standing.heading, order.number)),
    hooks: orderHooks(order, token, checking),
    ...(notice && { notice }),
    standing,
    actions: actionsOf(offers, { shop, token, words }),
    summary: summaryOf(input, words),
  }
}

export function orderLayout(ctx: LayoutContext, shop: Shop, title: string): Layout {
  return layoutFor({ ctx, page: 'order', title, shop, noindex: true, script: 'page.js' })
}

export function orderHooks(order: Order, token: string, checking: boolean): OrderHooks {
  const url = orderPath(token)
  const newsExpected = checking || STATUS_RULES[order.status].open
  return {
    status: order.status,
    number: order.number,
    checking,
    url,
    updatedAt: timestamp(order.updatedAt),
    ...(newsExpected && { statusUrl: `${url}/status.json` }),
  }
}

/** An address can be kept or made up, so a notice shows only where the order bears it out. */
function noticeText({ details, checking, notice }: OrderPageInput, words: Words['orders']) {
  const { status } = details.order
  const { payable, cancellable, money } = STATUS_RULES[status]
  const isTrue = {
    already_paid: money && status !== 'needs_review',
    not_payable: checking || !payable,
    cannot_cancel: checking || !cancellable,
    sold_out: payable,
  }
  return notice && isTrue[notice] ? words.notices[notice] : undefined
}

function summaryOf({ details, shop, now }: OrderPageInput, words: Words['orders']): OrderSummary {
  const { order, items, payments } = details
  const { currency } = order
  const said = words.summary
  const payment = countingPayment(order, payments)
  const facts = [
    { label: said.ordered, text: [moment(order.createdAt, shop.timeZone, now)] as Text },
  ]

  if (payment) facts.push({ label: said.paidWith, text: [methodText(payment, words)] })
  if (order.refundedCents > 0) {
    facts.push({ label: said.refunded, text: [formatMoney(order.refundedCents, currency)] })
  }
  return {
    heading: words.order(order.number),
    lines: items.map((item) => ({
      text: said.line(item.productName, item.quantity),
      total: formatMoney(item.totalCents, currency),
    })),
    total: { label: said.total, text: formatMoneyWithCode(order.totalCents, currency) },
    facts,
    keepLink: said.keepLink,
  }
}
