import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor } from '../../layout.ts'
import { type MailContext, mailArrives } from '../../mail-previews.ts'
import { type TextField, textField } from '../../text-field.ts'
import { SIGN_IN_PATH } from '../next-path.ts'
import { FORGOTTEN_PATH } from './paths.ts'

export type ForgottenPage = {
  layout: Layout
  words: Words['deskUsers']['forgotten']
  errors?: FormErrors
  /** Where no link would arrive: there is no form then. */
  noMail?: string
  action: string
  /** Absent once the form was sent. */
  email?: TextField
  signInUrl: string
}

export function forgottenPage(given: {
  ctx: LayoutContext & MailContext
  email?: string
  problem?: string | undefined
  sent?: boolean
}): ForgottenPage {
  const { ctx, email = '', problem, sent = false } = given
  const words = wordsFor('en').deskUsers.forgotten
  const errors = formErrors('en', { email: problem })
  const field = {
    id: 'email',
    label: words.email,
    type: 'email',
    autocomplete: 'username',
    value: email,
  } as const

  return {
    layout: layoutFor({
      ctx,
      page: 'password',
      title: sent ? words.sentTitle : words.title,
      hasErrors: errors !== undefined,
      noindex: true,
    }),
    words,
    ...(errors && { errors }),
    ...(!mailArrives(ctx) && { noMail: words.noMail }),
    action: FORGOTTEN_PATH,
    ...(!sent && { email: textField(field, problem) }),
    signInUrl: SIGN_IN_PATH,
  }
}
