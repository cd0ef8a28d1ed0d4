import type { Shop } from '../../merchants/shop.ts'
import type { Words } from '../../words/words.ts'
import { shopPath } from '../layout.ts'
import { orderPath } from './paths.ts'

/** What an order's page can offer its customer; each has its words in the message files. */
export type Offer = keyof Words['orders']['offers']

/** A form of one button, a link, or, with neither address, a button that the script serves. */
export type Action = {
  id: Offer
  label: string
  /** Classes of public/shop.css. */
  style: string
  postTo?: string
  href?: string
}

type Place = { shop: Shop; token: string; words: Words['orders'] }

/** The offers as buttons and links. The first is the one that the page is for. */
export function actionsOf(offers: readonly Offer[], place: Place): Action[] {
  return offers.map((offer, index) => ({
    id: offer,
    label: place.words.offers[offer],
    style: styleOf(offer, index === 0),
    ...addressOf(offer, place),
  }))
}

function styleOf(offer: Offer, isMain: boolean): string {
  if (isMain) return 'button'
  return offer === 'cancel' ? 'button button--quiet' : 'button button--secondary'
}

function addressOf(offer: Offer, { shop, token }: Place): Pick<Action, 'postTo' | 'href'> {
  const order = orderPath(token)
  switch (offer) {
    case 'goToPayment':
    case 'tryAgain':
    case 'payNow':
      return { postTo: `${order}/pay` }
    case 'cancel':
      return { postTo: `${order}/cancel` }
    case 'checkAgain':
    case 'toOrder':
      return { href: order }
    case 'receipt':
      return { href: `${order}/receipt` }
    case 'toShop':
      return { href: shopPath(shop.slug) }
    case 'print':
      return {}
  }
}
