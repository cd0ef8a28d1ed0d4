import type { AppContext } from '../context.ts'
import type { Order } from '../orders/order.ts'
import { changeOrderWith } from '../orders/queries/change-order.ts'
import { getOrder, listPayments } from '../orders/queries/find-order.ts'
import type { Witness } from '../orders/timeline.ts'
import { settleOrder } from './settle-order.ts'
import { reviewedFacts } from './settlement.ts'

/**
 * A person has looked at why an order needs review, and takes it as it is. Their acceptance covers
 * this reason and this money; `settlement` then decides again, and other money or another reason
 * brings the order back.
 *
 * @returns the order afterwards; it is as it was where it needed no review
 * @throws OrderNotFoundError
 */
export async function acceptReview(
  ctx: AppContext,
  orderId: string,
  note: string,
  witness: Witness,
): Promise<Order> {
  const order = await getOrder(ctx.db, orderId)
  const { reason } = order
  if (order.status !== 'needs_review' || reason === null) return order

  const facts = reviewedFacts(order, await listPayments(ctx.db, orderId))
  const won = await changeOrderWith(
    ctx.db,
    order,
    { accepted_reviews: JSON.stringify([...order.acceptedReviews, { reason, facts }]) },
    [{ kind: 'review_accepted', data: { reason, note } }],
    witness,
    ctx.clock.now(),
  )
  if (!won) return acceptReview(ctx, orderId, note, witness)
  return (await settleOrder(ctx, orderId, witness)).order
}
