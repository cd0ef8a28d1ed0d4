import { formatMoney } from '../../money.ts'
import { type OrderStatus, type ReviewReason, STATUS_RULES } from '../../orders/order.ts'
import { countingPayment, failureText, methodText } from '../../orders/payment-text.ts'
import { outcomeIsUncertain, uncertainUntil } from '../../orders/uncertain-payment.ts'
import type { Words } from '../../words/words.ts'
import type { Offer } from './actions.ts'
import { contactLink, type Seen, type Standing } from './standing.ts'
import { confirming, unconfirmed } from './standing-unconfirmed.ts'
import { moment, type Part, type Text } from './text.ts'

/** Decides by status, and by whether JustiFi has confirmed it just now. */
export function standingOf(seen: Seen): Standing {
  const { order, checking } = seen
  if (!checking) return STANDINGS[order.status](seen)
  // What an unpaid order's page offers and claims holds only while JustiFi says that it is unpaid.
  if (STATUS_RULES[order.status].payable) return confirming(seen)
  return unconfirmed(STANDINGS[order.status](seen), seen)
}

const STANDINGS: Record<OrderStatus, (seen: Seen) => Standing> = {
  awaiting_payment: awaiting,
  processing,
  paid,
  failed,
  cancelled,
  expired,
  partially_refunded: partiallyRefunded,
  refunded,
  disputed,
  needs_review: inReview,
}

function awaiting({ order, shop, now, words }: Seen): Standing {
  const said = words.awaiting
  const text: Text[] = []
  if (order.answeredAt) text.push(said.checked(moment(order.answeredAt, shop.timeZone, now)))
  else text.push([said.kept])

  if (order.pageEndsAt && order.pageEndsAt > now) {
    text.push(said.openUntil(moment(order.pageEndsAt, shop.timeZone, now)))
  } else if (order.pageEndsAt) text.push([said.pageEnded])

  return { tone: 'waiting', heading: said.heading, text, offers: ['goToPayment', 'cancel'] }
}

function processing({ payments, words }: Seen): Standing {
  const said = words.processing
  const byCard = payments.some(
    ({ status, method }) => method === 'card' && (status === 'pending' || status === 'authorized'),
  )
  return {
    tone: 'waiting',
    heading: byCard ? said.cardHeading : said.heading,
    text: [[byCard ? said.cardBody : said.body]],
    warning: words.doNotPayAgainShort,
    offers: ['checkAgain', 'print'],
  }
}

function paid({ order, shop, words }: Seen): Standing {
  const amount = formatMoney(order.paidCents, order.currency)
  return {
    tone: 'good',
    heading: words.paid.heading,
    text: [[words.paid.thanks(amount, order.number)], [words.paid.next(shop.name)]],
    offers: ['receipt', 'toShop'],
  }
}

function failed(seen: Seen): Standing {
  const { payments, words } = seen
  const said = words.failed
  const offers: Offer[] = ['tryAgain', 'cancel']
  const last = payments.findLast((payment) => payment.status === 'failed')
  if (!last) {
    return { tone: 'bad', heading: said.heading, text: [[said.notTaken]], offers }
  }

  const method: Text[] = last.lastFour ? [[said.triedWith(methodText(last, words))]] : []
  if (outcomeIsUncertain(last)) return uncertain(seen, method)
  const text = [[failureText(last, words)], ...method, [said.notTaken]]
  return { tone: 'bad', heading: said.heading, text, offers }
}

/** The bank's answer may still come, and there is no way to pay until it would have. */
function uncertain(seen: Seen, method: Text[]): Standing {
  const { order, payments, shop, now, words } = seen
  const said = words.failed
  const contact = contactLink(seen)
  const known: Standing = {
    tone: 'waiting',
    heading: said.uncertainHeading,
    text: [[said.uncertain], ...method],
    offers: ['tryAgain', 'cancel'],
  }
  const until = uncertainUntil(payments, now)
  if (!until) {
    return { ...known, text: [...known.text, words.contact<Part>(contact, order.number)] }
  }
  const payableFrom = moment(until, shop.timeZone, now)
  return {
    ...known,
    text: [...known.text, said.payableFrom<Part>(payableFrom, contact, order.number)],
    warning: words.doNotPayAgain,
    offers: ['checkAgain'],
  }
}

function cancelled({ order, checking, words }: Seen): Standing {
  const said = words.cancelled
  // A page that was opened can still be paid on, so only JustiFi knows that nobody did.
  const knownUnpaid = !checking && (order.answeredAt !== null || order.pageEndsAt === null)
  return {
    tone: 'calm',
    heading: said.heading,
    text: [
      [said.body(order.number)],
      ...(knownUnpaid ? [[said.notTaken]] : []),
      ...(order.pageEndsAt ? [[said.closePage]] : []),
    ],
    offers: ['toShop'],
  }
}

function expired({ order, words }: Seen): Standing {
  return {
    tone: 'calm',
    heading: words.expired.heading,
    text: [[words.expired.body(order.number)], [words.expired.payNow]],
    offers: ['payNow', 'toShop', 'cancel'],
  }
}

function partiallyRefunded(seen: Seen): Standing {
  const { order, payments, words } = seen
  const method = methodText(countingPayment(order, payments), words)
  const back = formatMoney(order.refundedCents, order.currency)
  const paidText = formatMoney(order.paidCents, order.currency)
  return {
    tone: 'calm',
    heading: words.partiallyRefunded.heading,
    text: [[words.partiallyRefunded.body(back, paidText, method)], [words.bankDecides]],
    offers: ['receipt', 'toShop'],
  }
}

function refunded({ order, payments, words }: Seen): Standing {
  const method = methodText(countingPayment(order, payments), words)
  const back = formatMoney(order.refundedCents, order.currency)
  return {
    tone: 'calm',
    heading: words.refunded.heading,
    text: [[words.refunded.body(back, method)], [words.bankDecides]],
    offers: ['receipt', 'toShop'],
  }
}

function disputed(seen: Seen): Standing {
  const { order, words } = seen
  return {
    tone: 'waiting',
    heading: words.disputed.heading,
    text: [
      [words.disputed.body(formatMoney(order.disputedCents, order.currency))],
      words.contact<Part>(contactLink(seen), order.number),
    ],
    offers: ['receipt'],
  }
}

function inReview(seen: Seen): Standing {
  const { order, words } = seen
  const contact = words.contact<Part>(contactLink(seen), order.number)
  if (order.reason === 'paid_after_cancel') {
    const { heading, body } = words.review.paidAfterCancel
    const amount = formatMoney(order.paidCents, order.currency)
    return { tone: 'waiting', heading, text: [[body(amount)], contact], offers: [] }
  }
  const what = order.reason ? REVIEW_TEXT[order.reason](words.review) : words.review.ifNeeded
  return {
    tone: 'waiting',
    heading: words.review.heading,
    text: [[words.review.body], [what], contact],
    warning: words.doNotPayAgainShort,
    offers: [],
  }
}

/** Mismatches are told to the merchant in full; the customer is told what it means for them. */
const REVIEW_TEXT: Record<
  Exclude<ReviewReason, 'paid_after_cancel'>,
  (words: Words['orders']['review']) => string
> = {
  amount_mismatch: (words) => words.ifNeeded,
  currency_mismatch: (words) => words.ifNeeded,
  account_mismatch: (words) => words.ifNeeded,
  mode_mismatch: (words) => words.ifNeeded,
  provider_denies: (words) => words.ifNeeded,
  paid_twice: (words) => words.paidTwice,
  payment_reversed: (words) => words.reversed,
}
