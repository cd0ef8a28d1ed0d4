import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { fingerprint } from '../ids.ts'
import { webhookSignatureProblem } from '../justifi/webhook-signature.ts'
import { findShopByAccount } from '../merchants/queries.ts'
import type { Order } from '../orders/order.ts'
import { makeOrderDue } from '../orders/queries/due-orders.ts'
import { askAbout, findOrder, outcomeOf } from './ask-about.ts'
import { type JustifiEvent, parseEvent } from './event.ts'
import { markSettled, storeEvent } from './event-queries.ts'

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
    merchantId: order?.merchantId ?? (await merchantOf(ctx, event)),
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

/** What no order explains is in the log of the merchant whose account it names. */
async function merchantOf(ctx: AppContext, { accountId }: JustifiEvent): Promise<string | null> {
  const shop = accountId ? await findShopByAccount(ctx.db, accountId) : undefined
  return shop?.merchantId ?? null
}

async function ringBell(ctx: AppContext, event: JustifiEvent, order: Order): Promise<void> {
  if (ctx.ringing.size >= ASKED_AT_ONCE) return
  ctx.ringing.add(event.id)
  try {
    const { confirmed } = await askAbout(ctx, event, order, { source: 'webhook', actor: event.id })
    // Unconfirmed, the order stays due: the watcher asks again.
    if (confirmed) await markSettled(ctx.db, { id: event.id, orderId: order.id }, ctx.clock.now())
  } finally {
    ctx.ringing.delete(event.id)
  }
}
