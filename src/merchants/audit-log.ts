import { timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { newId } from '../ids.ts'

/** What a user did that is on no order's timeline. `data` holds no secrets. */
export type Act = {
  merchantId: string
  /** The user's e-mail, or `operator` for what was done at the command line. */
  actor: string
  kind: ActKind
  data: ActData
}
export type ActData = Record<string, string | number | boolean | null>

/** Each has its words in the message files, under `deskLog`. */
export const ACT_KINDS = [
  'signed_in',
  'signed_out',
  'refused',
  'merchant_created',
  'user_added',
  'user_invited',
  'invitation_accepted',
  'user_changed',
  'user_disabled',
  'user_enabled',
  'user_renamed',
  'password_changed',
  'password_reset',
  'settings_changed',
  'product_created',
  'product_changed',
  'product_archived',
  'product_restored',
  'product_moved',
  'job_begun',
  'job_cancelled',
  'event_processed_again',
  'differences_exported',
  'orders_exported',
  'item_explained',
] as const
export type ActKind = (typeof ACT_KINDS)[number]

/** The actor of what was done at the command line. */
export const OPERATOR = 'operator'

/** Appends to a merchant's audit log; where the act changes rows, in the transaction of those. */
export async function recordAct(db: Db, act: Act, at: Date): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({
      id: newId(),
      merchant_id: act.merchantId,
      at: timestamp(at),
      actor: act.actor,
      kind: act.kind,
      data: JSON.stringify(act.data),
    })
    .execute()
}

export type RecordedAct = Act & { id: string; at: Date }

/** A page of a merchant's log, newest first, from the act before `beforeId` on. */
export async function listActs(
  db: Db,
  merchantId: string,
  limit: number,
  beforeId?: string,
): Promise<RecordedAct[]> {
  let query = db
    .selectFrom('audit_log')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .orderBy('id', 'desc')
    .limit(limit)
  if (beforeId !== undefined) query = query.where('id', '<', beforeId)

  return (await query.execute()).map((row) => ({
    id: row.id,
    at: new Date(row.at),
    merchantId: row.merchant_id,
    actor: row.actor,
    kind: row.kind as ActKind,
    data: JSON.parse(row.data),
  }))
}
