import { compiled } from '../db/compiled.ts'
import type { Db } from '../db/database.ts'
import type { Row } from '../db/schema.ts'
import { SLUG } from '../merchants/shop.ts'
import type { Product } from './product.ts'

const productsOfShop = compiled((db, merchantId: string) =>
  db
    .selectFrom('products')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('archived_at', 'is', null)
    .orderBy('position')
    .orderBy('id'),
)
const firstProductsOfEach = compiled((db, count: number) =>
  db
    .selectFrom(
      db
        .selectFrom('products')
        .selectAll()
        .select(({ fn }) =>
          fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('merchant_id').orderBy('position').orderBy('id'))
            .as('place'),
        )
        .where('archived_at', 'is', null)
        .as('placed'),
    )
    .selectAll()
    .where('place', '<=', count)
    .orderBy('merchant_id')
    .orderBy('place'),
)
const productBySlug = compiled((db, merchantId: string, slug: string) =>
  db
    .selectFrom('products')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('slug', '=', slug)
    .where('archived_at', 'is', null),
)
const productsById = compiled((db, merchantId: string, ids: string[]) =>
  db
    .selectFrom('products')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('id', 'in', ids)
    .where('archived_at', 'is', null),
)

/** What a shop sells, in its own order. Archived products are left out, here and below. */
export async function listProducts(db: Db, merchantId: string): Promise<Product[]> {
  return (await productsOfShop(db, merchantId)).map(toProduct)
}

/** The first few products of every shop of the installation, each shop's in its own order. */
export async function listFirstProducts(db: Db, count: number): Promise<Product[]> {
  return (await firstProductsOfEach(db, count)).map(toProduct)
}

export async function findProduct(
  db: Db,
  merchantId: string,
  slug: string,
): Promise<Product | undefined> {
  if (!SLUG.test(slug)) return undefined
  const [row] = await productBySlug(db, merchantId, slug)
  return row && toProduct(row)
}

/** Those of the named products that the shop still sells, in no order. */
export async function findProducts(db: Db, merchantId: string, ids: string[]): Promise<Product[]> {
  if (ids.length === 0) return []
  return (await productsById(db, merchantId, ids)).map(toProduct)
}

export function toProduct(row: Row<'products'>): Product {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    priceCents: row.price_cents,
    image: row.image === null ? null : { path: row.image, alt: row.image_alt },
    ...(row.stock !== null && { stock: Math.max(0, row.stock) }),
  }
}
