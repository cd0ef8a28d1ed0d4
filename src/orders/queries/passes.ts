import { timestamp } from '../../clock.ts'
import type { Db } from '../../db/database.ts'

export const LISTS = ['payments', 'refunds', 'disputes'] as const
export type ListName = (typeof LISTS)[number]

/** How far a pass over one of JustiFi's lists, of one account, has come. */
export type Pass = {
  accountId: string
  list: ListName
  /** The next page; null at the beginning of a pass. */
  cursor: string | null
  /** Everything made before it was seen by a complete pass. */
  watermark: Date | null
  newestSeen: Date | null
}

/** Makes sure that every account in use has its passes, the first of them due at `firstAt`. */
export async function ensurePasses(db: Db, firstAt: Date): Promise<void> {
  const accounts = await db.selectFrom('merchants').select('sub_account_id').distinct().execute()
  const rows = accounts.flatMap(({ sub_account_id: accountId }) =>
    LISTS.map((list) => ({ account_id: accountId, list, due_at: timestamp(firstAt) })),
  )
  if (rows.length === 0) return
  await db
    .insertInto('passes')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['account_id', 'list']).doNothing())
    .execute()
}

/** Takes the pass that has been due longest, and keeps other instances off it until `until`. */
export async function leaseDuePass(db: Db, now: Date, until: Date): Promise<Pass | undefined> {
  const at = timestamp(now)
  const due = await db
    .selectFrom('passes')
    .select(['account_id', 'list'])
    .where('due_at', '<=', at)
    .where((free) => free.or([free('leased_until', 'is', null), free('leased_until', '<=', at)]))
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst()
  if (!due) return undefined

  const row = await db
    .updateTable('passes')
    .set({ leased_until: timestamp(until) })
    .where('account_id', '=', due.account_id)
    .where('list', '=', due.list)
    .where((free) => free.or([free('leased_until', 'is', null), free('leased_until', '<=', at)]))
    .returningAll()
    .executeTakeFirst()
  return (
    row && {
      accountId: row.account_id,
      list: row.list as ListName,
      cursor: row.cursor,
      watermark: row.watermark === null ? null : new Date(row.watermark),
      newestSeen: row.newest_seen === null ? null : new Date(row.newest_seen),
    }
  )
}

/** Keeps how far the pass has come, so that it is resumed there, and says when it goes on. */
export async function keepPass(
  db: Db,
  pass: Pass,
  dueAt: Date,
  finishedAt: Date | null,
): Promise<void> {
  await db
    .updateTable('passes')
    .set({
      cursor: pass.cursor,
      watermark: pass.watermark && timestamp(pass.watermark),
      newest_seen: pass.newestSeen && timestamp(pass.newestSeen),
      due_at: timestamp(dueAt),
      leased_until: null,
      ...(finishedAt && { finished_at: timestamp(finishedAt) }),
    })
    .where('account_id', '=', pass.accountId)
    .where('list', '=', pass.list)
    .execute()
}
