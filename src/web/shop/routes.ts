import type { Router } from 'express'
import type { AppContext } from '../../context.ts'
import { csrfProtection } from '../csrf.ts'
import { formBody } from '../form-fields.ts'
import { noStore } from '../headers.ts'
import { checkoutLimit } from '../limits.ts'
import { siteRouter } from '../router.ts'
import { existingSession, sessions } from '../sessions.ts'
import { addItem, changeItem, showCart } from './cart.ts'
import { showHome, showProduct, showShop } from './catalogue.ts'
import { checkOut, showCheckout } from './checkout.ts'

/** What customers see until they are sent to pay. A visitor has no session before the first item. */
export function shopRoutes(ctx: AppContext): Router {
  const router = siteRouter()
  const { issue, check } = csrfProtection(ctx)
  const session = sessions(ctx)
  const glance = existingSession(ctx)
  const sent = [formBody, check, session]

  router.get('/', showHome(ctx))
  router.get('/shops/:shop', glance, showShop(ctx))
  router.get('/shops/:shop/products/:product', glance, issue, showProduct(ctx))

  router.get('/shops/:shop/cart', noStore, session, issue, showCart(ctx))
  router.post('/shops/:shop/cart', noStore, sent, addItem(ctx))
  router.post('/shops/:shop/cart/items/:product', noStore, sent, changeItem(ctx))

  router.get('/shops/:shop/checkout', noStore, session, issue, showCheckout(ctx))
  router.post('/shops/:shop/checkout', noStore, checkoutLimit(ctx), sent, checkOut(ctx))

  return router
}
