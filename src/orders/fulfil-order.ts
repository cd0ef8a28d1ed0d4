import { type Clock, timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { changeOrderWith } from './queries/change-order.ts'
import { isFulfilled } from './queries/desk-order.ts'
import { getOrder } from './queries/find-order.ts'
import type { Witness } from './timeline.ts'

/**
 * Notes that the goods went out, or that they did not after all; once, however often it is told.
 *
 * @throws OrderNotFoundError
 */
export async function fulfilOrder(
  ctx: { db: Db; clock: Clock },
  orderId: string,
  fulfilled: boolean,
  witness: Witness,
): Promise<void> {
  const order = await getOrder(ctx.db, orderId)
  if ((await isFulfilled(ctx.db, orderId)) === fulfilled) return

  const now = ctx.clock.now()
  const won = await changeOrderWith(
    ctx.db,
    order,
    { fulfilled_at: fulfilled ? timestamp(now) : null },
    [{ kind: fulfilled ? 'fulfilled' : 'unfulfilled', data: {} }],
    witness,
    now,
  )
  if (!won) await fulfilOrder(ctx, orderId, fulfilled, witness)
}
