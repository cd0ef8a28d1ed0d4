import { hasRight } from '../../merchants/user.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type Layout, type LayoutContext, layoutFor, type PageName, shopPath } from '../layout.ts'
import type { DeskVisit } from './desk.ts'

/** What views/layout/desk-top shows around a page of the desk. */
export type DeskLayout = Layout & {
  nav: {
    words: Words['desk']['nav']
    shopName: string
    shopUrl: string
    links: { text: string; url: string; current: boolean }[]
    userName: string
    role: string
    account: { url: string; current: boolean }
    /** Where the form that signs out posts to. */
    signOut: string
  }
}

const LINKS = [
  { part: 'home', url: '/merchant', right: 'view' },
  { part: 'orders', url: '/merchant/orders', right: 'view' },
  { part: 'products', url: '/merchant/products', right: 'view' },
  { part: 'events', url: '/merchant/events', right: 'view' },
  { part: 'reconciliation', url: '/merchant/reconciliation', right: 'view' },
  { part: 'users', url: '/merchant/users', right: 'manage' },
  { part: 'settings', url: '/merchant/settings', right: 'view' },
] as const

export type DeskPart = (typeof LINKS)[number]['part'] | 'account'

/** The surroundings of a page of the desk, in the words of its shop's language. */
export function deskLayout(given: {
  ctx: LayoutContext
  visit: DeskVisit
  page: PageName
  /** Which of the navigation's links leads here, or to the page above this one. */
  part: DeskPart
  /** What this page is; the shop's name is put after it. */
  title: string
  hasErrors?: boolean
  script?: string
}): DeskLayout {
  const { ctx, visit, page, part, title, hasErrors = false, script } = given
  const { shop, user } = visit
  const words = wordsFor(shop.language).desk.nav

  return {
    ...layoutFor({
      ctx,
      page,
      title,
      shop,
      hasErrors,
      noindex: true,
      ...(script && { script }),
    }),
    nav: {
      words,
      shopName: shop.name,
      shopUrl: shopPath(shop.slug),
      links: LINKS.filter(({ right }) => hasRight(user, right)).map((link) => ({
        text: words[link.part],
        url: link.url,
        current: link.part === part,
      })),
      userName: user.name,
      role: words.roles[user.role],
      account: { url: '/merchant/account', current: part === 'account' },
      signOut: '/merchant/sign-out',
    },
  }
}
