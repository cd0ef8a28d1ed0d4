import type { User } from '../../../merchants/user.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import { type MailContext, mailArrives } from '../../mail-previews.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { NEW_USER_PATH, userPath } from './paths.ts'

export type UsersPage = {
  layout: DeskLayout
  words: Words['deskUsers']['list']
  notice?: string
  /** Where invitations would not arrive. */
  noMail?: string
  inviteUrl: string
  users: {
    name: string
    url: string
    isYou: boolean
    email: string
    role: string
    rights: string
    state: { text: string; tone: string }
  }[]
}

export type UserState = 'active' | 'invited' | 'disabled'
const TONES: Record<UserState, string> = { active: 'good', invited: 'waiting', disabled: 'bad' }

export function stateOf(user: User): UserState {
  if (user.disabledAt) return 'disabled'
  return user.passwordHash === null ? 'invited' : 'active'
}

export function stateTag(language: string, user: User): { text: string; tone: string } {
  const state = stateOf(user)
  return { text: wordsFor(language).deskUsers.list.states[state], tone: TONES[state] }
}

export function usersPage(given: {
  ctx: LayoutContext & MailContext
  visit: DeskVisit
  users: User[]
  notice: string | undefined
}): UsersPage {
  const { ctx, visit, users, notice } = given
  const { language } = visit.shop
  const { list: words, roles } = wordsFor(language).deskUsers

  return {
    layout: deskLayout({ ctx, visit, page: 'merchant-users', part: 'users', title: words.title }),
    words,
    ...(notice && { notice }),
    ...(!mailArrives(ctx) && { noMail: words.noMail }),
    inviteUrl: NEW_USER_PATH,
    users: users.map((user) => ({
      name: user.name,
      url: userPath(user.id),
      isYou: user.id === visit.user.id,
      email: user.email,
      role: roles[user.role],
      rights: rightsText(user, words.rightWords),
      state: stateTag(language, user),
    })),
  }
}

export function rightsText(user: User, words: UsersPage['words']['rightWords']): string {
  if (user.role === 'owner') return words.all
  const rights = [user.mayRefund && words.refund, user.mayExport && words.export].filter(Boolean)
  return rights.join(', ') || words.none
}
