import type { Db } from '../../db/database.ts'
import { TOOK_MONEY } from '../../justifi/hosted-checkout.ts'
import type { ReconcileParams } from './books.ts'

/** What the shop booked in a period by a sub account that a comparison was not of. */
export type Elsewhere = { accountId: string; payments: number; refunds: number; disputes: number }

/** Every sub account that has taken payments of a merchant's orders, by its name. */
export async function accountsOf(db: Db, merchantId: string): Promise<string[]> {
  const accounts: string[] = []
  for (;;) {
    // The next in the index, and no payment in between: as DISTINCT, all payments would be read.
    const row = await db
      .selectFrom('payments')
      .select('account_id')
      .where('merchant_id', '=', merchantId)
      .where('account_id', '>', accounts.at(-1) ?? '')
      .orderBy('account_id')
      .limit(1)
      .executeTakeFirst()
    if (!row) return accounts
    accounts.push(row.account_id)
  }
}

/** Of each other account, what of the period moved money. None for an account with nothing of it. */
export async function bookedElsewhere(
  db: Db,
  merchantId: string,
  { accountId, since, until }: ReconcileParams,
): Promise<Elsewhere[]> {
  const others = (await accountsOf(db, merchantId)).filter((other) => other !== accountId)
  const found: Elsewhere[] = []
  for (const other of others) {
    const payments = await db
      .selectFrom('payments')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('merchant_id', '=', merchantId)
      .where('account_id', '=', other)
      .where('created_at', '>=', since)
      .where('created_at', '<', until)
      .where('status', 'in', [...TOOK_MONEY])
      .executeTakeFirstOrThrow()
    const refunds = await db
      .selectFrom('refunds as book')
      .innerJoin('payments', 'payments.id', 'book.payment_id')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('book.merchant_id', '=', merchantId)
      .where('payments.account_id', '=', other)
      .where('book.created_at', '>=', since)
      .where('book.created_at', '<', until)
      .where('book.outcome', '!=', 'failed')
      .executeTakeFirstOrThrow()
    const disputes = await db
      .selectFrom('disputes as book')
      .innerJoin('payments', 'payments.id', 'book.payment_id')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('book.merchant_id', '=', merchantId)
      .where('payments.account_id', '=', other)
      .where('book.created_at', '>=', since)
      .where('book.created_at', '<', until)
      .executeTakeFirstOrThrow()
    found.push({
      accountId: other,
      payments: Number(payments.count),
      refunds: Number(refunds.count),
      disputes: Number(disputes.count),
    })
  }
  return found.filter(({ payments, refunds, disputes }) => payments + refunds + disputes > 0)
}
