import type { AppContext } from '../context.ts'
import type { Transaction } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import type { CallOptions } from '../justifi/hosted-checkout.ts'
import type { Order, Source } from '../orders/order.ts'
import { changeOrder } from '../orders/queries/change-order.ts'
import { getOrder } from '../orders/queries/find-order.ts'
import { recordTimeline } from '../orders/timeline.ts'

/**
 * The order with its payment intent: one for its whole life, stored as soon as it is known. Where
 * an answer was lost, the same key and bytes find the intent that was made.
 *
 * @throws JustifiError
 */
export async function linkIntent(
  ctx: AppContext,
  order: Order,
  source: Source,
  options: CallOptions = {},
): Promise<Order & { intentId: string }> {
  if (order.intentId !== null) return { ...order, intentId: order.intentId }

  const intentId = await prepareIntent(ctx, order, options)
  const now = ctx.clock.now()
  await inTransaction(ctx.db, (trx) => storeIntent(trx, order, intentId, source, now))
  // Whoever stored it first, the key makes it the same intent.
  const stored = await getOrder(ctx.db, order.id)
  return linkIntent(ctx, stored, source, options)
}

/** @throws JustifiError */
export async function prepareIntent(
  ctx: AppContext,
  order: Order,
  options: CallOptions,
): Promise<string> {
  const purchase = {
    idempotencyKey: order.intentKey,
    accountId: order.accountId,
    amountCents: order.totalCents,
    currency: order.currency,
    description: order.intentDescription,
    metadata: { order: order.number },
  }
  return (await ctx.justifi.prepare(purchase, options)).reference
}

/** @returns false where somebody else has changed the order since it was read */
export async function storeIntent(
  trx: Transaction,
  order: Order,
  intentId: string,
  source: Source,
  now: Date,
): Promise<boolean> {
  if (!(await changeOrder(trx, order, { intent_id: intentId }, now))) return false
  await recordTimeline(
    trx,
    order,
    [{ kind: 'intent_created', data: { intentId } }],
    { source },
    now,
  )
  return true
}
