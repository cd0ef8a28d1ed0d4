import { type Clock, timestamp } from '../clock.ts'
import type { Db, Transaction } from '../db/database.ts'
import { newId } from '../ids.ts'
import { DEMO_SHOPS, type DemoShop } from './demo-shops.ts'

/** Puts the demo shops in. One whose slug is taken is left as it is, with all its products. */
export async function seedDemo(db: Db, clock: Clock): Promise<void> {
  const now = timestamp(clock.now())
  await db.transaction().execute(async (trx) => {
    for (const shop of DEMO_SHOPS) await seedShop(trx, shop, now)
  })
}

async function seedShop(trx: Transaction, shop: DemoShop, now: string): Promise<void> {
  const merchantId = newId()
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('merchants')
    .values({
      id: merchantId,
      slug: shop.slug,
      name: shop.name,
      tagline: shop.tagline,
      currency: shop.currency,
      sub_account_id: shop.accountId,
      support_email: shop.supportEmail,
      time_zone: shop.timeZone,
      language: 'en',
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows === 0n) return

  await trx
    .insertInto('products')
    .values(
      shop.products.map((product, index) => ({
        id: newId(),
        merchant_id: merchantId,
        slug: product.slug,
        name: product.name,
        description: product.description,
        price_cents: product.priceCents,
        image: `images/${shop.slug}/${product.slug}.svg`,
        image_alt: product.imageAlt,
        position: index + 1,
        archived_at: null,
        version: 1,
        created_at: now,
        updated_at: now,
      })),
    )
    .execute()
}
