import type { Shop } from '../../../merchants/shop.ts'
import type { User } from '../../../merchants/user.ts'
import type { UserLinkKind } from '../../../merchants/user-links.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor } from '../../layout.ts'
import { type TextField, textField } from '../../text-field.ts'
import { FORGOTTEN_PATH } from './paths.ts'

export type SetPasswordPage = {
  layout: Layout
  words: Words['deskUsers']['set']
  errors?: FormErrors
  title: string
  /** Absent where the link leads nowhere. */
  form?: { action: string; lead: string; email: string; password: TextField }
  forgottenUrl: string
}

/** @param found absent for a link that was used, is too old, or never was: they look the same */
export function setPasswordPage(given: {
  ctx: LayoutContext
  action: string
  found: { user: User; shop: Shop; kind: UserLinkKind } | undefined
  problem?: string | undefined
}): SetPasswordPage {
  const { ctx, action, found, problem } = given
  const { set: words, password } = wordsFor(found?.shop.language ?? 'en').deskUsers
  const title = found ? words.titles[found.kind] : words.deadTitle
  const errors = formErrors('en', { password: problem })
  const field = {
    id: 'password',
    label: words.password,
    type: 'password',
    autocomplete: 'new-password',
    // Never sent back.
    value: '',
    hint: password.hint,
  } as const

  return {
    layout: layoutFor({
      ctx,
      page: 'password',
      title,
      hasErrors: errors !== undefined,
      noindex: true,
    }),
    words,
    ...(errors && { errors }),
    title,
    ...(found && {
      form: {
        action,
        lead: words.lead(found.shop.name),
        email: found.user.email,
        password: textField(field, problem),
      },
    }),
    forgottenUrl: FORGOTTEN_PATH,
  }
}
