import { timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { newId } from '../ids.ts'

/** What a user did that is on no order's timeline. `data` holds no secrets. */
export type Act = {
  merchantId: string
  /** The user's e-mail, or `operator` for what was done at the command line. */
  actor: string
  kind: ActKind
  data: Record<string, string | number | boolean | null>
}

export type ActKind = 'signed_in' | 'signed_out' | 'refused'

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
