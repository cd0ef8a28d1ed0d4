import { DAY, HOUR, later, timestamp } from '../clock.ts'
import type { Db, Transaction } from '../db/database.ts'
import { toShop } from './queries.ts'
import type { Shop } from './shop.ts'
import type { User } from './user.ts'
import { toUser } from './user-queries.ts'

/** Why somebody was sent a link by which a password is set. */
export type UserLinkKind = 'invitation' | 'password_reset'

export const LINK_LIFE: Record<UserLinkKind, number> = {
  invitation: 3 * DAY,
  password_reset: HOUR,
}

/**
 * Stores the hash of a link's token. Links that were sent before keep their life: else a stranger
 * who asks for others would keep somebody from ever using one.
 */
export async function insertUserLink(
  trx: Transaction,
  link: { user: User; kind: UserLinkKind; tokenHash: string },
  at: Date,
): Promise<void> {
  const { user, kind, tokenHash } = link
  await trx
    .insertInto('user_links')
    .values({
      token_hash: tokenHash,
      user_id: user.id,
      merchant_id: user.merchantId,
      kind,
      expires_at: timestamp(later(at, LINK_LIFE[kind])),
      used_at: null,
      created_at: timestamp(at),
    })
    .execute()
}

/** Whom a link was sent to, as long as it can be used. */
export async function findUserLink(
  db: Db,
  tokenHash: string,
  now: Date,
): Promise<{ user: User; shop: Shop; kind: UserLinkKind } | undefined> {
  const link = await db
    .selectFrom('user_links')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', timestamp(now))
    .executeTakeFirst()
  if (!link) return undefined

  const user = await db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', link.user_id)
    .where('merchant_id', '=', link.merchant_id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  const merchant = await db
    .selectFrom('merchants')
    .selectAll()
    .where('id', '=', link.merchant_id)
    .executeTakeFirst()
  if (!user || !merchant) return undefined
  return { user: toUser(user), shop: toShop(merchant), kind: link.kind as UserLinkKind }
}

/** True for the one caller who uses the link: that UPDATE is the lock, on both databases. */
export async function useUserLink(trx: Transaction, tokenHash: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('user_links')
    .set({ used_at: timestamp(at) })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', timestamp(at))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Makes every link of a user worthless. */
export async function endUserLinks(
  trx: Transaction,
  { id, merchantId }: Pick<User, 'id' | 'merchantId'>,
  at: Date,
): Promise<void> {
  await trx
    .updateTable('user_links')
    .set({ used_at: timestamp(at) })
    .where('user_id', '=', id)
    .where('merchant_id', '=', merchantId)
    .where('used_at', 'is', null)
    .execute()
}
