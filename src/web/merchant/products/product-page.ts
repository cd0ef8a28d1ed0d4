import type { ManagedProduct } from '../../../catalog/managed-products.ts'
import type { Product } from '../../../catalog/product.ts'
import { hasRight } from '../../../merchants/user.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import { type LayoutContext, productPath } from '../../layout.ts'
import { MAX_NAME_LENGTH } from '../../shop/contact-form.ts'
import { type TextField, textField } from '../../text-field.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { type AreaField, withError } from '../fields.ts'
import { managedPath, PRODUCTS_PATH } from './paths.ts'
import { formOf, MAX_ALT_LENGTH, MAX_DESCRIPTION_LENGTH, type ProductForm } from './product-form.ts'

type FileField = { id: string; label: string; hint: string; error?: string; describedBy: string }

export type ManagedProductPage = {
  layout: DeskLayout
  words: Words['deskProducts']['form']
  errors?: FormErrors
  notice?: string
  /** Somebody else has changed the product since the form was opened. */
  clash?: string
  title: string
  /** For who may change it; others see `facts`. */
  form?: {
    action: string
    version: number
    stockSeen: string
    name: TextField
    description: AreaField
    price: TextField
    stock: TextField
    picture: FileField
    imageAlt: TextField
    removeImage: boolean
    button: string
  }
  facts: { label: string; text: string }[]
  image?: Product['image']
  /** To archive or restore it. */
  act?: { action: string; button: string; hint: string }
  shopUrl?: string
  back: { url: string; text: string }
}

/** @param product absent on the page to add one */
export function managedProductPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  product?: ManagedProduct | undefined
  form: ProductForm
  clashAt?: string | undefined
  notice?: string | undefined
}): ManagedProductPage {
  const { ctx, visit, product, form, clashAt, notice } = given
  const { shop, user } = visit
  const words = wordsFor(shop.language).deskProducts.form
  const errors = formErrors(shop.language, form.problems)
  const title = product?.name ?? words.newTitle
  const mayWork = hasRight(user, 'work')
  const fields = fieldsOf(form, shop.currency.toUpperCase(), words)

  return {
    layout: deskLayout({
      ctx,
      visit,
      page: 'merchant-product',
      part: 'products',
      title,
      hasErrors: errors !== undefined || clashAt !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(notice && { notice }),
    ...(clashAt && { clash: clashText(clashAt, form, product, words) }),
    title,
    ...(mayWork && {
      form: {
        action: product ? managedPath(product.id) : PRODUCTS_PATH,
        version: form.version,
        stockSeen: form.stockSeen,
        ...fields,
        removeImage: form.removeImage,
        button: product ? words.save : words.create,
      },
    }),
    facts: mayWork || !product ? [] : factsOf(product, fields),
    ...(product?.image && { image: product.image }),
    ...(mayWork && product && { act: actOf(product, words) }),
    ...(product && !product.archivedAt && { shopUrl: productPath(shop.slug, product.slug) }),
    back: { url: PRODUCTS_PATH, text: words.back },
  }
}

function fieldsOf(form: ProductForm, currency: string, words: ManagedProductPage['words']) {
  const { problems } = form
  const plain = { type: 'text', autocomplete: 'off' } as const
  return {
    name: textField(
      { ...plain, id: 'name', label: words.name, value: form.name, maxLength: MAX_NAME_LENGTH },
      problems.name,
    ),
    description: withError<AreaField>(
      {
        id: 'description',
        label: words.description,
        hint: words.descriptionHint(MAX_DESCRIPTION_LENGTH),
        maxLength: MAX_DESCRIPTION_LENGTH,
        value: form.description,
        rows: 6,
        optional: true,
      },
      problems.description,
    ),
    price: textField(
      {
        ...plain,
        id: 'price',
        label: words.price(currency),
        hint: words.priceHint,
        value: form.price,
      },
      problems.price,
    ),
    stock: textField(
      {
        ...plain,
        id: 'stock',
        label: words.stock,
        hint: words.stockHint,
        value: form.stock,
        optional: true,
      },
      problems.stock,
    ),
    picture: withError<FileField>(
      { id: 'picture', label: words.image, hint: words.imageHint },
      problems.picture,
    ),
    imageAlt: textField(
      {
        ...plain,
        id: 'image_alt',
        label: words.imageAlt,
        hint: words.imageAltHint,
        maxLength: MAX_ALT_LENGTH,
        value: form.imageAlt,
        optional: true,
      },
      problems.image_alt,
    ),
  }
}

function factsOf(product: ManagedProduct, fields: ReturnType<typeof fieldsOf>) {
  const shown = formOf(product)
  return [
    { label: fields.price.label, text: shown.price },
    { label: fields.stock.label, text: shown.stock || '–' },
    { label: fields.description.label, text: shown.description },
  ]
}

function clashText(
  clashAt: string,
  { stockSeen }: ProductForm,
  product: ManagedProduct | undefined,
  words: ManagedProductPage['words'],
): string {
  const stock = product ? formOf(product).stock : stockSeen
  const text = words.clash(clashAt)
  return stock === stockSeen ? text : `${text} ${words.stockNow(stock, stockSeen)}`
}

function actOf(product: ManagedProduct, words: ManagedProductPage['words']) {
  return product.archivedAt
    ? {
        action: `${managedPath(product.id)}/restore`,
        button: words.restore,
        hint: words.restoreHint,
      }
    : {
        action: `${managedPath(product.id)}/archive`,
        button: words.archive,
        hint: words.archiveHint,
      }
}
