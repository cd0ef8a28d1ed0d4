import { timestamp } from '../clock.ts'
import type { Transaction } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { Shop } from './shop.ts'

/** @returns the merchant's id; undefined where another shop has the slug */
export async function insertMerchant(
  trx: Transaction,
  shop: Omit<Shop, 'merchantId'>,
  at: Date,
): Promise<string | undefined> {
  const id = newId()
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('merchants')
    .values({
      id,
      slug: shop.slug,
      name: shop.name,
      tagline: shop.tagline,
      currency: shop.currency,
      sub_account_id: shop.accountId,
      support_email: shop.supportEmail,
      time_zone: shop.timeZone,
      language: shop.language,
      created_at: timestamp(at),
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n ? id : undefined
}
