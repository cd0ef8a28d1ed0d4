import { recordDispute } from '../checkout/record-dispute.ts'
import { recordRefund } from '../checkout/record-refund.ts'
import { settleOrder } from '../checkout/settle-order.ts'
import type { AppContext } from '../context.ts'
import type { Order } from '../orders/order.ts'
import type { Settled } from '../orders/order-work.ts'
import { findOrderByIntent, findOrderByPayment } from '../orders/queries/find-order.ts'
import type { Witness } from '../orders/timeline.ts'
import type { JustifiEvent } from './event.ts'
import type { EventOutcome } from './event-queries.ts'

/** The order that an event is about, whosever it is. */
export async function findOrder(
  { db }: Pick<AppContext, 'db'>,
  event: JustifiEvent,
): Promise<Order | undefined> {
  if (event.intentId) return findOrderByIntent(db, event.intentId)
  if (event.paymentId) return findOrderByPayment(db, event.paymentId)
  return undefined
}

/** What is to be made of an event, whatever it says: `rung` where its order is to be asked about. */
export function outcomeOf(
  ctx: Pick<AppContext, 'justifi'>,
  event: JustifiEvent,
  order: Order | undefined,
): EventOutcome {
  if (event.accountType && event.accountType !== ctx.justifi.mode) return 'wrong_mode'
  if (!order) return 'unknown_object'
  if (event.accountId && event.accountId !== order.accountId) return 'account_mismatch'
  return 'rung'
}

/**
 * Asks JustiFi about what an event names, and then about its order.
 *
 * @throws JustifiError where what it names cannot be read
 */
export async function askAbout(
  ctx: AppContext,
  event: JustifiEvent,
  order: Order,
  witness: Witness,
): Promise<Settled> {
  const { accountId } = order
  const { refundId, disputeId } = event

  if (refundId) {
    await recordRefund(ctx, order, await ctx.justifi.getRefund({ accountId, refundId }), witness)
  } else if (disputeId) {
    await recordDispute(ctx, order, await ctx.justifi.getDispute({ accountId, disputeId }), witness)
  }
  return settleOrder(ctx, order.id, witness)
}
