import { reviewMark } from '../../../checkout/accept-review.ts'
import { isConfirmed } from '../../../checkout/settle-order.ts'
import { timestamp } from '../../../clock.ts'
import { hasRight, type User } from '../../../merchants/user.ts'
import { formatMoney } from '../../../money.ts'
import { type OrderStatus, STATUS_RULES } from '../../../orders/order.ts'
import type { DeskOrder } from '../../../orders/queries/desk-order.ts'
import { refundableOf } from '../../../orders/refundable.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import type { LayoutContext } from '../../layout.ts'
import type { Text, TimePart } from '../../orders/text.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { type AreaField, withError } from '../fields.ts'
import { type MailRow, mailRows, type ReadMail } from './mails-part.ts'
import { LONGEST_NOTE, type NoteProblem } from './note.ts'
import { amountOf, type OrderView, type OrderWords, timeOf } from './order-view.ts'
import { ORDERS_PATH, orderDeskPath } from './paths.ts'
import { type PaymentPart, paymentPart, type TryRow, tryRows } from './payment-part.ts'
import {
  type DisputeRow,
  dealNoteId,
  dealNoteProblem,
  disputeRows,
  type RefundRow,
  refundRows,
} from './refunds-part.ts'
import { type StatusTag, statusTag } from './status-tag.ts'
import { type TimelineLine, timelineLines } from './timeline-part.ts'

export type DeskOrderPage = {
  layout: DeskLayout
  words: OrderWords
  errors?: FormErrors
  notice?: string
  hooks: { status: OrderStatus; number: string; checking: boolean; updatedAt: string }
  listUrl: string
  heading: string
  tag: StatusTag
  placed: TimePart
  fulfilled?: Text
  /** That JustiFi has not confirmed how it stands, and how long it has been silent. */
  checking: Text[]
  lastChecked: Text
  review?: ReviewPart
  items: { name: string; quantity: number; price: string; total: string }[]
  total: string
  customer: { name: string; email: string; mailto: string }
  payment: PaymentPart
  tries: TryRow[]
  refunds: RefundRow[]
  disputes: DisputeRow[]
  mails: MailRow[]
  timeline: TimelineLine[]
  actions: Action[]
}

/** A form of one button. `undo` is a field that it carries. */
export type Action = { id: string; label: string; postTo: string; undo?: boolean; hint?: string }

type ReviewPart = {
  what: string
  todo: string
  /** For who may decide. */
  form?: { action: string; shown: string; note: AreaField }
  refundUrl?: string
}

/** What is wrong with a form of the page. `changed`: the review was of what is no longer so. */
export type OrderPageProblem =
  | { form: 'review'; note: string; problem: NoteProblem | 'changed' }
  | { form: 'refund'; note: string; problem: NoteProblem; refundId: string }

type ReviewProblem = Extract<OrderPageProblem, { form: 'review' }>

export type DeskOrderGiven = {
  ctx: LayoutContext
  visit: DeskVisit
  seen: DeskOrder
  mails: readonly ReadMail[]
  users: readonly User[]
  resendKey: string
  problem?: OrderPageProblem | undefined
  notice?: string | undefined
  now: Date
}

