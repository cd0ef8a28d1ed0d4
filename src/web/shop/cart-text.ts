import type { CartChange, PricedCart } from '../../cart/price-check.ts'
import type { Shop } from '../../merchants/shop.ts'
import { formatMoney, MAX_TOTAL_CENTS, MIN_TOTAL_CENTS } from '../../money.ts'
import { wordsFor } from '../../words/words.ts'

/** What changed in a cart without its visitor, as views/shop/changes shows it. */
export type ChangesNotice = { title: string; list: string[] }

/** @param more what else is to be said of it */
export function changesNotice(
  shop: Shop,
  changes: CartChange[],
  more: string[] = [],
): ChangesNotice | undefined {
  const list = [...changes.map((change) => changeText(shop, change)), ...more]
  return list.length > 0 ? { title: wordsFor(shop.language).cart.changed, list } : undefined
}

/** Why a cart that holds something cannot be ordered, and what to do. */
export function obstacleText(shop: Shop, obstacle: PricedCart['obstacle']): string | undefined {
  const words = wordsFor(shop.language).cart
  if (obstacle === 'too_small') return words.tooSmall(formatMoney(MIN_TOTAL_CENTS, shop.currency))
  if (obstacle === 'too_large') return words.tooLarge(formatMoney(MAX_TOTAL_CENTS, shop.currency))
  return undefined
}

function changeText(shop: Shop, change: CartChange): string {
  const words = wordsFor(shop.language).cart
  switch (change.kind) {
    case 'price_changed':
      return words.priceChanged(
        change.name,
        formatMoney(change.toCents, shop.currency),
        formatMoney(change.fromCents, shop.currency),
      )
    case 'gone':
      return words.gone(change.name)
    case 'quantity_capped':
      return words.capped(change.name, change.from, change.to)
    case 'sold_out':
      return words.soldOut(change.name)
    case 'few_left':
      return words.fewLeft(change.name, change.left)
  }
}
