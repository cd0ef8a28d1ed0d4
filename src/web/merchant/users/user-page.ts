import { formatFullMoment } from '../../../local-time.ts'
import type { User, UserRights } from '../../../merchants/user.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import type { LayoutContext } from '../../layout.ts'
import { type MailContext, mailArrives } from '../../mail-previews.ts'
import type { TextField } from '../../text-field.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import type { ChecksField, ChoiceField } from '../fields.ts'
import { USERS_PATH, userPath } from './paths.ts'
import {
  contactFields,
  type InviteForm,
  type RightsForm,
  rightsField,
  rightsMark,
  rightsOf,
  roleField,
} from './user-form.ts'
import { rightsText, stateOf, stateTag } from './users-page.ts'

/** The page to invite somebody, and the one to change what somebody may do. */
export type UserPage = {
  layout: DeskLayout
  words: Words['deskUsers']['form']
  errors?: FormErrors
  notice?: string
  /** Somebody else has given the user other rights since the form was opened. */
  clash?: string
  /** Where invitations would not arrive. */
  noMail?: string
  title: string
  lead?: string
  action: string
  /** Only of who is invited: a name and an address are their own afterwards. */
  fields: TextField[]
  role: ChoiceField
  rights: ChecksField
  button: string
  /** Only of who is there already. */
  user?: {
    /** The rights that the page was made from. */
    seen: string
    email: string
    state: { text: string; tone: string }
    since: { text: string; iso: string }
    /** What else can be done, each by a form of its own. */
    acts: { action: string; button: string; hint: string }[]
  }
  back: { url: string; text: string }
}

type Given = { ctx: LayoutContext & MailContext; visit: DeskVisit }

export function invitePage({ ctx, visit, form }: Given & { form: InviteForm }): UserPage {
  const { language } = visit.shop
  const words = wordsFor(language).deskUsers.form
  const fields = contactFields(language, form)
  const noRole = form.problems.role && words.problems.noRole
  const errors = formErrors(language, {
    ...Object.fromEntries(fields.map(({ id, error }) => [id, error])),
    role: noRole,
  })
  const title = words.inviteTitle

  return {
    layout: deskLayout({
      ctx,
      visit,
      page: 'merchant-user',
      part: 'users',
      title,
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(!mailArrives(ctx) && { noMail: wordsFor(language).deskUsers.list.noMail }),
    title,
    lead: words.inviteLead,
    action: USERS_PATH,
    fields,
    role: roleField(language, form, noRole),
    rights: rightsField(language, form),
    button: words.inviteButton,
    back: { url: USERS_PATH, text: words.back },
  }
}

/**
 * @param seen the rights that the form was made from; absent where those are the user's own
 * @param trouble why what was asked for was not done, beside the field or act that asked for it
 */
export function userPage(
  given: Given & {
    user: User
    form?: RightsForm
    seen?: UserRights | undefined
    isClash?: boolean
    trouble?: 'noRole' | 'lastOwner' | 'yourself' | undefined
    notice?: string | undefined
  },
): UserPage {
  const { ctx, visit, user, form = rightsOf(user), seen = user, isClash, trouble, notice } = given
  const { language, timeZone } = visit.shop
  const words = wordsFor(language).deskUsers.form
  const wrong = trouble && words.problems[trouble]
  const errors = formErrors(language, { role: wrong })
  const title = words.changeTitle(user.name)

  return {
    layout: deskLayout({
      ctx,
      visit,
      page: 'merchant-user',
      part: 'users',
      title,
      hasErrors: errors !== undefined || isClash === true,
    }),
    words,
    ...(errors && { errors }),
    ...(notice && { notice }),
    ...(isClash && { clash: words.clash(user.name, standingText(language, user)) }),
    title,
    action: userPath(user.id),
    fields: [],
    role: roleField(language, form, wrong),
    rights: rightsField(language, form),
    button: words.changeButton,
    user: {
      seen: rightsMark(seen),
      email: user.email,
      state: stateTag(language, user),
      since: {
        text: formatFullMoment(user.createdAt, timeZone),
        iso: user.createdAt.toISOString(),
      },
      acts: actsOf(visit, user, words),
    },
    back: { url: USERS_PATH, text: words.back },
  }
}

/** "Staff (Refunds, Exports)" */
function standingText(language: string, user: User): string {
  const { list, roles } = wordsFor(language).deskUsers
  return `${roles[user.role]} (${rightsText(user, list.rightWords)})`
}

function actsOf(visit: DeskVisit, user: User, words: UserPage['words']) {
  const act = (name: string, button: string, hint: string) => ({
    action: `${userPath(user.id)}/${name}`,
    button,
    hint,
  })
  const disable = act('disable', words.disable, words.disableHint)
  switch (stateOf(user)) {
    case 'disabled':
      return [act('enable', words.enable, words.enableHint)]
    case 'invited':
      return [act('invite', words.resend, words.resendHint), disable]
    case 'active':
      return user.id === visit.user.id ? [] : [disable]
  }
}
