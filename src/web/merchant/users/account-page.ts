import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import type { LayoutContext } from '../../layout.ts'
import { type TextField, textField } from '../../text-field.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { ACCOUNT_PATH } from './paths.ts'

export type AccountPage = {
  layout: DeskLayout
  words: Words['deskUsers']['account']
  errors?: FormErrors
  notice?: string
  email: string
  role: string
  name: { action: string; field: TextField }
  password: { action: string; fields: TextField[] }
}

/** By the id of the field, in words. */
export type AccountProblems = { name?: string; current_password?: string; new_password?: string }

export function accountPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  name?: string
  problems?: AccountProblems
  notice?: string | undefined
}): AccountPage {
  const { ctx, visit, name = visit.user.name, problems = {}, notice } = given
  const { language } = visit.shop
  const { account: words, password, roles } = wordsFor(language).deskUsers
  const errors = formErrors(language, problems)
  // Passwords are never sent back.
  const secret = { type: 'password', value: '' } as const

  return {
    layout: deskLayout({
      ctx,
      visit,
      page: 'merchant-user',
      part: 'account',
      title: words.title,
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(notice && { notice }),
    email: visit.user.email,
    role: roles[visit.user.role],
    name: {
      action: ACCOUNT_PATH,
      field: textField(
        {
          id: 'name',
          label: words.name,
          type: 'text',
          autocomplete: 'name',
          value: name,
          hint: words.nameHint,
        },
        problems.name,
      ),
    },
    password: {
      action: `${ACCOUNT_PATH}/password`,
      fields: [
        textField(
          {
            ...secret,
            id: 'current_password',
            label: words.current,
            autocomplete: 'current-password',
          },
          problems.current_password,
        ),
        textField(
          {
            ...secret,
            id: 'new_password',
            label: words.next,
            autocomplete: 'new-password',
            hint: password.hint,
          },
          problems.new_password,
        ),
      ],
    },
  }
}
