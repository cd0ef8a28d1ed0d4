import type { Db } from '../db/database.ts'
import type { Row } from '../db/schema.ts'
import { searchText } from '../search-text.ts'
import type { Product } from './product.ts'
import { toProduct } from './queries.ts'

/** A product as its merchant sees it. */
export type ManagedProduct = Product & {
  /** As it is counted: below zero, money came for more than there were. Null: not counted. */
  counted: number | null
  archivedAt: Date | null
  version: number
  updatedAt: Date
}

/** Longest list on one page; the search finds the rest. */
export const PRODUCTS_SHOWN = 200

/** Names that are looked through at once; others get their turn at the database in between. */
const NAMES_AT_ONCE = 500

type ProductList = { search: string; archived: boolean }

/**
 * A merchant's products in the order of the catalogue, or the archived ones, newest first. They are
 * found by part of their name, as `searchText` has it.
 */
export async function listManaged(
  db: Db,
  merchantId: string,
  list: ProductList,
): Promise<ManagedProduct[]> {
  let query = inOrder(db, merchantId, list).selectAll().limit(PRODUCTS_SHOWN)
  if (list.search) {
    const ids = await idsByName(db, merchantId, list)
    if (ids.length === 0) return []
    query = query.where('id', 'in', ids)
  }
  return (await query.execute()).map(toManaged)
}

/** No more than are shown. Compared here, as SQLite knows no letters but ASCII. */
async function idsByName(db: Db, merchantId: string, list: ProductList): Promise<string[]> {
  const wanted = searchText(list.search)
  const found: string[] = []
  const place = list.archived ? 'archived_at' : 'position'
  const names = inOrder(db, merchantId, list)
    .select(['id', 'name', 'position', 'archived_at'])
    .limit(NAMES_AT_ONCE)
  let rows = await names.execute()
  for (;;) {
    found.push(...rows.filter(({ name }) => searchText(name).includes(wanted)).map(({ id }) => id))
    const last = rows.at(-1)
    if (!last || rows.length < NAMES_AT_ONCE || found.length >= PRODUCTS_SHOWN) {
      return found.slice(0, PRODUCTS_SHOWN)
    }
    rows = await names
      .where(({ eb, or, and }) =>
        or([
          eb(place, list.archived ? '<' : '>', last[place]),
          and([eb(place, '=', last[place]), eb('id', '>', last.id)]),
        ]),
      )
      .execute()
  }
}

function inOrder(db: Db, merchantId: string, { archived }: ProductList) {
  const query = db
    .selectFrom('products')
    .where('merchant_id', '=', merchantId)
    .where('archived_at', archived ? 'is not' : 'is', null)
  const placed = archived ? query.orderBy('archived_at', 'desc') : query.orderBy('position')
  return placed.orderBy('id')
}

export async function findManaged(
  db: Db,
  merchantId: string,
  productId: string,
): Promise<ManagedProduct | undefined> {
  const row = await db
    .selectFrom('products')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('id', '=', productId)
    .executeTakeFirst()
  return row && toManaged(row)
}

function toManaged(row: Row<'products'>): ManagedProduct {
  return {
    ...toProduct(row),
    counted: row.stock,
    archivedAt: row.archived_at === null ? null : new Date(row.archived_at),
    version: row.version,
    updatedAt: new Date(row.updated_at),
  }
}
