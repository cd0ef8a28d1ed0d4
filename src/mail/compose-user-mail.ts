import type { AppContext } from '../context.ts'
import { findUserAndShop } from '../merchants/user-queries.ts'
import { wordsFor } from '../words/words.ts'
import type { OutgoingMail } from './mailer.ts'
import { type Message, oneLine } from './message.ts'
import type { StoredUserMail } from './queries.ts'
import { htmlOf, textOf } from './render-message.ts'

type Context = Pick<AppContext, 'db' | 'publicUrl' | 'linkTokens'>

/**
 * A mail to somebody who works for a merchant. The link in it begins with PUBLIC_URL, whatever host
 * the request that asked for it named.
 *
 * @throws Error where no secret of the installation opens the link in it
 */
export async function composeUserMail(
  ctx: Context,
  mail: StoredUserMail,
): Promise<Omit<OutgoingMail, 'messageId'>> {
  const found = await findUserAndShop(ctx.db, mail.userId)
  if (!found) throw new Error('the user of a mail is gone')
  const { user, shop } = found
  const words = wordsFor(shop.language).deskUsers.mails
  const shopName = oneLine(shop.name)
  const { invitedBy = '', account } = mail.data
  const told = words.byKind[mail.kind]({ shop: shopName, email: user.email, invitedBy, account })

  const message: Message = {
    language: shop.language,
    shop: shopName,
    subject: oneLine(told.subject),
    heading: told.heading,
    text: told.text,
    links: [{ label: told.link, url: linkOf(ctx, mail) }],
    footer: [words.why(shopName)],
  }
  return {
    to: { name: '', address: user.email },
    subject: message.subject,
    text: textOf(message),
    html: htmlOf(message),
  }
}

function linkOf(ctx: Context, { kind, data: { sealedToken } }: StoredUserMail): string {
  const desk = `${ctx.publicUrl}/merchant`
  if (kind === 'user_sub_account_changed') return `${desk}/settings`
  if (sealedToken === undefined) return `${desk}/forgotten-password`
  return `${desk}/password/${ctx.linkTokens.unseal(sealedToken)}`
}
