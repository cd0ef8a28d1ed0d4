import type { Db, Transaction } from './database.ts'

const ATTEMPTS = 3

/** PostgreSQL gave the transaction up for another one's sake, and undid it whole. */
const GIVEN_UP = new Set(['40001', '40P01'])

/**
 * Does some work in one transaction: all of it is kept, or nothing. Where PostgreSQL breaks a
 * deadlock by giving this transaction up, the whole work is done again; so it must have no effects
 * but those on `trx`.
 */
export async function inTransaction<Result>(
  db: Db,
  work: (trx: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt === ATTEMPTS || !GIVEN_UP.has((error as { code?: string }).code ?? ''))
        throw error
    }
  }
}
