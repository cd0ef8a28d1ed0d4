import { type Clock, timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { OrderName } from './order.ts'
import { changeOrderWith } from './queries/change-order.ts'
import { getFulfilment } from './queries/desk-order.ts'
import type { Witness } from './timeline.ts'

/**
 * Notes that the goods went out, or that they did not after all; once, however often it is told.
 *
 * @throws OrderNotFoundError also for another merchant's order
 */
export async function fulfilOrder(
  ctx: { db: Db; clock: Clock },
  name: OrderName,
  fulfilled: boolean,
  witness: Witness,
): Promise<void> {
  const { order, isFulfilled } = await getFulfilment(ctx.db, name)
  if (isFulfilled === fulfilled) return

  const now = ctx.clock.now()
  const won = await changeOrderWith(
    ctx.db,
    order,
    { fulfilled_at: fulfilled ? timestamp(now) : null },
    [{ kind: fulfilled ? 'fulfilled' : 'unfulfilled', data: {} }],
    witness,
    now,
  )
  if (!won) await fulfilOrder(ctx, name, fulfilled, witness)
}
