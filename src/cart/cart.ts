import type { Product } from '../catalog/product.ts'
import { newSecret } from '../ids.ts'

export const MAX_QUANTITY = 99
/** Different products in one cart: what a session keeps for a stranger stays small. */
export const MAX_ITEMS = 50

/**
 * A visitor's cart at one shop, as the session keeps it. `key` names this version: an order is
 * placed under it, so the same cart is ordered once, and a form made for another version is known.
 */
export type StoredCart = { items: CartItem[]; key: string }

/** Price and name are those that the visitor last saw. */
export type CartItem = {
  productId: string
  quantity: number
  seenPriceCents: number
  seenName: string
}

/**
 * The quantity written in a form field: ASCII digits, nothing else but blanks around them.
 * Undefined for anything that is not a whole number from `least` to 99.
 */
export function parseQuantity(text: unknown, least: 0 | 1): number | undefined {
  if (typeof text !== 'string' || !/^ {0,9}\d{1,2} {0,9}$/.test(text)) return undefined
  const quantity = Number(text)
  return quantity >= least && quantity <= MAX_QUANTITY ? quantity : undefined
}

/**
 * The cart with some more of a product. The sum may pass 99: `priceCart` then caps it, and says so.
 *
 * @returns undefined where the cart already holds as many products as it may
 */
export function addToCart(
  cart: StoredCart | undefined,
  product: Product,
  quantity: number,
): StoredCart | undefined {
  const items = cart?.items ?? []
  const found = items.find((item) => item.productId === product.id)
  if (found) return cartOf(withQuantity(items, product.id, found.quantity + quantity))
  if (items.length >= MAX_ITEMS) return undefined

  const item = {
    productId: product.id,
    quantity,
    seenPriceCents: product.priceCents,
    seenName: product.name,
  }
  return cartOf([...items, item])
}

/** 0 takes the product out. A product that is not in the cart changes nothing but the key. */
export function setQuantity(cart: StoredCart, productId: string, quantity: number): StoredCart {
  return cartOf(withQuantity(cart.items, productId, quantity))
}

/** A new version with these items. */
export function cartOf(items: CartItem[]): StoredCart {
  return { items, key: newSecret() }
}

/** How many pieces, for the sign beside "Cart". */
export function countPieces(cart: StoredCart | undefined): number {
  return (cart?.items ?? []).reduce((sum, item) => sum + item.quantity, 0)
}

function withQuantity(items: CartItem[], productId: string, quantity: number): CartItem[] {
  return items.flatMap((item) => {
    if (item.productId !== productId) return [item]
    return quantity > 0 ? [{ ...item, quantity }] : []
  })
}
