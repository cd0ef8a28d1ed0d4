import type { Request, RequestHandler, Response } from 'express'
import {
  archiveProduct,
  findManaged,
  insertProduct,
  listManaged,
  type ManagedProduct,
  moveProduct,
  updateProduct,
} from '../../../catalog/manage-products.ts'
import { storeImage } from '../../../catalog/product-images.ts'
import type { AppContext } from '../../../context.ts'
import type { Transaction } from '../../../db/database.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { PageNotFoundError } from '../../../errors.ts'
import { formatMoment } from '../../../local-time.ts'
import { type ActKind, recordAct } from '../../../merchants/audit-log.ts'
import { parseMoney } from '../../../money.ts'
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
      const image = await keepPicture(ctx, trx, req, merchantId)
      const facts = { ...factsOf(form, image), stock: stockIn(form.stock) }
      const made = await insertProduct(trx, merchantId, facts, now)
      await record(ctx, trx, res, 'product_created', form.name)
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
      const image = (await keepPicture(ctx, trx, req, merchantId)) ?? kept
      const stock = { typed: stockIn(form.stock), seen: stockIn(form.stockSeen) }
      const read = { id: product.id, merchantId, version: form.version }
      const facts = { ...factsOf(form, image), stock }
      if (!(await updateProduct(trx, read, facts, now))) return false
      await record(ctx, trx, res, 'product_changed', form.name)
      return true
    })
    if (won) return res.redirect(303, `${managedPath(product.id)}?notice=saved`)

    const current = await productOf(ctx, req, res)
    const { stockSeen, version } = formOf(current)
    // Who saves again has seen that somebody else was there.
    const clashAt = formatMoment(current.updatedAt, visit.shop.timeZone, now)
    again({ ...form, stockSeen, version }, { product: current, clashAt })
  }
}

function archive(ctx: AppContext, archived: boolean): RequestHandler {
  return async (req, res) => {
    const product = await productOf(ctx, req, res)
    await inTransaction(ctx.db, async (trx) => {
      await archiveProduct(trx, product, archived, ctx.clock.now())
      const kind = archived ? 'product_archived' : 'product_restored'
      await record(ctx, trx, res, kind, product.name)
    })
    const notice = archived ? 'archived' : 'restored'
    res.redirect(303, `${managedPath(product.id)}?notice=${notice}`)
  }
}

function move(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const product = await productOf(ctx, req, res)
    const direction = formFields(req).direction === 'up' ? 'up' : 'down'
    await inTransaction(ctx.db, (trx) => moveProduct(trx, product, direction))
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
): Promise<string | null> {
  const picture = pictureOf(req)
  return picture ? storeImage(trx, merchantId, picture, ctx.clock.now()) : null
}

function factsOf(form: ProductForm, image: string | null) {
  const { name, description, imageAlt } = form
  const priceCents = parseMoney(form.price)
  if (priceCents === undefined) throw new Error('the price was not checked')
  return { name, description, priceCents, image, imageAlt: image ? imageAlt : '' }
}

async function record(
  ctx: AppContext,
  trx: Transaction,
  res: Response,
  kind: ActKind,
  name: string,
): Promise<void> {
  const { user, shop } = deskOf(res)
  const act = { merchantId: shop.merchantId, actor: user.email, kind, data: { name } }
  await recordAct(trx, act, ctx.clock.now())
}
