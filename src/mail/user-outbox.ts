import { timestamp } from '../clock.ts'
import type { Transaction } from '../db/database.ts'
import { newId } from '../ids.ts'

/** To the address of a user. Each has its words in the message files. */
export const USER_MAIL_KINDS = [
  'user_invitation',
  'user_password_reset',
  'user_password_changed',
  'user_sub_account_changed',
] as const
export type UserMailKind = (typeof USER_MAIL_KINDS)[number]

export type UserMailData = {
  /** Of the link in the mail: the outbox holds no key that opens something. */
  sealedToken?: string
  invitedBy?: string
  /** The shop's sub account before and after, and who changed it. */
  account?: { from: string; to: string; by: string }
}

/** A mail about a user, and no order. */
export type NewUserMail = {
  kind: UserMailKind
  /** Names the effect: however often it is told, one mail with this key is made. */
  key: string
  userId: string
  merchantId: string
  data: UserMailData
}

/** Puts a mail to a user down, as `enqueueMails` does for those about an order. */
export async function enqueueUserMail(
  trx: Transaction,
  mail: NewUserMail,
  at: Date,
): Promise<void> {
  await trx
    .insertInto('outbox')
    .values({
      id: newId(),
      key: mail.key,
      kind: mail.kind,
      order_id: null,
      user_id: mail.userId,
      merchant_id: mail.merchantId,
      data: JSON.stringify(mail.data),
      due_at: timestamp(at),
      attempts: 0,
      leased_until: null,
      sent_at: null,
      last_error: null,
      created_at: timestamp(at),
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}
