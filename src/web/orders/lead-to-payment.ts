import type { Response } from 'express'
import { openCheckout, PaymentPageUnavailableError } from '../../checkout/open-checkout.ts'
import type { AppContext } from '../../context.ts'
import { OrderNotFoundError } from '../../errors.ts'
import { type Source, STATUS_RULES } from '../../orders/order.ts'
import { findOrderByToken } from '../../orders/queries/find-order.ts'
import { render } from '../render.ts'
import { orderPath } from './paths.ts'
import { paymentUnavailablePage } from './payment-unavailable-page.ts'

/**
 * Answers 302 to the page where the order is paid; 303 to the order's own page where it cannot be
 * paid now; and 502, with the order kept, where no payment page could be opened.
 */
export async function leadToPayment(
  ctx: AppContext,
  res: Response,
  { orderId, token }: { orderId: string; token: string },
  source: Source,
): Promise<void> {
  try {
    const opened = await openCheckout(ctx, orderId, source)
    if (opened.kind === 'page') return res.redirect(302, opened.url)

    const { order } = (await findOrder(ctx, token)).details
    const notice = STATUS_RULES[order.status].money ? 'already_paid' : 'not_payable'
    res.redirect(303, `${orderPath(token)}?notice=${notice}`)
  } catch (error) {
    if (!(error instanceof PaymentPageUnavailableError)) throw error
    const page = paymentUnavailablePage({ ctx, ...(await findOrder(ctx, token)), token })
    render(res, 'orders/payment-unavailable', page, page.status)
  }
}

async function findOrder(ctx: AppContext, token: string) {
  const found = await findOrderByToken(ctx.db, token)
  if (!found) throw new OrderNotFoundError('no order has this token')
  return found
}
