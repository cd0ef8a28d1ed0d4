import type { Transaction } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { User } from '../merchants/user.ts'
import { listUsers } from '../merchants/user-queries.ts'
import { enqueueUserMail } from './user-outbox.ts'

/** Tells a shop's other owners that somebody had its money go elsewhere. */
export async function mailOtherOwners(
  trx: Transaction,
  by: User,
  { from, to }: { from: string; to: string },
  at: Date,
): Promise<void> {
  const { merchantId } = by
  const users = await listUsers(trx, merchantId)
  const others = users.filter(
    (user) => user.role === 'owner' && user.disabledAt === null && user.id !== by.id,
  )
  const kind = 'user_sub_account_changed'
  const change = newId()
  for (const { id: userId } of others) {
    const data = { account: { from, to, by: by.email } }
    await enqueueUserMail(trx, { kind, key: `${change}:${userId}`, userId, merchantId, data }, at)
  }
}
