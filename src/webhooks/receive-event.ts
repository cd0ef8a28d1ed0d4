import { recordDispute } from '../checkout/record-dispute.ts'
import { recordRefund } from '../checkout/record-refund.ts'
import { settleOrder } from '../checkout/settle-order.ts'
import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { fingerprint } from '../ids.ts'
import { webhookSignatureProblem } from '../justifi/webhook-signature.ts'
import type { Order } from '../orders/order.ts'
import { makeOrderDue } from '../orders/queries/due-orders.ts'
import { findOrderByIntent, findOrderByPayment } from '../orders/queries/find-order.ts'
import { type JustifiEvent, parseEvent } from './event.ts'
import { type EventOutcome, markSettled, storeEvent } from './event-queries.ts'

/**
 * Orders asked about at once. After an outage JustiFi sends thousands of events in a minute; those
 * beyond this are left to the watcher, which takes them a few at a time.
 */
const ASKED_AT_ONCE = 8

export type Delivery = {
  /** JUSTIFI-SIGNATURE and JUSTIFI-TIMESTAMP, as received. */
  signature: string | undefined
  timestamp: string | undefined
  /** The raw bytes that were signed. */
  body: Buffer
}

export type Receipt =
  | { status: 400 | 401; problem: string }
  | {
      status: 200
      /** Asks JustiFi about the order; to be called once the 200 is on its way. */
      ring: (() => Promise<void>) | undefined
    }

/**
 * Takes a delivery in: verified over its raw bytes, stored once by its id, and only then answered
 * for. Storing it makes its order due, in the same transaction, so a bell that is not rung, because
 * the process ends, is rung by the watcher. Throws what the database throws: the route then answers
 * 503, and JustiFi sends it again.
 */
export async function receiveEvent(ctx: AppContext, delivery: Delivery): Promise<Receipt> {
  const problem = webhookSignatureProblem({ ...delivery, secrets: ctx.webhookSecrets })
  if (problem) return refusal(ctx, problem === 'mismatch' ? 401 : 400, `signature_${problem}`)

  const text = delivery.body.toString('utf8')
  const event = parseEvent(text)
  if (!event) return refusal(ctx, 400, 'malformed_body')

  const order = await findOrder(ctx, event)
  const outcome = outcomeOf(ctx, event, order)
  const found = {
    outcome,
    orderId: order?.id ?? null,
    merchantId: order?.merchantId ?? null,
  }
  const now = ctx.clock.now()
  const body = { text, hash: fingerprint(text) }

  const stored = await inTransaction(ctx.db, async (trx) => {
    const result = await storeEvent(trx, event, body, found, now)
    if (rings(result) && order) await makeOrderDue(trx, order.id, now)
    return result
  })

  ctx.metrics.webhookDeliveries.inc({ result: stored.isRepeat ? 'repeat' : outcome })
  if (stored.bodyDiffers) {
    ctx.log.error({ event: event.id }, 'an event came again under its id with another body')
  }
  if (outcome !== 'rung') ctx.log.warn({ event: event.id, name: event.name, outcome }, 'event kept')

  const ring = rings(stored) && order ? () => ringBell(ctx, event, order) : undefined
  return { status: 200, ring }

  function rings(result: { isRepeat: boolean; bodyDiffers: boolean }): boolean {
    return outcome === 'rung' && (!result.isRepeat || result.bodyDiffers)
  }
}

function refusal(ctx: AppContext, status: 400 | 401, problem: string): Receipt {
  ctx.metrics.webhookDeliveries.inc({ result: problem })
  ctx.log.warn({ problem }, 'a webhook delivery was refused')
  return { status, problem }
}

async function findOrder(ctx: AppContext, event: JustifiEvent): Promise<Order | undefined> {
  if (event.intentId) return findOrderByIntent(ctx.db, event.intentId)
  if (event.paymentId) return findOrderByPayment(ctx.db, event.paymentId)
  return undefined
}

function outcomeOf(ctx: AppContext, event: JustifiEvent, order: Order | undefined): EventOutcome {
  if (event.accountType && event.accountType !== ctx.justifi.mode) return 'wrong_mode'
  if (!order) return 'unknown_object'
  if (event.accountId && event.accountId !== order.accountId) return 'account_mismatch'
  return 'rung'
}

async function ringBell(ctx: AppContext, event: JustifiEvent, order: Order): Promise<void> {
  if (ctx.ringing.size >= ASKED_AT_ONCE) return
  ctx.ringing.add(event.id)
  try {
    await askAbout(ctx, event, order)
  } finally {
    ctx.ringing.delete(event.id)
  }
}

/** Asks JustiFi about what the event names, and then about its order. */
async function askAbout(ctx: AppContext, event: JustifiEvent, order: Order): Promise<void> {
  const witness = { source: 'webhook', actor: event.id } as const
  const { accountId } = order
  const { refundId, disputeId } = event

  if (refundId) {
    await recordRefund(ctx, order, await ctx.justifi.getRefund({ accountId, refundId }), witness)
  } else if (disputeId) {
    await recordDispute(ctx, order, await ctx.justifi.getDispute({ accountId, disputeId }), witness)
  }
  const { confirmed } = await settleOrder(ctx, order.id, witness)
  // Unconfirmed, the order stays due: the watcher asks again.
  if (confirmed) await markSettled(ctx.db, event.id, ctx.clock.now())
}