export function deskOrderPage(given: DeskOrderGiven): DeskOrderPage {
  const { ctx, visit, seen, problem, notice, now } = given
  const {
    orders: customerWords,
    desk: deskWords,
    deskOrders: listWords,
  } = wordsFor(visit.shop.language)
  const words = listWords.order
  const users = new Map(given.users.map((user) => [user.email, user]))
  const view = { seen, visit, words, listWords, deskWords, customerWords, users, now }
  const { order } = seen
  const errors = formErrors(visit.shop.language, problemTexts(problem, listWords))
  const review = reviewPart(view, problem?.form === 'review' ? problem : undefined)
  const wrongRefund = problem?.form === 'refund' ? problem : undefined

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-order', part: 'orders', title: words.title(order.number) },
      hasErrors: errors !== undefined,
      script: 'desk.js',
    }),
    words,
    ...(errors && { errors }),
    ...(notice && { notice }),
    hooks: {
      status: order.status,
      number: order.number,
      checking: !isConfirmed(order, now),
      updatedAt: timestamp(order.updatedAt),
    },
    listUrl: ORDERS_PATH,
    heading: words.title(order.number),
    tag: statusTag(order.status, listWords),
    placed: timeOf(view, order.createdAt),
    ...(seen.fulfilledAt && { fulfilled: words.fulfilled(timeOf(view, seen.fulfilledAt)) }),
    checking: checkingTexts(view),
    lastChecked: order.answeredAt
      ? words.lastChecked(timeOf(view, order.answeredAt))
      : [words.neverChecked],
    ...(review && { review }),
    items: seen.items.map((item) => ({
      name: item.productName,
      quantity: item.quantity,
      price: formatMoney(item.unitPriceCents, order.currency),
      total: formatMoney(item.totalCents, order.currency),
    })),
    total: amountOf(view, order.totalCents),
    customer: {
      name: order.customerName,
      email: order.customerEmail,
      mailto: `mailto:${encodeURIComponent(order.customerEmail).replace('%40', '@')}`,
    },
    payment: paymentPart(view),
    tries: tryRows(view),
    refunds: refundRows(view, wrongRefund),
    disputes: disputeRows(view),
    mails: mailRows(view, given.mails, given.resendKey),
    timeline: timelineLines(view),
    actions: actionsOf(view),
  }
}

function problemTexts(problem: OrderPageProblem | undefined, words: Words['deskOrders']) {
  if (!problem) return {}
  return problem.form === 'review'
    ? { note: reviewProblem(problem, words) }
    : { [dealNoteId(problem.refundId)]: dealNoteProblem(problem.problem, words) }
}

function reviewProblem({ problem }: ReviewProblem, words: Words['deskOrders']): string {
  if (problem === 'too_long') return words.longNote(LONGEST_NOTE)
  return problem === 'missing' ? words.order.review.noNote : words.order.review.changed
}

function checkingTexts(view: OrderView): Text[] {
  const { seen, words, now } = view
  const { order, unansweredSince } = seen
  return [
    ...(isConfirmed(order, now) ? [] : [[words.checking]]),
    ...(unansweredSince && STATUS_RULES[order.status].open
      ? [words.unanswered(timeOf(view, unansweredSince))]
      : []),
  ]
}

function reviewPart(
  { seen, visit, words, listWords }: OrderView,
  problem: ReviewProblem | undefined,
): ReviewPart | undefined {
  const { order } = seen
  if (order.status !== 'needs_review' || order.reason === null) return undefined
  const path = orderDeskPath(order.number)
  const refundable = refundableOf(order, seen.payments, seen.refunds)
  const isSurplus = 'isSurplus' in refundable && refundable.isSurplus
  const note = withError<AreaField>(
    {
      ...{ id: 'note', label: words.review.note, hint: words.review.noteHint(LONGEST_NOTE) },
      ...{ rows: 3, maxLength: LONGEST_NOTE },
      value: problem?.note ?? '',
    },
    problem && reviewProblem(problem, listWords),
  )
  return {
    ...words.reviews[order.reason],
    ...(hasRight(visit.user, 'work') && {
      form: { action: `${path}/review`, shown: reviewMark(order, seen.payments), note },
    }),
    ...(isSurplus && hasRight(visit.user, 'refund') && { refundUrl: `${path}/refund` }),
  }
}

function actionsOf({ seen, visit, words }: OrderView): Action[] {
  if (!hasRight(visit.user, 'work')) return []
  const { order, fulfilledAt } = seen
  const path = orderDeskPath(order.number)
  const said = words.actions

  return [
    ...(order.intentId ? [{ id: 'check', label: said.check, postTo: `${path}/check` }] : []),
    ...(fulfilledAt
      ? [{ id: 'fulfil', label: said.unfulfil, postTo: `${path}/fulfil`, undo: true }]
      : []),
    ...(!fulfilledAt && isFulfillable(order.status)
      ? [{ id: 'fulfil', label: said.fulfil, postTo: `${path}/fulfil` }]
      : []),
    ...(STATUS_RULES[order.status].cancellable
      ? [{ id: 'cancel', label: said.cancel, postTo: `${path}/cancel`, hint: said.cancelHint }]
      : []),
  ]
}

/** Goods go out for money that is there. A dispute may be answered by having sent them. */
export function isFulfillable(status: OrderStatus): boolean {
  return status === 'paid' || status === 'partially_refunded' || status === 'disputed'
}
