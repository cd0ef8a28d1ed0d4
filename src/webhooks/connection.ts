import { sql } from 'kysely'
import { DAY, later, timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { Shop } from '../merchants/shop.ts'
import { newestEventAt } from './event-log.ts'

/** How well news of payments reaches the shop. */
export type Connection = {
  lastEventAt: Date | null
  /** When JustiFi's lists were all read to their end; null where one never was. */
  listsReadAt: Date | null
  /** Orders of the last seven days that the shop found paid by itself: numbers, newest first. */
  unannounced: string[]
  hasMoreUnannounced: boolean
}

const LOOKED_BACK = 7 * DAY
const MOST_NAMED = 5

/** Events by which JustiFi tells that money was taken. */
const ANNOUNCEMENTS = ['payment_intent.succeeded', 'payment.succeeded', 'payment.captured']

export async function connectionOf(db: Db, shop: Shop, now: Date): Promise<Connection> {
  const { merchantId, accountId } = shop
  const [lastEventAt, listsReadAt, unannounced] = await Promise.all([
    newestEventAt(db, merchantId),
    listsRead(db, accountId),
    listUnannounced(db, merchantId, later(now, -LOOKED_BACK), MOST_NAMED + 1),
  ])
  return {
    lastEventAt,
    listsReadAt,
    unannounced: unannounced.slice(0, MOST_NAMED),
    hasMoreUnannounced: unannounced.length > MOST_NAMED,
  }
}

/** The passes over an account's lists are three; the one that was longest ago counts. */
async function listsRead(db: Db, accountId: string): Promise<Date | null> {
  const passes = await db
    .selectFrom('passes')
    .select('finished_at')
    .where('account_id', '=', accountId)
    .execute()
  const times = passes.flatMap(({ finished_at: at }) => (at === null ? [] : [at])).sort()
  const [oldest] = times
  return oldest && times.length === passes.length ? new Date(oldest) : null
}

/** Orders that became paid by the shop's own looking, and that no webhook told of, before or since. */
async function listUnannounced(
  db: Db,
  merchantId: string,
  since: Date,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('timeline as found')
    .innerJoin('orders', (join) =>
      join
        .onRef('orders.id', '=', 'found.order_id')
        .onRef('orders.merchant_id', '=', 'found.merchant_id'),
    )
    .select('orders.number')
    .where('found.merchant_id', '=', merchantId)
    // Written out, as the index is of these alone.
    .where(sql<boolean>`found.kind = 'status' and found.source in ('watcher', 'sweep')`)
    .where('found.at', '>=', timestamp(since))
    .where('found.data', 'like', '%"to":"paid"%')
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('webhook_events as event')
            .select('event.id')
            .whereRef('event.order_id', '=', 'found.order_id')
            .where('event.name', 'in', ANNOUNCEMENTS),
        ),
      ),
    )
    .orderBy('found.at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ number }) => number)
}
