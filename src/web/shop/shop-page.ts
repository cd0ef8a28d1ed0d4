import { countPieces } from '../../cart/cart.ts'
import type { Product } from '../../catalog/product.ts'
import { formatMoney } from '../../money.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type Layout, type LayoutContext, layoutFor, productPath } from '../layout.ts'
import type { Visit } from './visit.ts'

export type ShopPage = {
  layout: Layout
  words: Words['catalog']
  name: string
  tagline: string
  prices: string
  /** Absent: nothing is for sale. */
  products?: ProductCard[]
}

type ProductCard = {
  name: string
  url: string
  price: string
  image?: Product['image']
  soldOut?: string
}

export function shopPage(ctx: LayoutContext, { shop, cart }: Visit, products: Product[]): ShopPage {
  const words = wordsFor(shop.language).catalog
  const cards = products.map((product) => ({
    name: product.name,
    url: productPath(shop.slug, product.slug),
    price: formatMoney(product.priceCents, shop.currency),
    image: product.image,
    ...(product.stock === 0 && { soldOut: words.soldOut }),
  }))

  return {
    layout: layoutFor({
      ctx,
      page: 'shop',
      title: words.allProducts,
      shop,
      cartCount: countPieces(cart),
    }),
    words,
    name: shop.name,
    tagline: shop.tagline,
    prices: words.pricesIn(shop.currency.toUpperCase()),
    ...(cards.length > 0 && { products: cards }),
  }
}
