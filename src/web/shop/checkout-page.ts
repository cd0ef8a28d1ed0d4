import type { PricedCart } from '../../cart/price-check.ts'
import type { Product } from '../../catalog/product.ts'
import { MAX_EMAIL_LENGTH } from '../../email-address.ts'
import type { Shop } from '../../merchants/shop.ts'
import { formatMoney, formatMoneyWithCode } from '../../money.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type FormErrors, formErrors } from '../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor, shopPath } from '../layout.ts'
import { type TextField, textField } from '../text-field.ts'
import { type ChangesNotice, changesNotice } from './cart-text.ts'
import { type ContactForm, MAX_NAME_LENGTH } from './contact-form.ts'

export type CheckoutPage = {
  layout: Layout
  words: Words['checkout']
  errors?: FormErrors
  changes?: ChangesNotice
  action: string
  checkoutKey: string
  fields: TextField[]
  button: string
  lines: { name: string; quantity: string; total: string; image: Product['image'] }[]
  total: string
  cartUrl: string
}

type Given = {
  ctx: LayoutContext
  shop: Shop
  priced: PricedCart
  checkoutKey: string
  /** What was sent, where the page is shown again. */
  form?: ContactForm
  /** The cart is not the one that the form was made for. */
  outdated?: boolean
}

const NOTHING_SENT: ContactForm = { contact: { name: '', email: '' }, problems: {} }

export function checkoutPage(given: Given): CheckoutPage {
  const { ctx, shop, priced, checkoutKey, form = NOTHING_SENT, outdated } = given
  const words = wordsFor(shop.language).checkout
  const fields = contactFields(form, words)
  const errors = formErrors(
    shop.language,
    Object.fromEntries(fields.map(({ id, error }) => [id, error])),
  )
  const total = formatMoney(priced.totalCents, shop.currency)
  const changes = changesNotice(shop, priced.changes, outdated ? [words.totalNow(total)] : [])
  const shopUrl = shopPath(shop.slug)

  return {
    layout: layoutFor({
      ctx,
      page: 'checkout',
      title: words.title,
      shop,
      cartCount: priced.lines.reduce((sum, line) => sum + line.quantity, 0),
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(changes && { changes }),
    action: `${shopUrl}/checkout`,
    checkoutKey,
    fields,
    button: words.continue(total),
    lines: priced.lines.map(({ product, quantity, totalCents }) => ({
      name: product.name,
      quantity: words.times(quantity),
      total: formatMoney(totalCents, shop.currency),
      image: product.image,
    })),
    total: formatMoneyWithCode(priced.totalCents, shop.currency),
    cartUrl: `${shopUrl}/cart`,
  }
}

function contactFields({ contact, problems }: ContactForm, words: Words['checkout']): TextField[] {
  const nameWords = {
    missing: words.noName,
    too_long: words.longName(MAX_NAME_LENGTH),
    wrong: words.wrongName,
  }
  const emailWords = {
    missing: words.noEmail,
    too_long: words.longEmail(MAX_EMAIL_LENGTH),
    wrong: words.wrongEmail,
  }
  return [
    textField(
      { id: 'name', label: words.name, type: 'text', autocomplete: 'name', value: contact.name },
      problems.name && nameWords[problems.name],
    ),
    textField(
      {
        id: 'email',
        label: words.email,
        type: 'email',
        autocomplete: 'email',
        value: contact.email,
        hint: words.emailHint,
      },
      problems.email && emailWords[problems.email],
    ),
  ]
}
