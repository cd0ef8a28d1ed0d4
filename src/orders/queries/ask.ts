import { sql } from 'kysely'
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
/**
 * A bell that rang meanwhile has made the order due anew: it is not put off by whoever read the
 * order before.
 */
const unlessRung = (read: string | null, next: string | null) =>
  sql<string | null>`case when next_check_at = ${read} then ${next} else next_check_at end`

const answer = compiled(
  (db, orderId: string, now: string, read: string | null, next: string | null, looks: number) =>
    db
      .updateTable('orders')
      .set({
        answered_at: now,
        unanswered_since: null,
        next_check_at: unlessRung(read, next),
        check_count: looks,
      })
      .where('id', '=', orderId),
)
const silence = compiled(
  (
    db,
    orderId: string,
    since: string | null,
    read: string | null,
    next: string | null,
    looks: number,
  ) =>
    db
      .updateTable('orders')
      .set({
        unanswered_since: sql<string | null>`coalesce(unanswered_since, ${since})`,
        next_check_at: unlessRung(read, next),
        check_count: looks,
      })
      .where('id', '=', orderId),
)
const release = compiled((db, orderId: string) =>
  db.updateTable('orders').set({ leased_until: null }).where('id', '=', orderId),
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

export type NextLook = {
  /** When the order was due, as the caller read it. */
  read: Date | null
  /** When it is looked at next; null for never again. */
  next: Date | null
  /** Looks since something last happened. */
  looks: number
}

/** JustiFi answered, and the answer is in the books. */
export async function recordAnswer(
  db: Db,
  orderId: string,
  now: Date,
  { read, next, looks }: NextLook,
): Promise<void> {
  await answer(db, orderId, timestamp(now), text(read), text(next), looks)
}

/**
 * JustiFi did not answer, or not so that anything could be concluded.
 *
 * @param askedAt when it was asked for the order's payments; null where there is nothing to ask for
 */
export async function recordSilence(
  db: Db,
  orderId: string,
  { read, next, looks }: NextLook,
  askedAt: Date | null = null,
): Promise<void> {
  await silence(db, orderId, text(askedAt), text(read), text(next), looks)
}

/** Ends the watcher's lease. */
export async function endLook(db: Db, orderId: string): Promise<void> {
  await release(db, orderId)
}

function text(date: Date | null): string | null {
  return date && timestamp(date)
}
