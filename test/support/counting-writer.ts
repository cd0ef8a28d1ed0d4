import { readConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/database.ts'
import { createLog } from '../../src/log.ts'

// A process of its own that reads a number and writes it back larger, as often as told. Two of
// them lose no step only if a transaction that will write holds the lock from its first read.
const [url, times] = process.argv.slice(2)
const db = openDatabase(readConfig({ DATABASE_URL: url }).database, createLog('silent'))

for (let done = 0; done < Number(times); done++) {
  await db.transaction().execute(async (trx) => {
    const { points } = await trx
      .selectFrom('rate_limits')
      .select('points')
      .where('key', '=', 'k')
      .executeTakeFirstOrThrow()
    await trx
      .updateTable('rate_limits')
      .set({ points: points + 1 })
      .where('key', '=', 'k')
      .execute()
  })
}
await db.destroy()
