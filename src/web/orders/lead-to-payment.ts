import type { Response } from 'express'
import { openCheckout, PaymentPageUnavailableError } from '../../checkout/open-checkout.ts'
import type { AppContext } from '../../context.ts'
import { type Source, STATUS_RULES } from '../../orders/order.ts'
import { getOrderByToken } from '../../orders/queries/find-order.ts'
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

    if (opened.kind === 'sold_out') {
      return res.redirect(303, `${orderPath(token)}?notice=sold_out`)
    }
    const { order } = (await getOrderByToken(ctx.db, token)).details
    const notice = STATUS_RULES[order.status].money ? 'already_paid' : 'not_payable'
    res.redirect(303, `${orderPath(token)}?notice=${notice}`)
  } catch (error) {
    if (!(error instanceof PaymentPageUnavailableError)) throw error
    const { mayBePaid } = error
    const found = await getOrderByToken(ctx.db, token)
    const page = paymentUnavailablePage({ ctx, ...found, token, mayBePaid })
    render(res, 'orders/payment-unavailable', page, page.status)
  }
}
