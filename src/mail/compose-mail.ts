import type { AppContext } from '../context.ts'
import { findOrderByToken, getOrder } from '../orders/queries/find-order.ts'
import type { Mailbox, OutgoingMail } from './mailer.ts'
import { isForMerchant, messageOf, oneLine } from './message.ts'
import type { StoredMail } from './queries.ts'
import { htmlOf, textOf } from './render-message.ts'

type Context = Pick<AppContext, 'db' | 'publicUrl' | 'linkTokens'>

/**
 * A mail of the outbox as it would go out now. However often it is made, its Message-ID stays: who
 * gets it twice can tell.
 *
 * @throws Error where no secret of the installation opens the order's link
 */
export async function composeMail(ctx: Context, mail: StoredMail): Promise<OutgoingMail> {
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
    messageId: `<${mail.id}@${new URL(ctx.publicUrl).hostname}>`,
    // Without the customer's name: whoever orders can write anything there, to anybody's address.
    to: forMerchant ? support : { name: '', address: order.customerEmail },
    ...(!forMerchant && { replyTo: support }),
    subject: message.subject,
    text: textOf(message),
    html: htmlOf(message),
  }
}
