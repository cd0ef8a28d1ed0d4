import { MAX_EMAIL_LENGTH } from '../../email-address.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type FormErrors, formErrors } from '../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor } from '../layout.ts'
import type { ContactForm } from '../shop/contact-form.ts'
import { type TextField, textField } from '../text-field.ts'

export type FindOrderPage = {
  layout: Layout
  words: Words['findOrder']
  errors?: FormErrors
  /** Whether the link was just asked for. */
  sent: boolean
  action: string
  fields: TextField[]
}

/** What was sent, fit to be shown again. */
export type FindOrderForm = {
  number: string
  numberProblem?: 'missing'
  email: string
  emailProblem?: NonNullable<ContactForm['problems']['email']>
}

export const FIND_ORDER_PATH = '/orders/find'

const NOTHING_SENT: FindOrderForm = { number: '', email: '' }

/** Belongs to no shop: order numbers are unique across them. */
export function findOrderPage(given: {
  ctx: LayoutContext
  form?: FindOrderForm
  sent?: boolean
}): FindOrderPage {
  const { ctx, form = NOTHING_SENT, sent = false } = given
  const { findOrder: words, checkout } = wordsFor('en')
  const fields = fieldsOf(form, words, checkout)
  const errors = formErrors('en', Object.fromEntries(fields.map(({ id, error }) => [id, error])))

  return {
    layout: layoutFor({
      ctx,
      page: 'find-order',
      title: sent ? words.sentTitle : words.title,
      hasErrors: errors !== undefined,
      noindex: true,
    }),
    words,
    ...(errors && { errors }),
    sent,
    action: FIND_ORDER_PATH,
    fields,
  }
}

function fieldsOf(
  { number, numberProblem, email, emailProblem }: FindOrderForm,
  words: Words['findOrder'],
  checkout: Words['checkout'],
): TextField[] {
  const numberWords = { missing: words.noNumber }
  const emailWords = {
    missing: checkout.noEmail,
    too_long: checkout.longEmail(MAX_EMAIL_LENGTH),
    wrong: checkout.wrongEmail,
  }
  return [
    textField(
      {
        id: 'number',
        label: words.number,
        type: 'text',
        autocomplete: 'off',
        value: number,
        hint: words.numberHint,
      },
      numberProblem && numberWords[numberProblem],
    ),
    textField(
      { id: 'email', label: words.email, type: 'email', autocomplete: 'email', value: email },
      emailProblem && emailWords[emailProblem],
    ),
  ]
}
