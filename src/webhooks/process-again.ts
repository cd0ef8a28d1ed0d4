import type { AppContext } from '../context.ts'
import { JustifiError } from '../justifi/errors.ts'
import { recordAct } from '../merchants/audit-log.ts'
import type { User } from '../merchants/user.ts'
import { makeOrderDue } from '../orders/queries/due-orders.ts'
import { askAbout, findOrder, outcomeOf } from './ask-about.ts'
import { parseEvent } from './event.ts'
import { findLoggedEvent } from './event-log.ts'
import { markSettled } from './event-queries.ts'

/**
 * What came of it. `changed`, `unchanged`: its order was asked about. `no_answer`: JustiFi could not
 * be asked; the order is due. `not_ours`: still no order of this shop is meant by it.
 */
export type ProcessedAgain = 'changed' | 'unchanged' | 'no_answer' | 'not_ours'

/**
 * Rings the bell of a stored event again, for a person: its order is asked about, as when the event
 * came, and what the event says is believed as little.
 *
 * @returns undefined where the merchant has no such event
 */
export async function processAgain(
  ctx: AppContext,
  user: User,
  eventId: string,
): Promise<ProcessedAgain | undefined> {
  const { merchantId, email: actor } = user
  const logged = await findLoggedEvent(ctx.db, merchantId, eventId)
  const event = logged && parseEvent(logged.body)
  if (!event) return undefined

  const now = ctx.clock.now()
  const act = {
    merchantId,
    actor,
    kind: 'event_processed_again',
    data: { event: eventId },
  } as const
  await recordAct(ctx.db, act, now)

  const order = await findOrder(ctx, event)
  if (order?.merchantId !== merchantId || outcomeOf(ctx, event, order) !== 'rung') return 'not_ours'

  await makeOrderDue(ctx.db, order.id, now)
  try {
    const settled = await askAbout(ctx, event, order, { source: 'merchant', actor })
    if (!settled.confirmed) return 'no_answer'
    const isNews = settled.order.version !== order.version
    await markSettled(ctx.db, { id: eventId, orderId: order.id }, ctx.clock.now(), isNews)
    return isNews ? 'changed' : 'unchanged'
  } catch (err) {
    if (!(err instanceof JustifiError)) throw err
    ctx.log.warn({ err, event: eventId }, 'JustiFi gave no answer about an event')
    return 'no_answer'
  }
}
