import type { Shop } from '../../merchants/shop.ts'
import type { OrderDetails } from '../../orders/order.ts'
import { wordsFor } from '../../words/words.ts'
import type { Layout, LayoutContext } from '../layout.ts'
import { type Action, actionsOf } from './actions.ts'
import { type OrderHooks, orderHooks, orderLayout } from './order-page.ts'

export type PaymentUnavailablePageInput = {
  ctx: LayoutContext
  details: Pick<OrderDetails, 'order'>
  shop: Shop
  token: string
  /** Somebody may have paid on a page that was opened before. */
  mayBePaid: boolean
}

export type PaymentUnavailablePage = {
  status: 502
  layout: Layout
  hooks: OrderHooks
  heading: string
  body: string
  warning?: string
  actions: Action[]
}

/**
 * JustiFi did not open a payment page. Says that the order is kept, and nothing about money. Where
 * JustiFi could not be asked whether somebody paid on an earlier page, there is no way to pay here.
 */
export function paymentUnavailablePage(input: PaymentUnavailablePageInput): PaymentUnavailablePage {
  const { ctx, details, shop, token, mayBePaid } = input
  const { order } = details
  const words = wordsFor(shop.language).orders
  const said = words.paymentUnavailable
  const heading = mayBePaid ? said.uncertainHeading : said.heading

  return {
    status: 502,
    layout: orderLayout(ctx, shop, words.title(heading, order.number)),
    hooks: orderHooks(order, token, mayBePaid),
    heading,
    body: mayBePaid ? said.uncertain(order.number) : said.kept(order.number),
    ...(mayBePaid && { warning: words.doNotPayAgain }),
    actions: actionsOf(mayBePaid ? ['checkAgain'] : ['tryAgain', 'toOrder'], {
      shop,
      token,
      words,
    }),
  }
}
