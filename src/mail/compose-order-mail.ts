import type { AppContext } from '../context.ts'
import { findOrderByToken, getOrder } from '../orders/queries/find-order.ts'
import type { Mailbox, OutgoingMail } from './mailer.ts'
import { isForMerchant, messageOf, oneLine } from './message.ts'
import type { StoredOrderMail } from './queries.ts'
import { htmlOf, textOf } from './render-message.ts'

type Context = Pick<AppContext, 'db' | 'publicUrl' | 'linkTokens'>

/**
 * A mail about an order, to its customer or its merchant.
 *
 * @throws Error where no secret of the installation opens the order's link
 */
export async function composeOrderMail(
  ctx: Context,
  mail: StoredOrderMail,
): Promise<Omit<OutgoingMail, 'messageId'>> {
  const { tokenSealed } = await getOrder(ctx.db, mail.orderId)
  const token = ctx.linkTokens.unseal(tokenSealed)
  const found = await findOrderByToken(ctx.db, token)
  if (!found) throw new Error('the sealed token of an order is not its own')

  const { details, shop } = found
  const { order } = details
  const orderUrl = `${ctx.publicUrl}/orders/${token}`
  const message = messageOf({
    mail,
    details,
    shop,
    urls: {
      order: orderUrl,
      receipt: `${orderUrl}/receipt`,
      merchantOrder: `${ctx.publicUrl}/merchant/orders/${order.number}`,
    },
  })
  const support: Mailbox = { name: oneLine(shop.name), address: shop.supportEmail }
  const forMerchant = isForMerchant(mail.kind)

  return {
    // Without the customer's name: whoever orders can write anything there, to anybody's address.
    to: forMerchant ? support : { name: '', address: order.customerEmail },
    ...(!forMerchant && { replyTo: support }),
    subject: message.subject,
    text: textOf(message),
    html: htmlOf(message),
  }
}
