import type { Request, RequestHandler, Response } from 'express'
import type { CartLine, PricedCart } from '../../cart/price-check.ts'
import { SoldOutError } from '../../catalog/stock.ts'
import {
  type NewOrder,
  type OrderLine,
  type Placed,
  placeAgain,
  placeOrder,
} from '../../checkout/place-order.ts'
import type { AppContext } from '../../context.ts'
import type { Shop } from '../../merchants/shop.ts'
import type { Order } from '../../orders/order.ts'
import { findOrderByCheckoutKey } from '../../orders/queries/find-order.ts'
import { formFields } from '../form-fields.ts'
import { shopPath } from '../layout.ts'
import { leadToPayment } from '../orders/lead-to-payment.ts'
import { render } from '../render.ts'
import { renderCart } from './cart.ts'
import { checkoutPage } from './checkout-page.ts'
import { type ContactForm, readContact } from './contact-form.ts'
import { markSeen, priceVisit, type Visit, visitOf } from './visit.ts'

/** What a cart's key looks like. Anything else need not be looked up. */
const CHECKOUT_KEY = /^[A-Za-z0-9_-]{43}$/

export function showCheckout(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = await visitOf(ctx, req)
    const priced = await priceVisit(ctx, visit)
    const { shop } = visit
    // The cart's page says what is in the way, and what changed.
    if (priced.obstacle) return res.redirect(303, `${shopPath(shop.slug)}/cart`)

    const checkoutKey = markSeen(req, visit, priced)
    render(res, 'shop/checkout', checkoutPage({ ctx, shop, priced, checkoutKey }))
  }
}

/**
 * Stores the order and leads to the page where it is paid. A key that already has an order leads to
 * that order, whatever became of the cart; otherwise the cart must still be the one that the form
 * was made for, at the prices that its customer saw.
 */
export function checkOut(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = await visitOf(ctx, req)
    const fields = formFields(req)
    const form = readContact(fields)
    const checkoutKey = fields.checkout_key ?? ''
    const known = await findPlaced(ctx, visit, checkoutKey)
    const priced = await priceVisit(ctx, visit)
    // The other half of a double click may have been placed since, with the last piece of all.
    const order =
      known || isAsSeen(visit, priced, checkoutKey)
        ? known
        : await findByKey(ctx, visit.shop, checkoutKey)

    const hasProblems = Object.keys(form.problems).length > 0
    const outdated = !order && !isAsSeen(visit, priced, checkoutKey)
    if (hasProblems || outdated) {
      if (priced.obstacle) return renderCart(ctx, req, res, visit, { status: 422 })
      return renderAgain(ctx, req, res, visit, { priced, form, outdated })
    }

    const contact = { customerName: form.contact.name, customerEmail: form.contact.email }
    const placed = order
      ? await placeAgain(ctx, order, contact)
      : await tryToPlace(ctx, {
          shop: visit.shop,
          lines: priced.lines.map(orderLine),
          checkoutKey,
          ...contact,
        })
    if (placed) return leadToPayment(ctx, res, placed, 'checkout')

    // Somebody else was quicker: the checkout is shown again with what is left.
    const left = await priceVisit(ctx, visit)
    if (left.obstacle) return renderCart(ctx, req, res, visit, { status: 422 })
    renderAgain(ctx, req, res, visit, { priced: left, form, outdated: true })
  }
}

/** @returns undefined where there are not as many pieces any more */
async function tryToPlace(ctx: AppContext, order: NewOrder): Promise<Placed | undefined> {
  try {
    return await placeOrder(ctx, order)
  } catch (error) {
    if (error instanceof SoldOutError) return undefined
    throw error
  }
}

async function findPlaced(
  ctx: AppContext,
  { shop, cart, order }: Visit,
  checkoutKey: string,
): Promise<Order | undefined> {
  return checkoutKey === cart?.key ? order : findByKey(ctx, shop, checkoutKey)
}

async function findByKey(
  ctx: AppContext,
  { merchantId }: Shop,
  checkoutKey: string,
): Promise<Order | undefined> {
  if (!CHECKOUT_KEY.test(checkoutKey)) return undefined
  return findOrderByCheckoutKey(ctx.db, merchantId, checkoutKey)
}

/** Whether the cart can be ordered, and is the very version that the form shows. */
function isAsSeen({ cart }: Visit, priced: PricedCart, checkoutKey: string): boolean {
  return !priced.obstacle && priced.changes.length === 0 && cart?.key === checkoutKey
}

function renderAgain(
  ctx: AppContext,
  req: Request,
  res: Response,
  visit: Visit,
  { priced, form, outdated }: { priced: PricedCart; form: ContactForm; outdated: boolean },
): void {
  const checkoutKey = markSeen(req, visit, priced)
  const page = checkoutPage({ ctx, shop: visit.shop, priced, checkoutKey, form, outdated })
  render(res, 'shop/checkout', page, 422)
}

function orderLine({ product, quantity }: CartLine): OrderLine {
  return {
    productId: product.id,
    productSlug: product.slug,
    productName: product.name,
    unitPriceCents: product.priceCents,
    quantity,
  }
}
