import { createHash } from 'node:crypto'
import type { AppContext } from '../context.ts'
import type { Order, OrderName, Payment } from '../orders/order.ts'
import { changeOrderWith } from '../orders/queries/change-order.ts'
import { getOrderOf, listPayments } from '../orders/queries/find-order.ts'
import type { Witness } from '../orders/timeline.ts'
import { settleOrder } from './settle-order.ts'
import { reviewedFacts } from './settlement.ts'

/**
 * `accepted_before`: somebody had accepted this already, so the note was not kept. `changed`: the
 * reason, or the money, is no longer what was looked at. `not_needed`: the order needs no review, and
 * never was accepted for this.
 */
export type ReviewResult = {
  kind: 'accepted' | 'accepted_before' | 'changed' | 'not_needed'
  order: Order
}

/** Names a reason and the money that it is about, as somebody was shown them. */
export function reviewMark(order: Order, payments: readonly Payment[]): string {
  return markOf(order.reason, reviewedFacts(order, payments))
}

function markOf(reason: string | null, facts: string): string {
  return createHash('sha256').update(`${reason}: ${facts}`).digest('base64url')
}

/**
 * A person has looked at why an order needs review, and takes it as it is. Their acceptance covers
 * the reason and the money that they were shown; `settlement` then decides again, and other money or
 * another reason brings the order back.
 *
 * @param shown the `reviewMark` of what they saw
 * @throws OrderNotFoundError also for another merchant's order
 */
export async function acceptReview(
  ctx: AppContext,
  name: OrderName,
  { note, shown }: { note: string; shown: string },
  witness: Witness,
): Promise<ReviewResult> {
  const order = await getOrderOf(ctx.db, name)
  const { reason, acceptedReviews } = order
  if (order.status !== 'needs_review' || reason === null) {
    const isSame = acceptedReviews.some((one) => markOf(one.reason, one.facts) === shown)
    return { kind: isSame ? 'accepted_before' : 'not_needed', order }
  }
  const facts = reviewedFacts(order, await listPayments(ctx.db, order.id))
  if (markOf(reason, facts) !== shown) return { kind: 'changed', order }

  const won = await changeOrderWith(
    ctx.db,
    order,
    { accepted_reviews: JSON.stringify([...acceptedReviews, { reason, facts }]) },
    [{ kind: 'review_accepted', data: { reason, note } }],
    witness,
    ctx.clock.now(),
  )
  // Whoever was faster may have brought other money: it is compared anew.
  if (!won) return acceptReview(ctx, name, { note, shown }, witness)
  return { kind: 'accepted', order: (await settleOrder(ctx, order.id, witness)).order }
}
