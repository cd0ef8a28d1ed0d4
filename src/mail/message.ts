import { formatFullMoment } from '../local-time.ts'
import type { Shop } from '../merchants/shop.ts'
import { formatMoneyWithCode } from '../money.ts'
import type { Order, OrderDetails, Payment, ReviewReason } from '../orders/order.ts'
import { countingPayment, failureText, methodText } from '../orders/payment-text.ts'
import { outcomeIsUncertain } from '../orders/uncertain-payment.ts'
import { type Words, wordsFor } from '../words/words.ts'
import { MERCHANT_MAIL_KINDS, type NewMail } from './outbox.ts'

/** A mail before it has a form. Every text is one line. */
export type Message = {
  language: string
  subject: string
  shop: string
  heading: string
  text: string[]
  warning?: string
  /** What was ordered; absent where the mail is not about that. */
  order?: { heading: string; lines: Row[]; total: Row; facts: Row[] }
  /** The first is the one that the mail is for. */
  links: { label: string; url: string }[]
  footer: string[]
}
type Row = { label: string; text: string }

export type Telling = {
  mail: Pick<NewMail, 'kind' | 'data'>
  details: OrderDetails
  shop: Shop
  urls: { order: string; receipt: string; merchantOrder: string }
}

/** Longer names are cut: in a subject and a list nobody reads more. */
const LONGEST_NAME = 120

/** Says what a mail of the outbox has to tell, by the order as it is now. */
export function messageOf(telling: Telling): Message {
  const { mail, details, shop } = telling
  const words = wordsFor(shop.language)
  const told = words.mails.byKind[mail.kind](factsOf(telling, words))
  const summary = SUMMARIES.get(mail.kind)

  return {
    language: shop.language,
    subject: oneLine(told.subject),
    shop: name(shop.name),
    heading: told.heading,
    text: told.text,
    ...(told.warning && { warning: told.warning }),
    ...(summary && { order: orderOf(details, shop, words, summary) }),
    links: linksOf(telling, words.mails),
    footer: footerOf(telling, words.mails),
  }
}

/** Which mails list what was ordered, and whether it is paid by then. */
const SUMMARIES = new Map<NewMail['kind'], 'ordered' | 'paid'>([
  ['order_placed', 'ordered'],
  ['bank_payment_pending', 'ordered'],
  ['payment_failed', 'ordered'],
  ['order_paid', 'paid'],
  ['merchant_order_paid', 'paid'],
])

function factsOf({ mail, details, shop }: Telling, words: Words) {
  const { order, payments } = details
  const { data } = mail
  const money = (cents: number) => formatMoneyWithCode(cents, order.currency)
  const amountCents =
    typeof data.amountCents === 'number'
      ? data.amountCents
      : order.disputedCents || order.totalCents
  const underWay = payments.findLast(({ status }) => UNDER_WAY.has(status))

  return {
    number: order.number,
    shop: name(shop.name),
    // What a reviewer accepted may differ from the total.
    paid: money(order.paidCents || order.totalCents),
    amount: money(amountCents),
    method: methodText(countingPayment(order, payments), words.orders),
    byCard: underWay?.method === 'card',
    failure: failureOf(payments, data.errorCode, words.orders),
    review: words.mails.review[data.reason as ReviewReason] ?? words.mails.reviewUnnamed,
    disputeStatus: typeof data.status === 'string' ? data.status : undefined,
  }
}

const UNDER_WAY = new Set(['pending', 'authorized'])

function failureOf(
  payments: readonly Payment[],
  errorCode: string | number | null | undefined,
  words: Words['orders'],
): string {
  const failed = payments.filter(({ status }) => status === 'failed')
  const meant = failed.findLast((payment) => payment.errorCode === errorCode) ?? failed.at(-1)
  if (!meant) return words.failed.reasons.bank_declined
  return outcomeIsUncertain(meant) ? words.failed.uncertain : failureText(meant, words)
}

function orderOf(
  { order, items, payments }: OrderDetails,
  shop: Shop,
  words: Words,
  summary: 'ordered' | 'paid',
): NonNullable<Message['order']> {
  const said = words.mails
  const money = (cents: number) => formatMoneyWithCode(cents, order.currency)
  const payment = countingPayment(order, payments)
  const facts: Row[] = []
  if (summary === 'paid') {
    facts.push({ label: said.paidOn, text: formatFullMoment(paidAt(order), shop.timeZone) })
    if (payment) facts.push({ label: said.paidWith, text: methodText(payment, words.orders) })
  }
  return {
    heading: said.order(order.number),
    lines: items.map((item) => ({
      label: said.line(name(item.productName), item.quantity),
      text: money(item.totalCents),
    })),
    total: { label: said.total, text: money(order.totalCents) },
    facts,
  }
}

function paidAt(order: Order): Date {
  return order.paidAt ?? order.updatedAt
}

function linksOf({ mail, urls }: Telling, words: Words['mails']): Message['links'] {
  if (isForMerchant(mail.kind)) return [{ label: words.openOrder, url: urls.merchantOrder }]
  const order = { label: words.seeOrder, url: urls.order }
  const receipt = { label: words.seeReceipt, url: urls.receipt }
  return mail.kind === 'order_paid' ? [receipt, order] : [order]
}

function footerOf({ mail, details, shop }: Telling, words: Words['mails']): string[] {
  if (isForMerchant(mail.kind)) return [words.whyMerchant(name(shop.name))]
  const { number } = details.order
  return [
    words.why(number, name(shop.name)),
    words.help(number, oneLine(shop.supportEmail)),
    words.keepLink,
  ]
}

export function isForMerchant(kind: NewMail['kind']): boolean {
  return (MERCHANT_MAIL_KINDS as readonly string[]).includes(kind)
}

// Line breaks and other controls, of which one could begin a header or a line that is not ours, and
// the marks that turn the direction of the text after them.
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu

export function oneLine(text: string): string {
  return text.toWellFormed().replace(CONTROLS, ' ').trim()
}

/** A name that somebody typed, fit to stand in a line of ours. */
function name(text: string): string {
  const line = oneLine(text.slice(0, LONGEST_NAME * 4))
  return line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME - 1)}…`.toWellFormed() : line
}
