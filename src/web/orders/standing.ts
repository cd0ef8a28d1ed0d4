import type { Shop } from '../../merchants/shop.ts'
import type { OrderDetails } from '../../orders/order.ts'
import type { Words } from '../../words/words.ts'
import type { Offer } from './actions.ts'
import { mailLink, type Text } from './text.ts'

/** What an order's page says about it, and what it offers. */
export type Standing = {
  tone: Tone
  heading: string
  text: Text[]
  /** Not to pay again. Where it is said, there is no way to. */
  warning?: string
  offers: Offer[]
}
export type Tone = 'good' | 'waiting' | 'bad' | 'calm'

/** What a standing is made of. */
export type Seen = OrderDetails & {
  shop: Shop
  now: Date
  checking: boolean
  words: Words['orders']
}

/** Begins a mail to the shop about the order. */
export function contactLink({ order, shop, words }: Seen) {
  return mailLink(shop.supportEmail, words.order(order.number))
}
