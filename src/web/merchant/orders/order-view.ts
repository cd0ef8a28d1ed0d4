import type { User } from '../../../merchants/user.ts'
import { CURRENCIES, formatMoney, formatMoneyWithCode, plainMoney } from '../../../money.ts'
import type { DeskOrder } from '../../../orders/queries/desk-order.ts'
import type { Words } from '../../../words/words.ts'
import { moment, type TimePart } from '../../orders/text.ts'
import type { DeskVisit } from '../desk.ts'

export type OrderWords = Words['deskOrders']['order']

/** What the parts of an order's page are made from. */
export type OrderView = {
  seen: DeskOrder
  visit: DeskVisit
  words: OrderWords
  /** Of the whole list, for the words of statuses. */
  listWords: Words['deskOrders']
  deskWords: Words['desk']
  /** What customers read, for the words of cards and refusals. */
  customerWords: Words['orders']
  /** Of the shop, by e-mail. */
  users: ReadonlyMap<string, User>
  now: Date
}

export type Fact = { label: string; text: string; hint?: string }

/** An id at JustiFi, with a button to copy it. */
export type CopyableId = { label: string; id: string; copyName: string }

export function copyableId(words: OrderWords, label: string, id: string): CopyableId {
  return { label, id, copyName: words.payment.copyName(label) }
}

/** "Sam (staff)" for an e-mail that somebody of the shop has, else the e-mail. */
export function personName({ users, words, deskWords }: OrderView, email: string): string {
  const user = users.get(email)
  return user ? words.timeline.person(user.name, deskWords.nav.roles[user.role]) : email
}

export function timeOf({ visit, now }: OrderView, at: Date): TimePart {
  return moment(at, visit.shop.timeZone, now)
}

/** Money in another currency than the order's, which may be any, is told with its code. */
export function amountOf({ seen }: OrderView, cents: number, currency?: string): string {
  const own = seen.order.currency
  if (currency === undefined || currency === own) return formatMoney(cents, own)
  const known = CURRENCIES.find((one) => one === currency)
  return known
    ? formatMoneyWithCode(cents, known)
    : `${plainMoney(cents)} ${currency.toUpperCase()}`
}
