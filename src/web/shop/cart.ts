import type { Request, RequestHandler, Response } from 'express'
import { addToCart, parseQuantity, quantityOf, setQuantity } from '../../cart/cart.ts'
import type { Product } from '../../catalog/product.ts'
import { findProduct } from '../../catalog/queries.ts'
import type { AppContext } from '../../context.ts'
import { formFields } from '../form-fields.ts'
import { shopPath } from '../layout.ts'
import { render } from '../render.ts'
import { cartPage, type Refusal } from './cart-page.ts'
import { productPage } from './product-page.ts'
import { keepCart, markSeen, priceVisit, takeCartNews, type Visit, visitOf } from './visit.ts'

const LONGEST_ECHO = 20

export function showCart(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    await renderCart(ctx, req, res, await visitOf(ctx, req))
  }
}

export function addItem(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = await visitOf(ctx, req)
    const fields = formFields(req)
    const product = await findProduct(ctx.db, visit.shop.merchantId, fields.product ?? '')
    if (!product) return renderCart(ctx, req, res, visit, refused({ kind: 'not_sold' }))

    if (product.stock === 0) return renderCart(ctx, req, res, visit, refused({ kind: 'sold_out' }))

    const typed = fields.quantity ?? '1'
    const quantity = parseQuantity(typed, 1)
    if (quantity === undefined) {
      const page = productPage(ctx, visit, product, typed.slice(0, LONGEST_ECHO))
      return render(res, 'shop/product', page, 422)
    }

    const cart = addToCart(visit.cart, product, quantity)
    if (!cart) return renderCart(ctx, req, res, visit, refused({ kind: 'full' }))

    keepCart(req, visit.shop, cart)
    tell(req, visit, 'added', product, quantity)
    res.redirect(303, `${shopPath(visit.shop.slug)}/cart`)
  }
}

export function changeItem(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = await visitOf(ctx, req)
    const product = await findProduct(ctx.db, visit.shop.merchantId, String(req.params.product))
    if (!product) return renderCart(ctx, req, res, visit, refused({ kind: 'not_sold' }))

    const typed = formFields(req).quantity ?? ''
    const quantity = parseQuantity(typed, 0)
    if (quantity === undefined) {
      const refusal = {
        kind: 'wrong_quantity',
        productSlug: product.slug,
        typed: typed.slice(0, LONGEST_ECHO),
      } as const
      return renderCart(ctx, req, res, visit, refused(refusal))
    }

    const cart = setQuantity(visit.cart, product, quantity)
    if (!cart) return renderCart(ctx, req, res, visit, refused({ kind: 'full' }))

    if (quantity !== quantityOf(visit.cart, product.id)) {
      keepCart(req, visit.shop, cart)
      tell(req, visit, quantity === 0 ? 'removed' : 'updated', product, quantity)
    }
    res.redirect(303, `${shopPath(visit.shop.slug)}/cart`)
  }
}

/** The cart as it is now, with what changed in it and why something was refused. */
export async function renderCart(
  ctx: AppContext,
  req: Request,
  res: Response,
  visit: Visit,
  { status = 200, refusal }: { status?: number; refusal?: Refusal } = {},
): Promise<void> {
  const { shop } = visit
  const priced = await priceVisit(ctx, visit)
  markSeen(req, visit, priced)

  const news = takeCartNews(req, shop)
  const page = cartPage({ ctx, shop, priced, news, refusal })
  render(res, 'shop/cart', page, status)
}

function refused(refusal: Refusal) {
  return { status: 422, refusal }
}

function tell(
  req: Request,
  { shop }: Visit,
  kind: 'added' | 'updated' | 'removed',
  product: Product,
  quantity: number,
): void {
  req.session.cartNews = { shopSlug: shop.slug, kind, product: product.name, quantity }
}
