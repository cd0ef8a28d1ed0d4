import type { AppContext } from '../../src/context.ts'
import { composeMail } from '../../src/mail/compose-mail.ts'
import { findMail } from '../../src/mail/queries.ts'
import type { UserMailKind } from '../../src/mail/user-outbox.ts'

/** The newest mail of a kind to an address, as it would go out; undefined where there is none. */
export async function mailTo(ctx: AppContext, email: string, kind: UserMailKind) {
  const row = await ctx.db
    .selectFrom('outbox')
    .innerJoin('users', 'users.id', 'outbox.user_id')
    .select('outbox.id')
    .where('users.email', '=', email)
    .where('outbox.kind', '=', kind)
    .orderBy('outbox.id', 'desc')
    .executeTakeFirst()
  const mail = row && (await findMail(ctx.db, row.id))
  return mail && composeMail(ctx, mail)
}

/** The path of the link in such a mail. */
export async function linkTo(ctx: AppContext, email: string, kind: UserMailKind): Promise<string> {
  const mail = await mailTo(ctx, email, kind)
  const [, path] = /https?:\/\/[^/\s]+(\/\S+)/.exec(mail?.text ?? '') ?? []
  if (!path) throw new Error(`no ${kind} went to ${email}`)
  return path
}
