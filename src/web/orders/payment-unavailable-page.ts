import type { Shop } from '../../merchants/shop.ts'
import type { OrderDetails } from '../../orders/order.ts'
import { wordsFor } from '../../words/words.ts'
import type { Layout, LayoutContext } from '../layout.ts'
import { type OrderHooks, orderHooks, orderLayout } from './order-page.ts'
import { orderPath } from './paths.ts'

export type PaymentUnavailablePageInput = {
  ctx: LayoutContext
  details: Pick<OrderDetails, 'order'>
  shop: Shop
  token: string
}

export type PaymentUnavailablePage = {
  status: 502
  layout: Layout
  hooks: OrderHooks
  heading: string
  body: string
  warning?: string
  /** A new try, where nobody can have paid yet. */
  retry?: { postTo: string; label: string }
  /** To the order's page. */
  link: { href: string; label: string }
}

/**
 * JustiFi did not open a payment page. Says that the order is kept, and nothing about money: once a
 * page was opened for the order somebody may have paid on it, so there is then no way to pay here.
 */
export function paymentUnavailablePage(input: PaymentUnavailablePageInput): PaymentUnavailablePage {
  const { ctx, details, shop, token } = input
  const { order } = details
  const words = wordsFor(shop.language).orders
  const said = words.paymentUnavailable
  const mayBePaid = order.pageEndsAt !== null
  const heading = mayBePaid ? said.uncertainHeading : said.heading
  const href = orderPath(token)

  return {
    status: 502,
    layout: orderLayout(ctx, shop, words.title(heading, order.number)),
    hooks: orderHooks(order, token, mayBePaid),
    heading,
    ...(mayBePaid
      ? {
          body: said.uncertain(order.number),
          warning: words.doNotPayAgain,
          link: { href, label: said.checkAgain },
        }
      : {
          body: said.kept(order.number),
          retry: { postTo: `${href}/pay`, label: said.tryAgain },
          link: { href, label: said.toOrder },
        }),
  }
}
