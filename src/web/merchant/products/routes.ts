import type { Request, RequestHandler, Response } from 'express'
import {
  archiveProduct,
  insertProduct,
  moveProduct,
  type StockEntry,
  updateProduct,
} from '../../../catalog/manage-products.ts'
import { findManaged, listManaged, type ManagedProduct } from '../../../catalog/managed-products.ts'
import { imagePath, storeImage } from '../../../catalog/product-images.ts'
import type { AppContext } from '../../../context.ts'
import type { Transaction } from '../../../db/database.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { PageNotFoundError } from '../../../errors.ts'
import { formatMoment } from '../../../local-time.ts'
import { type ActData, type ActKind, recordAct } from '../../../merchants/audit-log.ts'
import { parseMoney, plainMoney } from '../../../money.ts'
import { wordsFor } from '../../../words/words.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { type Desk, deskOf } from '../desk.ts'
import { managedPath, NEW_PRODUCT_PATH, PRODUCTS_PATH } from './paths.ts'
import { EMPTY_FORM, formOf, type ProductForm, readProduct, stockIn } from './product-form.ts'
import { managedProductPage } from './product-page.ts'
import { productsPage } from './products-page.ts'
import { pictureOf, productBody } from './upload.ts'

const LONGEST_SEARCH = 100

/** What the shop sells: added, changed, ordered, and archived, never deleted. */
export function productRoutes(ctx: AppContext, desk: Desk): void {
  const one = `${PRODUCTS_PATH}/:product`

  desk.page(PRODUCTS_PATH, 'view', showProducts(ctx))
  desk.page(NEW_PRODUCT_PATH, 'work', showNew(ctx))
  desk.upload(PRODUCTS_PATH, 'work', productBody, create(ctx))
  desk.page(one, 'view', showProduct(ctx))
  desk.upload(one, 'work', productBody, change(ctx))
  desk.form(`${one}/archive`, 'work', archive(ctx, true))
  desk.form(`${one}/restore`, 'work', archive(ctx, false))
  desk.form(`${one}/move`, 'work', move(ctx))
}

function showProducts(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { q, archived: asked } = req.query
    const search = typeof q === 'string' ? q.trim().slice(0, LONGEST_SEARCH) : ''
    const archived = asked === 'yes'
    const products = await listManaged(ctx.db, visit.shop.merchantId, { search, archived })
    render(res, 'merchant/products/list', productsPage({ ctx, visit, products, search, archived }))
  }
}

function showNew(ctx: AppContext): RequestHandler {
  return (_req, res) => {
    const page = managedProductPage({ ctx, visit: deskOf(res), form: EMPTY_FORM })
    render(res, 'merchant/products/product', page)
  }
}

function create(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const form = readForm(req, res, undefined)
    if (Object.keys(form.problems).length > 0) {
      const page = managedProductPage({ ctx, visit, form })
      return render(res, 'merchant/products/product', page, 422)
    }
    const { merchantId } = visit.shop
    const now = ctx.clock.now()
    const id = await inTransaction(ctx.db, async (trx) => {
      await keepPicture(ctx, trx, req, merchantId)
      const facts = { ...factsOf(form, pathOfPicture(req)), stock: stockIn(form.stock) }
      const made = await insertProduct(trx, merchantId, facts, now)
      await record(ctx, trx, res, 'product_created', { name: form.name })
      return made
    })
    res.redirect(303, `${managedPath(id)}?notice=created`)
  }
}

function showProduct(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const product = await productOf(ctx, req, res)
    const { notices } = wordsFor(visit.shop.language).deskProducts.form
    const name = String(req.query.notice)
    const notice = Object.hasOwn(notices, name) ? notices[name as keyof typeof notices] : undefined
    const page = managedProductPage({ ctx, visit, product, form: formOf(product), notice })
    render(res, 'merchant/products/product', page)
  }
}

