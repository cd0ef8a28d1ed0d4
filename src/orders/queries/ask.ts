import { later, timestamp } from '../../clock.ts'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'

const claim = compiled((db, orderId: string, now: string, since: string) =>
  db
    .updateTable('orders')
    .set({ asked_at: now })
    .where('id', '=', orderId)
    .where((where) =>
      where.or([
        where('asked_at', 'is', null),
        where('asked_at', '<=', since),
        // A clock that was set back must not silence the order until it has caught up.
        where('asked_at', '>', now),
      ]),
    )
    .returning('id'),
)
const answer = compiled((db, orderId: string, now: string) =>
  db.updateTable('orders').set({ answered_at: now }).where('id', '=', orderId),
)
const look = compiled((db, orderId: string, nextLook: string | null, looks: number) =>
  db
    .updateTable('orders')
    .set({ next_check_at: nextLook, check_count: looks, leased_until: null })
    .where('id', '=', orderId),
)

/**
 * Takes the right to ask JustiFi about an order. Of all callers on all instances, one gets it in
 * each `gapMs`; a gap of 0 is always granted.
 */
export async function claimAsk(
  db: Db,
  orderId: string,
  now: Date,
  gapMs: number,
): Promise<boolean> {
  const rows = await claim(db, orderId, timestamp(now), timestamp(later(now, -gapMs)))
  return rows.length === 1
}

/** JustiFi answered, and the answer is in the books. */
export async function recordAnswer(db: Db, orderId: string, now: Date): Promise<void> {
  await answer(db, orderId, timestamp(now))
}

/** Ends the watcher's lease, and says when it looks again and how often it has looked by then. */
export async function scheduleLook(
  db: Db,
  orderId: string,
  nextLookAt: Date | null,
  looks: number,
): Promise<void> {
  await look(db, orderId, nextLookAt && timestamp(nextLookAt), looks)
}
