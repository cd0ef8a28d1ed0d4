import { type ManagedProduct, PRODUCTS_SHOWN } from '../../../catalog/managed-products.ts'
import type { Product } from '../../../catalog/product.ts'
import { hasRight } from '../../../merchants/user.ts'
import { formatMoney } from '../../../money.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { managedPath, NEW_PRODUCT_PATH, PRODUCTS_PATH } from './paths.ts'

export type ProductsPage = {
  layout: DeskLayout
  words: Words['deskProducts']['list']
  title: string
  search: string
  archived: boolean
  /** Absent for who may only look. */
  addUrl?: string
  products: {
    name: string
    url: string
    image: Product['image']
    price: string
    stock: { text: string; tone?: string }
    /** Forms that change its place; absent where the list is not the catalogue's own order. */
    moves?: { action: string; up: boolean; down: boolean }
  }[]
  /** Instead of products. */
  nothing?: string
  more?: string
  other: { url: string; text: string }
  clearUrl: string
}

export function productsPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  products: ManagedProduct[]
  search: string
  archived: boolean
}): ProductsPage {
  const { ctx, visit, products, search, archived } = given
  const words = wordsFor(visit.shop.language).deskProducts.list
  const mayWork = hasRight(visit.user, 'work')
  const canMove = mayWork && !archived && search === ''
  const title = archived ? words.archivedTitle : words.title

  return {
    layout: deskLayout({ ctx, visit, page: 'merchant-products', part: 'products', title }),
    words,
    title,
    search,
    archived,
    ...(mayWork && { addUrl: NEW_PRODUCT_PATH }),
    products: products.map((product, index) => ({
      name: product.name,
      url: managedPath(product.id),
      image: product.image,
      price: formatMoney(product.priceCents, visit.shop.currency),
      stock: stockText(product.counted, words),
      ...(canMove && {
        moves: {
          action: `${managedPath(product.id)}/move`,
          up: index > 0,
          down: index < products.length - 1,
        },
      }),
    })),
    ...(products.length === 0 && { nothing: nothingText(search, archived, words) }),
    ...(products.length === PRODUCTS_SHOWN && { more: words.moreLeft(PRODUCTS_SHOWN) }),
    other: archived
      ? { url: PRODUCTS_PATH, text: words.toSold }
      : { url: `${PRODUCTS_PATH}?archived=yes`, text: words.toArchived },
    clearUrl: archived ? `${PRODUCTS_PATH}?archived=yes` : PRODUCTS_PATH,
  }
}

function stockText(counted: number | null, words: ProductsPage['words']) {
  if (counted === null) return { text: words.notCounted }
  if (counted < 0) return { text: words.owed(-counted), tone: 'bad' }
  return counted === 0 ? { text: words.soldOut, tone: 'waiting' } : { text: words.pieces(counted) }
}

function nothingText(search: string, archived: boolean, words: ProductsPage['words']): string {
  if (search) return words.noMatch(search)
  return archived ? words.noArchived : words.none
}
