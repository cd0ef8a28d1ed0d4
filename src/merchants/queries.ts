import { compiled } from '../db/compiled.ts'
import type { Db } from '../db/database.ts'
import type { Row } from '../db/schema.ts'
import type { Currency } from '../money.ts'
import { type Shop, SLUG } from './shop.ts'

const shopBySlug = compiled((db, slug: string) =>
  db.selectFrom('merchants').selectAll().where('slug', '=', slug),
)
const shopsByName = compiled((db) => db.selectFrom('merchants').selectAll().orderBy('name'))

/** The shop at `/shops/SLUG`. */
export async function findShop(db: Db, slug: string): Promise<Shop | undefined> {
  if (!SLUG.test(slug)) return undefined
  const [row] = await shopBySlug(db, slug)
  return row && toShop(row)
}

/** The shop whose money goes to an account of JustiFi's. */
export async function findShopByAccount(db: Db, accountId: string): Promise<Shop | undefined> {
  const row = await db
    .selectFrom('merchants')
    .selectAll()
    .where('sub_account_id', '=', accountId)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row && toShop(row)
}

/** Every shop of the installation, by name. */
export async function listShops(db: Db): Promise<Shop[]> {
  return (await shopsByName(db)).map(toShop)
}

export function toShop(row: Row<'merchants'>): Shop {
  return {
    merchantId: row.id,
    slug: row.slug,
    name: row.name,
    tagline: row.tagline,
    currency: row.currency as Currency,
    supportEmail: row.support_email,
    timeZone: row.time_zone,
    language: row.language,
    accountId: row.sub_account_id,
  }
}
