import { timestamp } from '../../clock.ts'
import type { Db } from '../../db/database.ts'
import { newId } from '../../ids.ts'

export type NewOpenItem = {
  /** Null where no merchant has the account: it is the operator's. */
  merchantId: string | null
  accountId: string
  kind: 'unknown_payment' | 'refund_unknown'
  /** JustiFi's payment, or the refund. One item for each. */
  subjectId: string
  amountCents: number
  currency: string
  data: Record<string, string | null>
  foundAt: Date
}

/**
 * Puts money that no order explains on the list of whoever has to look at it.
 *
 * @returns whether it was not there yet
 */
export async function openItem(db: Db, item: NewOpenItem): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('open_items')
    .values({
      id: newId(),
      merchant_id: item.merchantId,
      account_id: item.accountId,
      kind: item.kind,
      subject_id: item.subjectId,
      amount_cents: item.amountCents,
      currency: item.currency,
      data: JSON.stringify(item.data),
      found_at: timestamp(item.foundAt),
      resolved_at: null,
      resolution: null,
    })
    .onConflict((conflict) => conflict.columns(['kind', 'subject_id']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** Takes an item off the list once an order, or JustiFi, has explained it. */
export async function closeItem(
  db: Db,
  kind: NewOpenItem['kind'],
  subjectId: string,
  resolution: string,
  at: Date,
): Promise<void> {
  await db
    .updateTable('open_items')
    .set({ resolved_at: timestamp(at), resolution })
    .where('kind', '=', kind)
    .where('subject_id', '=', subjectId)
    .where('resolved_at', 'is', null)
    .execute()
}
