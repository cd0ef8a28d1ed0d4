import type { Product } from '../catalog/product.ts'
import { MAX_TOTAL_CENTS, MIN_TOTAL_CENTS } from '../money.ts'
import { type CartItem, cartOf, MAX_QUANTITY, type StoredCart } from './cart.ts'

/** A cart at today's prices. Amounts are whole minor units of the shop's currency. */
export type PricedCart = {
  lines: CartLine[]
  totalCents: number
  /** What differs from the cart as the visitor last saw it; to be shown, never swallowed. */
  changes: CartChange[]
  /** Why it cannot be ordered as it is. */
  obstacle?: 'empty' | 'too_small' | 'too_large'
}

export type CartLine = { product: Product; quantity: number; totalCents: number }

export type CartChange =
  | { kind: 'price_changed'; name: string; fromCents: number; toCents: number }
  | { kind: 'gone'; name: string }
  | { kind: 'quantity_capped'; name: string; from: number; to: number }
  | { kind: 'sold_out'; name: string }
  | { kind: 'few_left'; name: string; left: number }

/**
 * What a cart holds and costs now. Everything but product and quantity comes from the catalogue;
 * `products` are those that the shop sells, and what is not among them is gone from the cart.
 */
export function priceCart(cart: StoredCart, products: Product[]): PricedCart {
  const sold = new Map(products.map((product) => [product.id, product]))
  const lines: CartLine[] = []
  const changes: CartChange[] = []

  for (const item of cart.items) {
    const product = sold.get(item.productId)
    changes.push(...changesOf(item, product))
    const quantity = Math.min(item.quantity, MAX_QUANTITY, product?.stock ?? MAX_QUANTITY)
    if (product && quantity > 0) lines.push(lineOf(product, quantity))
  }

  const totalCents = lines.reduce((sum, line) => sum + line.totalCents, 0)
  const obstacle = obstacleOf(lines, totalCents)
  return { lines, totalCents, changes, ...(obstacle && { obstacle }) }
}

/** The version of a cart that its visitor has now seen: nothing in it is news any more. */
export function seenCart(priced: PricedCart): StoredCart {
  return cartOf(
    priced.lines.map(({ product, quantity }) => ({
      productId: product.id,
      quantity,
      seenPriceCents: product.priceCents,
      seenName: product.name,
    })),
  )
}

function changesOf(item: CartItem, product: Product | undefined): CartChange[] {
  if (!product) return [{ kind: 'gone', name: item.seenName }]

  const { name, priceCents } = product
  if (product.stock === 0) return [{ kind: 'sold_out', name }]

  const changes: CartChange[] = []
  if (priceCents !== item.seenPriceCents) {
    const { seenPriceCents: fromCents } = item
    changes.push({ kind: 'price_changed', name, fromCents, toCents: priceCents })
  }
  if (product.stock !== undefined && product.stock < Math.min(item.quantity, MAX_QUANTITY)) {
    const { stock: left } = product
    changes.push({ kind: 'few_left', name, left })
  } else if (item.quantity > MAX_QUANTITY) {
    changes.push({ kind: 'quantity_capped', name, from: item.quantity, to: MAX_QUANTITY })
  }
  return changes
}

function lineOf(product: Product, quantity: number): CartLine {
  return { product, quantity, totalCents: product.priceCents * quantity }
}

function obstacleOf(lines: CartLine[], totalCents: number): PricedCart['obstacle'] {
  if (lines.length === 0) return 'empty'
  if (totalCents < MIN_TOTAL_CENTS) return 'too_small'
  if (totalCents > MAX_TOTAL_CENTS) return 'too_large'
  return undefined
}
