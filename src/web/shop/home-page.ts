import type { Product } from '../../catalog/product.ts'
import type { Shop } from '../../merchants/shop.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type Layout, type LayoutContext, layoutFor, shopPath } from '../layout.ts'

export type HomePage = {
  layout: Layout
  words: Words['catalog']
  /** Absent: none is open. */
  shops?: ShopCard[]
}

type ShopCard = {
  name: string
  tagline: string
  url: string
  prices: string
  /** Paths below public/. Mere decoration here: the name beside them is the link. */
  images: string[]
}

/** @param samples a few products of each shop */
export function homePage(ctx: LayoutContext, shops: Shop[], samples: Product[]): HomePage {
  const words = wordsFor('en').catalog
  return {
    layout: layoutFor({ ctx, page: 'home', title: words.homeTitle }),
    words,
    ...(shops.length > 0 && { shops: shops.map((shop) => shopCard(shop, samples, words)) }),
  }
}

function shopCard(shop: Shop, samples: Product[], words: Words['catalog']): ShopCard {
  const own = samples.filter((product) => product.merchantId === shop.merchantId)
  return {
    name: shop.name,
    tagline: shop.tagline,
    url: shopPath(shop.slug),
    prices: words.pricesIn(shop.currency.toUpperCase()),
    images: own.flatMap(({ image }) => (image ? [image.path] : [])),
  }
}
