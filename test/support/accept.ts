import { acceptReview, type ReviewResult, reviewMark } from '../../src/checkout/accept-review.ts'
import type { AppContext } from '../../src/context.ts'
import { getOrder, listPayments } from '../../src/orders/queries/find-order.ts'
import type { Witness } from '../../src/orders/timeline.ts'

/** Accepts an order as it stands, as somebody does who has looked at it just now. */
export async function acceptAsItIs(
  ctx: AppContext,
  orderId: string,
  note: string,
  witness: Witness,
): Promise<ReviewResult> {
  const order = await getOrder(ctx.db, orderId)
  const shown = reviewMark(order, await listPayments(ctx.db, orderId))
  return acceptReview(ctx, order, { note, shown }, witness)
}
