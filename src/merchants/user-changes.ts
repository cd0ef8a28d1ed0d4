import { timestamp } from '../clock.ts'
import type { Db, Transaction } from '../db/database.ts'
import type { User, UserRights } from './user.ts'
import { endUserLinks } from './user-links.ts'
import { listUsers } from './user-queries.ts'

type Named = Pick<User, 'id' | 'merchantId'>

/** `last_owner`: nobody else who can sign in owns the shop, so nothing was changed. */
export type UserChange = 'changed' | 'last_owner'

/**
 * Gives a user other rights, provided they still have those that were looked at: that one UPDATE is
 * the lock, on both databases. Another role ends the user's sessions.
 *
 * @param seen the user, with the rights that whoever decides was shown
 * @returns `clash` where the user has other rights by now, so nothing was changed
 */
export async function changeRights(
  trx: Transaction,
  seen: Named & UserRights,
  rights: UserRights,
  at: Date,
): Promise<UserChange | 'clash'> {
  if (rights.role !== 'owner' && (await isLastOwner(trx, seen))) return 'last_owner'
  const { numUpdatedRows } = await trx
    .updateTable('users')
    .set((set) => ({
      role: rights.role,
      may_refund: Number(rights.mayRefund),
      may_export: Number(rights.mayExport),
      sessions_version: set('sessions_version', '+', Number(rights.role !== seen.role)),
      updated_at: timestamp(at),
    }))
    .where('merchant_id', '=', seen.merchantId)
    .where('id', '=', seen.id)
    .where('role', '=', seen.role)
    .where('may_refund', '=', Number(seen.mayRefund))
    .where('may_export', '=', Number(seen.mayExport))
    .executeTakeFirst()
  return numUpdatedRows === 1n ? 'changed' : 'clash'
}

/** Keeps a user out from now on: sessions end, and mailed links lead nowhere. */
export async function disableUser(trx: Transaction, user: User, at: Date): Promise<UserChange> {
  if (await isLastOwner(trx, user)) return 'last_owner'
  await trx
    .updateTable('users')
    .set((set) => ({
      disabled_at: timestamp(at),
      sessions_version: set('sessions_version', '+', 1),
      updated_at: timestamp(at),
    }))
    .where('merchant_id', '=', user.merchantId)
    .where('id', '=', user.id)
    .execute()
  await endUserLinks(trx, user, at)
  return 'changed'
}

export async function enableUser(trx: Transaction, { id, merchantId }: Named, at: Date) {
  await trx
    .updateTable('users')
    .set({ disabled_at: null, updated_at: timestamp(at) })
    .where('merchant_id', '=', merchantId)
    .where('id', '=', id)
    .execute()
}

export async function renameUser(trx: Transaction, user: Named & { name: string }, at: Date) {
  await trx
    .updateTable('users')
    .set({ name: user.name, updated_at: timestamp(at) })
    .where('merchant_id', '=', user.merchantId)
    .where('id', '=', user.id)
    .execute()
}

/** Sets a password: all of the user's sessions end, and mailed links lead nowhere. */
export async function setPassword(
  trx: Transaction,
  user: Named,
  passwordHash: string,
  at: Date,
): Promise<void> {
  await trx
    .updateTable('users')
    .set((set) => ({
      password_hash: passwordHash,
      sessions_version: set('sessions_version', '+', 1),
      updated_at: timestamp(at),
    }))
    .where('merchant_id', '=', user.merchantId)
    .where('id', '=', user.id)
    .execute()
  await endUserLinks(trx, user, at)
}

/** Puts a hash of today's cost in the place of an older one of the same password. */
export async function replaceHash(db: Db, user: User, passwordHash: string): Promise<void> {
  await db
    .updateTable('users')
    .set({ password_hash: passwordHash })
    .where('id', '=', user.id)
    .where('password_hash', '=', user.passwordHash)
    .execute()
}

/**
 * Whether nobody else could run the shop. Owners who change each other at the same moment queue for
 * the merchant's row, so that the second sees what the first did.
 */
async function isLastOwner(trx: Transaction, { id, merchantId }: Named): Promise<boolean> {
  await trx
    .updateTable('merchants')
    .set((set) => ({ version: set.ref('version') }))
    .where('id', '=', merchantId)
    .execute()
  const users = await listUsers(trx, merchantId)
  const owners = users.filter(
    (user) => user.role === 'owner' && user.disabledAt === null && user.passwordHash !== null,
  )
  return owners.length === 1 && owners[0]?.id === id
}
