import type { Product } from '../catalog/product.ts'
import { newSecret } from '../ids.ts'

export const MAX_QUANTITY = 99
/** Different products in one cart: what a session keeps for a stranger stays small. */
export const MAX_ITEMS = 50

const NOTHING: StoredCart = { items: [], key: '' }

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
  return setQuantity(cart, product, quantityOf(cart, product.id) + quantity)
}

/**
 * The cart with this quantity of a product; 0 takes it out. What changes nothing leaves the version
 * as it is.
 *
 * @returns undefined where the cart already holds as many products as it may
 */
export function setQuantity(
  cart: StoredCart | undefined,
  product: Product,
  quantity: number,
): StoredCart | undefined {
  const { items, key } = cart ?? NOTHING
  const before = quantityOf(cart, product.id)
  if (quantity === before) return { items, key }
  if (before > 0) return cartOf(withQuantity(items, product.id, quantity))
  if (items.length >= MAX_ITEMS) return undefined

  const { id: productId, priceCents: seenPriceCents, name: seenName } = product
  return cartOf([...items, { productId, quantity, seenPriceCents, seenName }])
}

/** How many of a product are in the cart. */
export function quantityOf(cart: StoredCart | undefined, productId: string): number {
  return cart?.items.find((item) => item.productId === productId)?.quantity ?? 0
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
