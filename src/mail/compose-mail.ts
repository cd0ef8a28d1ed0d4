import type { AppContext } from '../context.ts'
import { composeOrderMail } from './compose-order-mail.ts'
import { composeUserMail } from './compose-user-mail.ts'
import type { OutgoingMail } from './mailer.ts'
import type { StoredMail } from './queries.ts'

type Context = Pick<AppContext, 'db' | 'publicUrl' | 'linkTokens'>

/**
 * A mail of the outbox as it would go out now. However often it is made, its Message-ID stays: who
 * gets it twice can tell.
 *
 * @throws Error where no secret of the installation opens the link in it
 */
export async function composeMail(ctx: Context, mail: StoredMail): Promise<OutgoingMail> {
  const messageId = `<${mail.id}@${new URL(ctx.publicUrl).hostname}>`
  const made =
    'userId' in mail ? await composeUserMail(ctx, mail) : await composeOrderMail(ctx, mail)
  return { messageId, ...made }
}
