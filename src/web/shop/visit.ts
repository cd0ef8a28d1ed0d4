import type { Request } from 'express'
import { cartOf, type StoredCart } from '../../cart/cart.ts'
import { type PricedCart, priceCart, seenCart } from '../../cart/price-check.ts'
import { findProducts } from '../../catalog/queries.ts'
import type { AppContext } from '../../context.ts'
import { PageNotFoundError } from '../../errors.ts'
import { findShop } from '../../merchants/queries.ts'
import type { Shop } from '../../merchants/shop.ts'
import { type Order, STATUS_RULES } from '../../orders/order.ts'
import { findOrderByCheckoutKey } from '../../orders/queries/find-order.ts'

/** A visitor at a shop. The cart is absent while nothing was put in it. */
export type Visit = {
  shop: Shop
  cart: StoredCart | undefined
  /** What this version of the cart was ordered as, while that can be paid. */
  order: Order | undefined
}

declare module 'express-session' {
  interface SessionData {
    /** What was just done to a cart, to be told on the next page. */
    cartNews?: CartNews
  }
}

export type CartNews = {
  shopSlug: string
  kind: 'added' | 'updated' | 'removed'
  product: string
  quantity: number
}

/**
 * The shop named in the path, and the visitor's cart there.
 *
 * @throws PageNotFoundError
 */
export async function visitOf(ctx: AppContext, req: Request): Promise<Visit> {
  const shop = await findShop(ctx.db, String(req.params.shop))
  if (!shop) throw new PageNotFoundError('no shop has this name')

  const cart = storedCart(req, shop)
  if (!cart) return { shop, cart, order: undefined }
  return { shop, ...(await withoutBought(ctx, req, shop, cart)) }
}

/** Prices the visitor's cart as the catalogue is now. */
export async function priceVisit(ctx: AppContext, visit: Visit): Promise<PricedCart> {
  const { shop, cart, order } = visit
  if (!cart) return priceCart({ items: [], key: '' }, [])
  const ids = cart.items.map((item) => item.productId)
  const products = await findProducts(ctx.db, shop.merchantId, ids)
  // What is ordered already has its pieces put aside: it is not short of them.
  return priceCart(cart, order ? products.map(({ stock: _, ...rest }) => rest) : products)
}

/**
 * Notes that the visitor is about to be shown what changed in the cart, which makes it another
 * version of the cart. Answers the cart's key from now on.
 */
export function markSeen(req: Request, { shop, cart }: Visit, priced: PricedCart): string {
  if (priced.changes.length === 0) return cart?.key ?? ''
  const seen = seenCart(priced)
  keepCart(req, shop, seen)
  return seen.key
}

export function keepCart(req: Request, shop: Shop, cart: StoredCart): void {
  const { [shop.slug]: _, ...others } = req.session.carts ?? {}
  req.session.carts = cart.items.length > 0 ? { ...others, [shop.slug]: cart } : others
}

/** Takes the news, so that they are told once. */
export function takeCartNews(req: Request, shop: Shop): CartNews | undefined {
  const news = req.session.cartNews
  if (news?.shopSlug !== shop.slug) return undefined
  delete req.session.cartNews
  return news
}

// Pages that many look at load a session only where there is one already.
function storedCart(req: Request, shop: Shop): StoredCart | undefined {
  const carts = req.session?.carts ?? {}
  return Object.hasOwn(carts, shop.slug) ? carts[shop.slug] : undefined
}

/**
 * A cart whose order took money, or is about to, has done its work. One whose order was given up
 * can be ordered again, as another version: the old order is not brought back.
 */
async function withoutBought(
  ctx: AppContext,
  req: Request,
  shop: Shop,
  cart: StoredCart,
): Promise<Omit<Visit, 'shop'>> {
  const order = await findOrderByCheckoutKey(ctx.db, shop.merchantId, cart.key)
  if (!order || STATUS_RULES[order.status].payable) return { cart, order }

  const left = cartOf(order.status === 'cancelled' ? cart.items : [])
  keepCart(req, shop, left)
  return { cart: left.items.length > 0 ? left : undefined, order: undefined }
}
