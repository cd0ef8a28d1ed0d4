import { MAX_ITEMS, MAX_QUANTITY } from '../../cart/cart.ts'
import type { CartLine, PricedCart } from '../../cart/price-check.ts'
import type { Product } from '../../catalog/product.ts'
import type { Shop } from '../../merchants/shop.ts'
import { formatMoney, formatMoneyWithCode } from '../../money.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type FormErrors, formErrors } from '../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor, productPath, shopPath } from '../layout.ts'
import { type TextField, textField } from '../text-field.ts'
import { type ChangesNotice, changesNotice, obstacleText } from './cart-text.ts'
import type { CartNews } from './visit.ts'

export type CartPage = {
  layout: Layout
  words: Words['cart']
  errors?: FormErrors
  news?: string
  changes?: ChangesNotice
  /** Absent: the cart is empty. */
  lines?: CartLineView[]
  total: string
  obstacle?: string
  /** Absent while something stands in the way. */
  checkoutUrl?: string
  shopUrl: string
}

type CartLineView = {
  name: string
  url: string
  image: Product['image']
  each: string
  total: string
  /** Where the forms to change and to remove it go. */
  action: string
  quantity: TextField
}

/** Why a request to the cart was refused. */
export type Refusal =
  | { kind: 'full' }
  | { kind: 'not_sold' }
  | { kind: 'sold_out' }
  | { kind: 'wrong_quantity'; productSlug: string; typed: string }

type Given = {
  ctx: LayoutContext
  shop: Shop
  priced: PricedCart
  news?: CartNews | undefined
  refusal?: Refusal | undefined
}

export function cartPage({ ctx, shop, priced, news, refusal }: Given): CartPage {
  const words = wordsFor(shop.language).cart
  const lines = priced.lines.map((line) => lineView(shop, line, refusal))
  const errors = formErrors(shop.language, {
    ...Object.fromEntries(lines.map(({ quantity }) => [quantity.id, quantity.error])),
    main: refusal && refusalText(refusal, words),
  })
  const changes = changesNotice(shop, priced.changes)
  const obstacle = obstacleText(shop, priced.obstacle)
  const shopUrl = shopPath(shop.slug)

  return {
    layout: layoutFor({
      ctx,
      page: 'cart',
      title: words.title,
      shop,
      cartCount: priced.lines.reduce((sum, line) => sum + line.quantity, 0),
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(news && { news: newsText(news, words) }),
    ...(changes && { changes }),
    ...(lines.length > 0 && { lines }),
    total: formatMoneyWithCode(priced.totalCents, shop.currency),
    ...(obstacle && { obstacle }),
    ...(!priced.obstacle && { checkoutUrl: `${shopUrl}/checkout` }),
    shopUrl,
  }
}

function lineView(shop: Shop, line: CartLine, refusal: Refusal | undefined): CartLineView {
  const words = wordsFor(shop.language).cart
  const { product, quantity, totalCents } = line
  const isRefused = refusal?.kind === 'wrong_quantity' && refusal.productSlug === product.slug

  return {
    name: product.name,
    url: productPath(shop.slug, product.slug),
    image: product.image,
    each: words.each(formatMoney(product.priceCents, shop.currency)),
    total: formatMoney(totalCents, shop.currency),
    action: `${shopPath(shop.slug)}/cart/items/${product.slug}`,
    quantity: textField(
      {
        id: `quantity-${product.slug}`,
        label: words.quantityOf(product.name),
        type: 'text',
        autocomplete: 'off',
        value: isRefused ? refusal.typed : String(quantity),
      },
      isRefused ? words.wrongNewQuantity(product.name, MAX_QUANTITY) : undefined,
    ),
  }
}

function refusalText(refusal: Refusal, words: Words['cart']): string | undefined {
  if (refusal.kind === 'full') return words.full(MAX_ITEMS)
  if (refusal.kind === 'not_sold') return words.notSold
  if (refusal.kind === 'sold_out') return words.soldOutNow
  return undefined
}

function newsText({ kind, product, quantity }: CartNews, words: Words['cart']): string {
  if (kind === 'removed') return words.removed(product)
  return kind === 'added' ? words.added(product, quantity) : words.updated(product, quantity)
}
