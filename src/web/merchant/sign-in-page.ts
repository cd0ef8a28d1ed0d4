import { type Words, wordsFor } from '../../words/words.ts'
import { type FormErrors, formErrors } from '../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor } from '../layout.ts'
import { type TextField, textField } from '../text-field.ts'
import { SIGN_IN_PATH } from './desk.ts'

export type SignInTrouble = 'missing' | 'wrong' | 'too_many'

export type SignInPage = {
  layout: Layout
  words: Words['desk']['signIn']
  errors?: FormErrors
  action: string
  fields: TextField[]
  /** Where to go on afterwards. */
  next?: string
  /** Told to who was sent here from another page. */
  notice?: string
}

export function signInPage(given: {
  ctx: LayoutContext
  email: string
  next: string | undefined
  trouble?: SignInTrouble
}): SignInPage {
  const { ctx, email, next, trouble } = given
  const words = wordsFor('en').desk.signIn
  const errors = formErrors('en', { email: trouble && words.troubles[trouble] })

  return {
    layout: layoutFor({
      ctx,
      page: 'sign-in',
      title: words.title,
      hasErrors: errors !== undefined,
      noindex: true,
    }),
    words,
    ...(errors && { errors }),
    action: SIGN_IN_PATH,
    fields: [
      textField(
        { id: 'email', label: words.email, type: 'email', autocomplete: 'username', value: email },
        trouble && words.troubles[trouble],
      ),
      textField(
        {
          id: 'password',
          label: words.password,
          type: 'password',
          autocomplete: 'current-password',
          // Never sent back.
          value: '',
        },
        undefined,
      ),
    ],
    ...(next && { next, ...(!trouble && { notice: words.goOn }) }),
  }
}
