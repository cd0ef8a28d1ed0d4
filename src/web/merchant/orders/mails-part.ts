import type { AppContext } from '../../../context.ts'
import { composeMail } from '../../../mail/compose-mail.ts'
import { MERCHANT_MAIL_KINDS } from '../../../mail/outbox.ts'
import { isGivenUp, type StoredOrderMail } from '../../../mail/queries.ts'
import { hasRight } from '../../../merchants/user.ts'
import type { Text } from '../../orders/text.ts'
import { type OrderView, timeOf } from './order-view.ts'
import { orderDeskPath } from './paths.ts'

/** A mail of the outbox with its text as it would go out now. */
export type ReadMail = { mail: StoredOrderMail; text: string | undefined }

/** A customer's link, and what of an order it leads to. Whoever has it can act as the customer. */
const CUSTOMER_LINK = /\S*\/orders\/[\w-]{22,}\S*/g

/**
 * A mail that cannot be made, because a secret is gone, is shown without its text.
 *
 * @param instead what a reader who may only look is shown in place of the customer's links; undefined
 *   for whoever may see them
 */
export function readMails(
  ctx: AppContext,
  mails: readonly StoredOrderMail[],
  instead?: string,
): Promise<ReadMail[]> {
  return Promise.all(
    mails.map(async (mail) => {
      try {
        const { subject, text } = await composeMail(ctx, mail)
        const shown = instead === undefined ? text : text.replace(CUSTOMER_LINK, instead)
        return { mail, text: `${subject}\n\n${shown}` }
      } catch (err) {
        ctx.log.warn({ err, mail: mail.id }, 'a mail cannot be shown')
        return { mail, text: undefined }
      }
    }),
  )
}

export type MailRow = {
  kind: string
  to: string
  state: Text
  trouble?: string
  text?: string
  resend?: { action: string; key: string; name: string }
}

/** @param resendKey of the forms on this page: a second press of one button sends no second mail */
export function mailRows(
  view: OrderView,
  mails: readonly ReadMail[],
  resendKey: string,
): MailRow[] {
  const { seen, visit, words } = view
  const said = words.mails
  const mayWork = hasRight(visit.user, 'work')
  const toShop: readonly string[] = MERCHANT_MAIL_KINDS

  return mails.map(({ mail, text }) => {
    const kind = said.kinds[mail.kind]
    return {
      kind,
      to: toShop.includes(mail.kind) ? said.toShop : said.to(seen.order.customerEmail),
      state: stateOf(view, mail),
      ...(mail.lastError && { trouble: `${said.tries(mail.attempts)}: ${mail.lastError}` }),
      ...(text !== undefined && { text }),
      ...(mayWork && {
        resend: {
          action: `${orderDeskPath(seen.order.number)}/mails/${mail.id}/resend`,
          key: resendKey,
          name: said.resendName(kind),
        },
      }),
    }
  })
}

function stateOf(view: OrderView, mail: StoredOrderMail): Text {
  const said = view.words.mails
  if (mail.sentAt) return said.sent(timeOf(view, mail.sentAt))
  return isGivenUp(mail) ? [said.givenUp] : said.waiting(timeOf(view, mail.createdAt))
}
