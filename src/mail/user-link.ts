import { MINUTE } from '../clock.ts'
import type { AppContext } from '../context.ts'
import type { Transaction } from '../db/database.ts'
import type { User } from '../merchants/user.ts'
import { insertUserLink } from '../merchants/user-links.ts'
import { findUserByEmail } from '../merchants/user-queries.ts'
import { enqueueUserMail } from './user-outbox.ts'

/** Nobody's mailbox is filled: a link to reset a password goes out once in each of these. */
const SLOT = 5 * MINUTE

type Context = Pick<AppContext, 'linkTokens' | 'clock'>

/** Mails an invited user the link by which they choose a password. */
export async function mailInvitation(
  ctx: Context,
  trx: Transaction,
  user: User,
  invitedBy: string,
): Promise<void> {
  const now = ctx.clock.now()
  const { hash: tokenHash, sealed: sealedToken } = ctx.linkTokens.issue()
  await insertUserLink(trx, { user, kind: 'invitation', tokenHash }, now)
  await enqueueUserMail(
    trx,
    {
      kind: 'user_invitation',
      key: `invitation:${tokenHash}`,
      userId: user.id,
      merchantId: user.merchantId,
      data: { sealedToken, invitedBy },
    },
    now,
  )
}

/**
 * Mails the user who has this address a link by which they choose another password. Tells nobody
 * whether there is one. Who has not accepted an invitation yet gets the link of one again.
 */
export async function mailPasswordReset(
  ctx: Context,
  trx: Transaction,
  email: string,
): Promise<void> {
  const now = ctx.clock.now()
  const user = await findUserByEmail(trx, email)
  if (!user || user.disabledAt !== null) return

  const key = `password_reset:${user.id}:${Math.floor(now.getTime() / SLOT)}`
  if (await isPutDown(trx, key)) return
  const { hash: tokenHash, sealed: sealedToken } = ctx.linkTokens.issue()
  await insertUserLink(trx, { user, kind: 'password_reset', tokenHash }, now)
  const { id: userId, merchantId } = user
  const data = { sealedToken }
  await enqueueUserMail(trx, { kind: 'user_password_reset', key, userId, merchantId, data }, now)
}

async function isPutDown(trx: Transaction, key: string): Promise<boolean> {
  const mail = await trx.selectFrom('outbox').select('id').where('key', '=', key).executeTakeFirst()
  return mail !== undefined
}
