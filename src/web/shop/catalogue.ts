import type { RequestHandler } from 'express'
import { findProduct, listFirstProducts, listProducts } from '../../catalog/queries.ts'
import type { AppContext } from '../../context.ts'
import { PageNotFoundError } from '../../errors.ts'
import { listShops } from '../../merchants/queries.ts'
import { render } from '../render.ts'
import { homePage } from './home-page.ts'
import { productPage } from './product-page.ts'
import { shopPage } from './shop-page.ts'
import { visitOf } from './visit.ts'

const SAMPLES = 3

export function showHome(ctx: AppContext): RequestHandler {
  return async (_req, res) => {
    const [shops, samples] = await Promise.all([
      listShops(ctx.db),
      listFirstProducts(ctx.db, SAMPLES),
    ])
    render(res, 'shop/home', homePage(ctx, shops, samples))
  }
}

export function showShop(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = await visitOf(ctx, req)
    const products = await listProducts(ctx.db, visit.shop.merchantId)
    render(res, 'shop/catalogue', shopPage(ctx, visit, products))
  }
}

export function showProduct(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = await visitOf(ctx, req)
    const product = await findProduct(ctx.db, visit.shop.merchantId, String(req.params.product))
    if (!product) throw new PageNotFoundError('the shop sells no such product')
    render(res, 'shop/product', productPage(ctx, visit, product))
  }
}
