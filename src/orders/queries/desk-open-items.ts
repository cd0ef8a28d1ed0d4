import { timestamp } from '../../clock.ts'
import type { Db } from '../../db/database.ts'
import type { Currency } from '../../money.ts'

/** Money that no order explains, as the merchant whose account it is in is shown it. */
export type OpenItem = {
  id: string
  kind: string
  /** JustiFi's payment, or the shop's refund. */
  subjectId: string
  amountCents: number
  currency: Currency
  foundAt: Date
}

/** The merchant's unexplained items, the newest first; no more than `limit`. */
export async function listOpenItems(
  db: Db,
  merchantId: string,
  limit: number,
): Promise<OpenItem[]> {
  const rows = await db
    .selectFrom('open_items')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('resolved_at', 'is', null)
    .orderBy('found_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    subjectId: row.subject_id,
    amountCents: row.amount_cents,
    currency: row.currency as Currency,
    foundAt: new Date(row.found_at),
  }))
}

/**
 * A person explains an item, once.
 *
 * @returns what it was about; undefined where the merchant has no such item that is open
 */
export async function explainItem(
  db: Db,
  merchantId: string,
  id: string,
  note: string,
  at: Date,
): Promise<{ subjectId: string } | undefined> {
  const row = await db
    .updateTable('open_items')
    .set({ resolved_at: timestamp(at), resolution: note })
    .where('merchant_id', '=', merchantId)
    .where('id', '=', id)
    .where('resolved_at', 'is', null)
    .returning('subject_id')
    .executeTakeFirst()
  return row && { subjectId: row.subject_id }
}

/** How an item was explained: `resolution` is null while it is open. */
export async function findItem(
  db: Db,
  merchantId: string,
  id: string,
): Promise<{ resolution: string | null } | undefined> {
  return db
    .selectFrom('open_items')
    .select('resolution')
    .where('merchant_id', '=', merchantId)
    .where('id', '=', id)
    .executeTakeFirst()
}
