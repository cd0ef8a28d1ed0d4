import { timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { Row } from '../db/schema.ts'
import { newId } from '../ids.ts'
import { toShop } from './queries.ts'
import type { Shop } from './shop.ts'
import { type Role, type User, type UserRights, userEmail } from './user.ts'

export type NewUser = UserRights & {
  merchantId: string
  email: string
  name: string
  /** Null for one who is invited and has yet to choose a password. */
  passwordHash: string | null
}

/** @returns the user's id; undefined where somebody of any merchant has the e-mail already */
export async function insertUser(db: Db, user: NewUser, at: Date): Promise<string | undefined> {
  const id = newId()
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('users')
    .values({
      id,
      merchant_id: user.merchantId,
      email: userEmail(user.email),
      name: user.name,
      role: user.role,
      may_refund: Number(user.mayRefund),
      may_export: Number(user.mayExport),
      password_hash: user.passwordHash,
      sessions_version: 1,
      disabled_at: null,
      created_at: timestamp(at),
      updated_at: timestamp(at),
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n ? id : undefined
}

export async function findUserByEmail(db: Db, email: string): Promise<User | undefined> {
  const row = await db
    .selectFrom('users')
    .selectAll()
    .where('email', '=', userEmail(email))
    .executeTakeFirst()
  return row && toUser(row)
}

/** A user with the shop that they work for. */
export async function findUserAndShop(
  db: Db,
  userId: string,
): Promise<{ user: User; shop: Shop } | undefined> {
  const row = await db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirst()
  if (!row) return undefined
  const merchant = await db
    .selectFrom('merchants')
    .selectAll()
    .where('id', '=', row.merchant_id)
    .executeTakeFirstOrThrow()
  return { user: toUser(row), shop: toShop(merchant) }
}

/** The people of a merchant, by name. */
export async function listUsers(db: Db, merchantId: string): Promise<User[]> {
  const rows = await db
    .selectFrom('users')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .orderBy('name')
    .orderBy('id')
    .execute()
  return rows.map(toUser)
}

export async function findUser(
  db: Db,
  merchantId: string,
  userId: string,
): Promise<User | undefined> {
  const row = await db
    .selectFrom('users')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('id', '=', userId)
    .executeTakeFirst()
  return row && toUser(row)
}

export function toUser(row: Row<'users'>): User {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    email: row.email,
    name: row.name,
    role: row.role as Role,
    mayRefund: row.may_refund === 1,
    mayExport: row.may_export === 1,
    passwordHash: row.password_hash,
    sessionsVersion: row.sessions_version,
    disabledAt: row.disabled_at === null ? null : new Date(row.disabled_at),
    createdAt: new Date(row.created_at),
  }
}
