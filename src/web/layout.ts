import type { AppContext } from '../context.ts'
import type { Shop } from '../merchants/shop.ts'
import { type Words, wordsFor } from '../words/words.ts'

/** What `<body data-page>` may say. */
export type PageName =
  | 'home'
  | 'shop'
  | 'product'
  | 'cart'
  | 'checkout'
  | 'order'
  | 'receipt'
  | 'find-order'
  | 'sign-in'
  | 'merchant-home'
  | 'merchant-orders'
  | 'merchant-order'
  | 'merchant-refund'
  | 'merchant-products'
  | 'merchant-product'
  | 'merchant-events'
  | 'merchant-reconciliation'
  | 'merchant-event'
  | 'merchant-job'
  | 'merchant-settings'
  | 'merchant-users'
  | 'merchant-user'
  | 'password'
  | 'dev-mails'
  | 'error'

/** The part that every view-model has, under `layout`: what views/layout shows around a page. */
export type Layout = {
  /** Whole text of `<title>`. */
  title: string
  page: PageName
  language: string
  words: Words['layout']
  noindex: boolean
  testMode: boolean
  /** Path of the page's script below public/, for the few that have one. */
  script?: string
  shop?: LayoutShop
}

export type LayoutShop = {
  name: string
  slug: string
  url: string
  supportEmail: string
  help: string
  cartUrl: string
  /** "3 items"; absent while the cart is empty, or where the page does not know. */
  cartCount?: string
}

/** An AppContext will do; only the side of JustiFi, test or live, is asked of it. */
export type LayoutContext = { justifi: Pick<AppContext['justifi'], 'mode'> }

type Given = {
  ctx: LayoutContext
  page: PageName
  /** What this page is; the name of the shop or site is put after it. */
  title: string
  shop?: Shop | undefined
  /** Pieces in the cart, where the page knows. */
  cartCount?: number | undefined
  /** The page came back because of mistakes in a form; its title then says so first. */
  hasErrors?: boolean
  noindex?: boolean
  script?: string
}

/** The surroundings of a page: in the shop's words, or in English where it belongs to none. */
export function layoutFor(given: Given): Layout {
  const { ctx, page, shop, cartCount, hasErrors, noindex = false, script } = given
  const language = shop?.language ?? 'en'
  const words = wordsFor(language).layout
  const site = shop?.name ?? words.siteName
  const title = given.title === site ? site : words.title(given.title, site)

  return {
    title: hasErrors ? words.errorTitle(title) : title,
    page,
    language,
    words,
    noindex,
    testMode: ctx.justifi.mode === 'test',
    ...(script && { script }),
    ...(shop && { shop: layoutShop(shop, words, cartCount) }),
  }
}

function layoutShop(shop: Shop, words: Words['layout'], cartCount: number | undefined): LayoutShop {
  const url = shopPath(shop.slug)
  return {
    name: shop.name,
    slug: shop.slug,
    url,
    supportEmail: shop.supportEmail,
    help: words.help(shop.name),
    cartUrl: `${url}/cart`,
    ...(cartCount && { cartCount: words.cartCount(cartCount) }),
  }
}

export function shopPath(slug: string): string {
  return `/shops/${slug}`
}

export function productPath(shopSlug: string, slug: string): string {
  return `${shopPath(shopSlug)}/products/${slug}`
}
