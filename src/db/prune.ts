import { timestamp } from '../clock.ts'
import type { Db } from './database.ts'

/** Small, so that on SQLite nobody waits long for the one writer. */
const BATCH = 500

/**
 * Deletes some of the sessions and rate limits that are over. To be called now and then.
 *
 * @returns how many rows went; 0 when nothing was left to do
 */
export async function pruneExpired(db: Db, now: Date): Promise<number> {
  const sessions = await db
    .deleteFrom('sessions')
    .where('id', 'in', (eb) =>
      eb.selectFrom('sessions').select('id').where('expires_at', '<=', timestamp(now)).limit(BATCH),
    )
    .executeTakeFirst()

  const limits = await db
    .deleteFrom('rate_limits')
    .where('key', 'in', (eb) =>
      eb
        .selectFrom('rate_limits')
        .select('key')
        .where('expires_at', '<=', now.getTime())
        .limit(BATCH),
    )
    .executeTakeFirst()

  return Number(sessions.numDeletedRows + limits.numDeletedRows)
}