function change(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const product = await productOf(ctx, req, res)
    const form = readForm(req, res, product)
    const again = (form: ProductForm, more: { product: ManagedProduct; clashAt?: string }) =>
      render(
        res,
        'merchant/products/product',
        managedProductPage({ ctx, visit, form, ...more }),
        422,
      )
    if (Object.keys(form.problems).length > 0) return again(form, { product })

    const { merchantId } = visit.shop
    const now = ctx.clock.now()
    const won = await inTransaction(ctx.db, async (trx) => {
      const kept = form.removeImage ? null : (product.image?.path ?? null)
      const image = pathOfPicture(req) ?? kept
      const stock = { typed: stockIn(form.stock), seen: stockIn(form.stockSeen) }
      const read = { id: product.id, merchantId, version: form.version }
      const facts = { ...factsOf(form, image), stock }
      const before = await findManaged(trx, merchantId, product.id)
      if (!before || !(await updateProduct(trx, read, facts, now))) return false
      await keepPicture(ctx, trx, req, merchantId)
      await record(ctx, trx, res, 'product_changed', changesOf(before, facts))
      return true
    })
    if (won) return res.redirect(303, `${managedPath(product.id)}?notice=saved`)

    const current = await productOf(ctx, req, res)
    const clashAt = formatMoment(current.updatedAt, visit.shop.timeZone, now)
    // Who saves again has seen that somebody else was there. The stock that was seen stays that of
    // the form: what was typed is a difference to it, and what was sold meanwhile stays sold.
    again(
      { ...withLostPicture(form, req, res), version: current.version },
      { product: current, clashAt },
    )
  }
}

function archive(ctx: AppContext, archived: boolean): RequestHandler {
  return async (req, res) => {
    const product = await productOf(ctx, req, res)
    await inTransaction(ctx.db, async (trx) => {
      await archiveProduct(trx, product, archived, ctx.clock.now())
      const kind = archived ? 'product_archived' : 'product_restored'
      await record(ctx, trx, res, kind, { name: product.name })
    })
    const notice = archived ? 'archived' : 'restored'
    res.redirect(303, `${managedPath(product.id)}?notice=${notice}`)
  }
}

function move(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const product = await productOf(ctx, req, res)
    const direction = formFields(req).direction === 'up' ? 'up' : 'down'
    await inTransaction(ctx.db, async (trx) => {
      if (!(await moveProduct(trx, product, direction))) return
      await record(ctx, trx, res, 'product_moved', { name: product.name, direction })
    })
    res.redirect(303, PRODUCTS_PATH)
  }
}

async function productOf(ctx: AppContext, req: Request, res: Response): Promise<ManagedProduct> {
  const { merchantId } = deskOf(res).shop
  const product = await findManaged(ctx.db, merchantId, String(req.params.product))
  if (!product) throw new PageNotFoundError('no such product')
  return product
}

function readForm(req: Request, res: Response, product: ManagedProduct | undefined): ProductForm {
  return readProduct(formFields(req), {
    language: deskOf(res).shop.language,
    picture: pictureOf(req),
    pictureTooLarge: res.locals.pictureTooLarge === true,
    hasImage: Boolean(product?.image),
  })
}

async function keepPicture(
  ctx: AppContext,
  trx: Transaction,
  req: Request,
  merchantId: string,
): Promise<void> {
  const picture = pictureOf(req)
  if (picture) await storeImage(trx, merchantId, picture, ctx.clock.now())
}

function pathOfPicture(req: Request): string | null {
  const picture = pictureOf(req)
  return picture ? imagePath(picture) : null
}

/** A browser does not send a file twice by itself, so it is asked for again. */
function withLostPicture(form: ProductForm, req: Request, res: Response): ProductForm {
  if (!pictureOf(req)) return form
  const { imageAgain } = wordsFor(deskOf(res).shop.language).deskProducts.form.problems
  return { ...form, problems: { ...form.problems, picture: imageAgain } }
}

function factsOf(form: ProductForm, image: string | null) {
  const { name, description, imageAlt } = form
  const priceCents = parseMoney(form.price)
  if (priceCents === undefined) throw new Error('the price was not checked')
  return { name, description, priceCents, image, imageAlt: image ? imageAlt : '' }
}

/**
 * Price and stock where they changed, for the log. The stock as the form had it: what was typed is a
 * difference to what was seen.
 */
function changesOf(
  before: ManagedProduct,
  { name, priceCents, stock }: { name: string; priceCents: number; stock: StockEntry },
): ActData {
  return {
    name,
    ...(priceCents !== before.priceCents && {
      price_from: plainMoney(before.priceCents),
      price_to: plainMoney(priceCents),
    }),
    ...(stock.typed !== stock.seen && { stock_from: stock.seen, stock_to: stock.typed }),
  }
}

async function record(
  ctx: AppContext,
  trx: Transaction,
  res: Response,
  kind: ActKind,
  data: ActData,
): Promise<void> {
  const { user, shop } = deskOf(res)
  const act = { merchantId: shop.merchantId, actor: user.email, kind, data }
  await recordAct(trx, act, ctx.clock.now())
}
