import type { AppContext } from '../../context.ts'
import type { Shop } from '../../merchants/shop.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type Layout, layoutFor, shopPath } from '../layout.ts'

export type HomePage = {
  layout: Layout
  words: Words['catalog']
  shops?: ShopCard[]
}

type ShopCard = { name: string; tagline: string; url: string; visit: string; prices: string }

/** The shops of this installation. Absent `shops`: none is open. */
export function homePage(ctx: AppContext, shops: Shop[]): HomePage {
  const words = wordsFor('en').catalog
  return {
    layout: layoutFor({ ctx, page: 'home', title: words.homeTitle }),
    words,
    ...(shops.length > 0 && { shops: shops.map((shop) => shopCard(shop, words)) }),
  }
}

function shopCard(shop: Shop, words: Words['catalog']): ShopCard {
  return {
    name: shop.name,
    tagline: shop.tagline,
    url: shopPath(shop.slug),
    visit: words.visit(shop.name),
    prices: words.pricesIn(shop.currency.toUpperCase()),
  }
}
