import { MINUTE, SECOND } from '../../clock.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type FormErrors, formErrors } from '../form-errors.ts'
import { type Layout, type LayoutContext, layoutFor } from '../layout.ts'
import { type TextField, textField } from '../text-field.ts'
import { SIGN_IN_PATH } from './next-path.ts'
import { FORGOTTEN_PATH } from './passwords/paths.ts'

export type SignInTrouble =
  | { kind: 'missing' }
  | { kind: 'wrong' }
  | { kind: 'too_many'; waitMs: number }

/** `go_on`: who asked for a page has to sign in first. */
export type SignInNotice = 'go_on' | 'go_on_again' | 'signed_out' | 'password_set'

export type SignInPage = {
  layout: Layout
  words: Words['desk']['signIn']
  errors?: FormErrors
  action: string
  fields: TextField[]
  /** Where to go on afterwards. */
  next?: string
  notice?: string
  forgotten: { url: string; text: string }
}

export function signInPage(given: {
  ctx: LayoutContext
  email: string
  next: string | undefined
  trouble?: SignInTrouble
  notice?: SignInNotice | undefined
}): SignInPage {
  const { ctx, email, next, trouble, notice } = given
  const { desk, deskUsers } = wordsFor('en')
  const words = desk.signIn
  const wrong = trouble && troubleText(trouble, words)
  const errors = formErrors('en', { email: wrong })

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
        wrong,
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
    ...(next && { next }),
    ...(notice && { notice: noticeText(notice) }),
    forgotten: { url: FORGOTTEN_PATH, text: deskUsers.forgotten.link },
  }
}

function troubleText(trouble: SignInTrouble, words: SignInPage['words']): string {
  if (trouble.kind !== 'too_many') return words.troubles[trouble.kind]
  return words.tooMany(waitText(trouble.waitMs))
}

function waitText(waitMs: number): string {
  const { seconds, minutes } = wordsFor('en').errors
  return waitMs < MINUTE ? seconds(Math.ceil(waitMs / SECOND)) : minutes(Math.ceil(waitMs / MINUTE))
}

function noticeText(notice: SignInNotice): string {
  const { desk, deskUsers } = wordsFor('en')
  const texts: Record<SignInNotice, string> = {
    go_on: desk.signIn.goOn,
    go_on_again: desk.signIn.goOnAgain,
    signed_out: desk.signIn.signedOut,
    password_set: deskUsers.set.done,
  }
  return texts[notice]
}
