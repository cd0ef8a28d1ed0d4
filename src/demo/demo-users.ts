import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { keptSecret } from '../kept-secret.ts'
import { hashPassword, isPassword } from '../merchants/passwords.ts'
import { findShop } from '../merchants/queries.ts'
import { findUserByEmail, insertUser } from '../merchants/user-queries.ts'
import { DEMO_SHOPS, type DemoShop } from './demo-shops.ts'

export type DemoSignIn = { email: string; password: string; shop: string }

/** Long enough not to be guessed where somebody opens the demo to others. */
const PASSWORD_LENGTH = 16

/**
 * Gives each demo shop an owner, whose password is made once and kept in the data folder.
 *
 * @returns those whose kept password still is theirs
 */
export async function seedDemoUsers(db: Db, clock: Clock, dataDir: string): Promise<DemoSignIn[]> {
  const owners = await Promise.all(DEMO_SHOPS.map((shop) => seedOwner(db, clock, dataDir, shop)))
  return owners.filter((owner) => owner !== undefined)
}

async function seedOwner(
  db: Db,
  clock: Clock,
  dataDir: string,
  { slug }: DemoShop,
): Promise<DemoSignIn | undefined> {
  const shop = await findShop(db, slug)
  if (!shop) return undefined
  const email = `owner@${slug}.example`
  const password = keptSecret(join(dataDir, `demo-password-${slug}`)).slice(0, PASSWORD_LENGTH)
  const signIn = { email, password, shop: shop.name }

  const known = await findUserByEmail(db, email)
  if (known) return (await isPassword(password, known.passwordHash)) ? signIn : undefined

  const { merchantId } = shop
  const rights = { role: 'owner', mayRefund: true, mayExport: true } as const
  const passwordHash = await hashPassword(password)
  const user = { merchantId, email, name: 'Demo owner', ...rights, passwordHash }
  await insertUser(db, user, clock.now())
  return signIn
}
