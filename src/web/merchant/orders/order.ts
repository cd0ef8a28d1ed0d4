import type { Request, RequestHandler, Response } from 'express'
import { acceptReview, type ReviewResult } from '../../../checkout/accept-review.ts'
import { cancelOrder } from '../../../checkout/cancel-order.ts'
import { settleOrder } from '../../../checkout/settle-order.ts'
import type { AppContext } from '../../../context.ts'
import { PageNotFoundError } from '../../../errors.ts'
import { newSecret } from '../../../ids.ts'
import { listOrderMails } from '../../../mail/queries.ts'
import { resendMail } from '../../../mail/resend-mail.ts'
import { hasRight } from '../../../merchants/user.ts'
import { listUsers } from '../../../merchants/user-queries.ts'
import { formatMoney } from '../../../money.ts'
import { dealWithRefund } from '../../../orders/deal-with-refund.ts'
import { fulfilOrder } from '../../../orders/fulfil-order.ts'
import type { Order } from '../../../orders/order.ts'
import { type DeskOrder, getDeskOrder } from '../../../orders/queries/desk-order.ts'
import { recordTimeline, type TimelineEntry, type Witness } from '../../../orders/timeline.ts'
import { wordsFor } from '../../../words/words.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { deskOf } from '../desk.ts'
import { readMails } from './mails-part.ts'
import { readNote } from './note.ts'
import { deskOrderPage, isFulfillable, type OrderPageProblem } from './order-page.ts'
import { orderDeskPath } from './paths.ts'
import { dealNoteId } from './refunds-part.ts'

const MAILS_ON_A_PAGE = 30

/** GET /merchant/orders/:number */
export function showOrder(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const seen = await orderOf(ctx, req, res)
    await renderOrder(ctx, res, seen, { notice: noticeOf(req, res, seen) })
  }
}

/**
 * The order that a path names, of the merchant who is signed in.
 *
 * @throws OrderNotFoundError
 */
export function orderOf(ctx: AppContext, req: Request, res: Response): Promise<DeskOrder> {
  return getDeskOrder(ctx.db, deskOf(res).shop.merchantId, String(req.params.number))
}

async function renderOrder(
  ctx: AppContext,
  res: Response,
  seen: DeskOrder,
  more: { problem?: OrderPageProblem; notice?: string | undefined },
): Promise<void> {
  const visit = deskOf(res)
  const said = wordsFor(visit.shop.language).deskOrders.order.mails
  const instead = hasRight(visit.user, 'work') ? undefined : said.linkLeftOut
  const [mails, users] = await Promise.all([
    listOrderMails(ctx.db, seen.order, MAILS_ON_A_PAGE).then((listed) =>
      readMails(ctx, listed, instead),
    ),
    listUsers(ctx.db, visit.shop.merchantId),
  ])
  const now = ctx.clock.now()
  const given = { ctx, visit, seen, mails, users, resendKey: newSecret(), now, ...more }
  const page = deskOrderPage(given)
  render(res, 'merchant/orders/order', page, page.errors ? 422 : 200)
}

/** Asks JustiFi now, however lately it was asked. */
export function checkOrder(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = await orderOf(ctx, req, res)
    const { confirmed } = await settleOrder(ctx, order.id, witnessOf(res))
    await tell(ctx, res, order, { kind: 'checked', data: { confirmed } })
    backTo(res, order.number, confirmed ? 'checked' : 'not_checked')
  }
}

export function cancelDeskOrder(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = await orderOf(ctx, req, res)
    const outcome = await cancelOrder(ctx, order.id, witnessOf(res))
    if (outcome !== 'cancelled') {
      await tell(ctx, res, order, { kind: 'cancel_tried', data: { outcome } })
    }
    backTo(res, order.number, outcome === 'unknown' ? 'cancel_unknown' : outcome)
  }
}

/** With `undo` the order is no longer fulfilled. */
export function fulfilDeskOrder(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order, fulfilledAt } = await orderOf(ctx, req, res)
    const isUndone = formFields(req).undo === 'yes'
    if (!isUndone && fulfilledAt === null && !isFulfillable(order.status)) {
      return backTo(res, order.number, 'not_fulfillable')
    }
    await fulfilOrder(ctx, order, !isUndone, witnessOf(res))
    backTo(res, order.number, isUndone ? 'not_fulfilled' : 'fulfilled')
  }
}

