import { countPieces, MAX_QUANTITY } from '../../cart/cart.ts'
import type { Product } from '../../catalog/product.ts'
import { formatMoneyWithCode } from '../../money.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type FormErrors, formErrors } from '../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor, shopPath } from '../layout.ts'
import { type TextField, textField } from '../text-field.ts'
import type { Visit } from './visit.ts'

export type ProductPage = {
  layout: Layout
  words: Words['catalog']
  errors?: FormErrors
  name: string
  slug: string
  description: string
  price: string
  image: Product['image']
  /** "Only 2 left"; absent where there are enough, or nobody counts. */
  left?: string
  /** Absent where it is sold out. */
  quantity?: TextField
  /** Where the form to add it goes. */
  cartUrl: string
  back: { url: string; label: string }
}

/** From so many on, a page says how many are left. */
const FEW = 5

/** @param refused the quantity as it was typed, where it is none */
export function productPage(
  ctx: LayoutContext,
  { shop, cart }: Visit,
  product: Product,
  refused?: string,
): ProductPage {
  const { catalog: words, cart: cartWords } = wordsFor(shop.language)
  const wrong = refused === undefined ? undefined : cartWords.wrongQuantity(MAX_QUANTITY)
  const errors = formErrors(shop.language, { quantity: wrong })

  return {
    layout: layoutFor({
      ctx,
      page: 'product',
      title: product.name,
      shop,
      cartCount: countPieces(cart),
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    name: product.name,
    slug: product.slug,
    description: product.description,
    price: formatMoneyWithCode(product.priceCents, shop.currency),
    image: product.image,
    ...(product.stock !== undefined &&
      product.stock <= FEW && {
        left: product.stock === 0 ? words.soldOut : words.fewLeft(product.stock),
      }),
    ...(product.stock !== 0 && {
      quantity: textField(
        {
          id: 'quantity',
          label: words.quantity,
          type: 'text',
          autocomplete: 'off',
          value: refused ?? '1',
        },
        wrong,
      ),
    }),
    cartUrl: `${shopPath(shop.slug)}/cart`,
    back: { url: shopPath(shop.slug), label: words.backToShop(shop.name) },
  }
}
