import { timestamp } from '../clock.ts'
import type { Transaction } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { Product } from './product.ts'

/** What a form says of a product. `image` is a path below /assets, or null. */
export type ProductFacts = {
  name: string
  description: string
  priceCents: number
  image: string | null
  imageAlt: string
}

/** What was typed as the stock, and what the form showed: orders may have taken some meanwhile. */
export type StockEntry = { typed: number | null; seen: number | null }

const SLUG_TRIES = 50

/** Puts a product at the end of the catalogue. Its address is made from its name, once for all. */
export async function insertProduct(
  trx: Transaction,
  merchantId: string,
  facts: ProductFacts & { stock: number | null },
  at: Date,
): Promise<string> {
  const id = newId()
  const { last } = await trx
    .selectFrom('products')
    .select(({ fn }) => fn.max('position').as('last'))
    .where('merchant_id', '=', merchantId)
    .executeTakeFirstOrThrow()
  const base = slugOf(facts.name)

  for (let count = 1; count <= SLUG_TRIES; count++) {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('products')
      .values({
        id,
        merchant_id: merchantId,
        slug: count === 1 ? base : `${base}-${count}`,
        ...columnsOf(facts),
        stock: facts.stock,
        position: (last ?? 0) + 1,
        archived_at: null,
        version: 1,
        created_at: timestamp(at),
        updated_at: timestamp(at),
      })
      .onConflict((conflict) => conflict.columns(['merchant_id', 'slug']).doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 1n) return id
  }
  throw new Error(`no address is free for a product called ${base}`)
}

/**
 * Writes what a form says, provided nobody has changed the product since `version` was read. Stock
 * is changed by the difference, so that what was sold meanwhile stays sold.
 *
 * @returns whether this caller won
 */
export async function updateProduct(
  trx: Transaction,
  product: { id: string; merchantId: string; version: number },
  facts: ProductFacts & { stock: StockEntry },
  at: Date,
): Promise<boolean> {
  const { typed, seen } = facts.stock
  const { numUpdatedRows } = await trx
    .updateTable('products')
    .set((set) => ({
      ...columnsOf(facts),
      stock:
        typed === null || seen === null
          ? typed
          : set.fn.coalesce(set('stock', '+', typed - seen), set.val(typed)),
      version: product.version + 1,
      updated_at: timestamp(at),
    }))
    .where('merchant_id', '=', product.merchantId)
    .where('id', '=', product.id)
    .where('version', '=', product.version)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Takes a product out of the shop, or puts it back. Orders and their copies stay as they are. */
export async function archiveProduct(
  trx: Transaction,
  { id, merchantId }: Pick<Product, 'id' | 'merchantId'>,
  archived: boolean,
  at: Date,
): Promise<void> {
  await trx
    .updateTable('products')
    .set((set) => ({
      archived_at: archived ? timestamp(at) : null,
      version: set('version', '+', 1),
      updated_at: timestamp(at),
    }))
    .where('merchant_id', '=', merchantId)
    .where('id', '=', id)
    .where('archived_at', archived ? 'is' : 'is not', null)
    .execute()
}

/**
 * Lets a product change places with the one before or after it in the catalogue.
 *
 * @returns false where there is none, or the product is archived
 */
export async function moveProduct(
  trx: Transaction,
  { id, merchantId }: Pick<Product, 'id' | 'merchantId'>,
  direction: 'up' | 'down',
): Promise<boolean> {
  const rows = await trx
    .selectFrom('products')
    .select(['id', 'position'])
    .where('merchant_id', '=', merchantId)
    .where('archived_at', 'is', null)
    .orderBy('position')
    .orderBy('id')
    .execute()
  const from = rows.findIndex((row) => row.id === id)
  const to = direction === 'up' ? from - 1 : from + 1
  const [one, other] = [rows[from], rows[to]]
  if (!one || !other) return false

  rows[from] = other
  rows[to] = one
  // Numbered anew where they were not one, two, three.
  for (const [index, row] of rows.entries()) {
    if (row.position === index + 1) continue
    await trx
      .updateTable('products')
      .set({ position: index + 1 })
      .where('merchant_id', '=', merchantId)
      .where('id', '=', row.id)
      .execute()
  }
  return true
}

/** "Müsli bowl, large" → "musli-bowl-large". */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 55)
    .replace(/^-+|-+$/g, '')
  return slug || 'product'
}

function columnsOf({ name, description, priceCents, image, imageAlt }: ProductFacts) {
  return { name, description, price_cents: priceCents, image, image_alt: imageAlt }
}
