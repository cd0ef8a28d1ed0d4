import type { Request, RequestHandler, Response, Router } from 'express'
import { cancelOrder } from '../../checkout/cancel-order.ts'
import { isConfirmed, settleOrder } from '../../checkout/settle-order.ts'
import type { AppContext } from '../../context.ts'
import type { Shop } from '../../merchants/shop.ts'
import { type Order, type OrderDetails, type Source, STATUS_RULES } from '../../orders/order.ts'
import { markReturned } from '../../orders/queries/change-order.ts'
import { getOrder, getOrderByToken } from '../../orders/queries/find-order.ts'
import { sameOriginOnly } from '../csrf.ts'
import { noStore } from '../headers.ts'
import { render } from '../render.ts'
import { siteRouter } from '../router.ts'
import { leadToPayment } from './lead-to-payment.ts'
import { orderNotice, orderPage } from './order-page.ts'
import { orderPath } from './paths.ts'
import { receiptPage } from './receipt-page.ts'

/** The customer's pages of one order. The token in the path is the right to see and to pay it. */
export function orderRoutes(ctx: AppContext): Router {
  const router = siteRouter()
  const guard = sameOriginOnly(ctx)

  router.use('/orders/:token', noStore)
  router.get('/orders/:token', showOrder(ctx))
  router.get('/orders/:token/after-payment', showAfterPayment(ctx))
  router.get('/orders/:token/back', showAfterBack(ctx))
  router.get('/orders/:token/status.json', showStatus(ctx))
  router.get('/orders/:token/receipt', showReceipt(ctx))
  router.post('/orders/:token/pay', guard, pay(ctx))
  router.post('/orders/:token/cancel', guard, cancel(ctx))

  return router
}

type Found = { details: OrderDetails; shop: Shop }

function showOrder(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    renderOrder(ctx, req, res, await lookAtOrder(ctx, req, 'order_page'))
  }
}

// Where JustiFi sends the customer after paying. The redirect proves nothing, so JustiFi is asked;
// it may show the payment a moment late, so the order remembers the return.
function showAfterPayment(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = (await findOrder(ctx, req)).details
    const isFirst = await noteReturn(ctx, order)

    await settleOrder(ctx, order.id, { source: 'after_payment' }, isFirst ? 'always' : 'recent')
    renderOrder(ctx, req, res, await findOrder(ctx, req))
  }
}

/** Answers whether this is the first return since a page was opened, of an order without money. */
async function noteReturn(ctx: AppContext, order: Order): Promise<boolean> {
  if (order.returnedAt !== null || STATUS_RULES[order.status].money) return false
  if (await markReturned(ctx.db, order, ctx.clock.now())) return true
  return noteReturn(ctx, await getOrder(ctx.db, order.id))
}

function showAfterBack(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = (await findOrder(ctx, req)).details
    await settleOrder(ctx, order.id, { source: 'back' }, 'recent')
    renderOrder(ctx, req, res, await findOrder(ctx, req))
  }
}

function showStatus(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = (await lookAtOrder(ctx, req, 'order_page')).details
    res.json({
      status: order.status,
      checking: !isConfirmed(order, ctx.clock.now()),
      updated_at: order.updatedAt.toISOString(),
    })
  }
}

function showReceipt(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const found = await findOrder(ctx, req)
    const page = receiptPage(shownIn(ctx, req, found))
    render(res, 'orders/receipt', page, page.status)
  }
}

function pay(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = (await findOrder(ctx, req)).details
    await leadToPayment(ctx, res, { orderId: order.id, token: tokenOf(req) }, 'pay')
  }
}

function cancel(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { order } = (await findOrder(ctx, req)).details
    const outcome = await cancelOrder(ctx, order.id, { source: 'cancel', actor: 'customer' })
    const path = orderPath(tokenOf(req))
    res.redirect(303, outcome === 'cancelled' ? path : `${path}?notice=cannot_cancel`)
  }
}

/** An order that may still change is asked about before it is shown. */
async function lookAtOrder(ctx: AppContext, req: Request, source: Source): Promise<Found> {
  const found = await findOrder(ctx, req)
  const { order } = found.details
  if (!STATUS_RULES[order.status].open || order.intentId === null) return found

  await settleOrder(ctx, order.id, { source }, 'recent')
  return findOrder(ctx, req)
}

function findOrder(ctx: AppContext, req: Request): Promise<Found> {
  return getOrderByToken(ctx.db, tokenOf(req))
}

function renderOrder(ctx: AppContext, req: Request, res: Response, found: Found): void {
  const notice = orderNotice(req.query.notice)
  render(res, 'orders/order', orderPage({ ...shownIn(ctx, req, found), notice }))
}

/** What the pages of an order are made of. */
function shownIn(ctx: AppContext, req: Request, found: Found) {
  const now = ctx.clock.now()
  return {
    ctx,
    ...found,
    token: tokenOf(req),
    checking: !isConfirmed(found.details.order, now),
    now,
  }
}

function tokenOf(req: Request): string {
  return String(req.params.token)
}