/** A person takes an order as it is, and says why. */
export function reviewOrder(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const seen = await orderOf(ctx, req, res)
    const { order } = seen
    const fields = formFields(req)
    const { note, problem } = readNote(fields.note)
    if (problem) return renderOrder(ctx, res, seen, { problem: { form: 'review', note, problem } })

    const review = { note, shown: fields.shown ?? '' }
    const { kind } = await acceptReview(ctx, order, review, witnessOf(res))
    if (kind === 'changed') {
      const now = await orderOf(ctx, req, res)
      return renderOrder(ctx, res, now, { problem: { form: 'review', note, problem: kind } })
    }
    const isKept =
      kind === 'accepted_before' && (await isOnTimeline(ctx, req, res, 'review_accepted', { note }))
    backTo(res, order.number, isKept ? 'reviewed' : REVIEW_NOTICES[kind])
  }
}

const REVIEW_NOTICES = {
  accepted: 'reviewed',
  accepted_before: 'reviewed_before',
  not_needed: 'not_reviewable',
} as const satisfies Partial<Record<ReviewResult['kind'], string>>

/** A person has seen to it that a refund failed, or that its outcome is not known. */
export function dealWithRefundOfOrder(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const seen = await orderOf(ctx, req, res)
    const refund = seen.refunds.find(({ id }) => id === req.params.refund)
    if (!refund) throw new PageNotFoundError('the order has no such refund')
    const fields = formFields(req)
    const { note, problem } = readNote(fields[dealNoteId(refund.id)] ?? fields.note)
    if (problem) {
      const wrong = { form: 'refund', refundId: refund.id, note, problem } as const
      return renderOrder(ctx, res, seen, { problem: wrong })
    }
    const { number } = seen.order
    const won = await dealWithRefund(ctx, refund, note, witnessOf(res))
    const data = { refundId: refund.id, note }
    if (won || (await isOnTimeline(ctx, req, res, 'refund_dealt_with', data))) {
      return backTo(res, number, 'dealt_with')
    }
    const now = await orderOf(ctx, req, res)
    const isDealtWith = now.refunds.some(({ id, dealtWithAt }) => id === refund.id && dealtWithAt)
    backTo(res, number, isDealtWith ? 'dealt_with_before' : 'not_to_deal_with')
  }
}

/**
 * Whether who signed in has told this of the order already: a form that is sent twice is not
 * somebody else's.
 */
async function isOnTimeline(
  ctx: AppContext,
  req: Request,
  res: Response,
  kind: TimelineEntry['kind'],
  data: Record<string, string>,
): Promise<boolean> {
  const { timeline } = await orderOf(ctx, req, res)
  const { actor } = witnessOf(res)
  return timeline.some(
    (entry) =>
      entry.kind === kind &&
      entry.actor === actor &&
      Object.entries(data).every(([name, value]) => entry.data[name] === value),
  )
}

/** Puts a mail down to be sent again. The same `resend_key` again sends no other. */
export function resendOrderMail(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = await orderOf(ctx, req, res)
    const mails = await listOrderMails(ctx.db, order, MAILS_ON_A_PAGE)
    const mail = mails.find(({ id }) => id === req.params.mail)
    if (!mail) throw new PageNotFoundError('the order has no such mail')

    await resendMail(ctx, mail, formFields(req).resend_key, witnessOf(res))
    backTo(res, order.number, 'mail_resent')
  }
}

/** That somebody acted, also where it changed nothing. */
function tell(ctx: AppContext, res: Response, order: Order, entry: TimelineEntry): Promise<void> {
  return recordTimeline(ctx.db, order, [entry], witnessOf(res), ctx.clock.now())
}

export function witnessOf(res: Response): Witness {
  return { source: 'merchant', actor: deskOf(res).user.email }
}

export function backTo(res: Response, number: string, notice: string): void {
  res.redirect(303, `${orderDeskPath(number)}?notice=${notice}`)
}

/** News after a redirect. What became of a refund is told as it stands when the page is shown. */
function noticeOf(req: Request, res: Response, seen: DeskOrder): string | undefined {
  const { notices, refund: refundWords } = wordsFor(deskOf(res).shop.language).deskOrders.order
  const name = String(req.query.notice)
  const refund = seen.refunds.find(({ id }) => id === req.query.refund)
  if (refund) {
    const amount = formatMoney(refund.amountCents, seen.order.currency)
    return refundWords.results[refund.outcome](amount)
  }
  return Object.hasOwn(notices, name) ? notices[name as keyof typeof notices] : undefined
}
