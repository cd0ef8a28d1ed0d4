import { timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { Row } from '../db/schema.ts'
import type { MailKind, NewMail } from './outbox.ts'
import type { NewUserMail, UserMailKind } from './user-outbox.ts'

/** A mail of the outbox. */
export type StoredMail = StoredOrderMail | StoredUserMail
export type StoredOrderMail = NewMail & Delivery
export type StoredUserMail = NewUserMail & Delivery

type Delivery = {
  id: string
  /** Times that it was taken to be sent, this one included. Grows, so it names the taker's lease. */
  attempts: number
  dueAt: Date
  sentAt: Date | null
  /** Which step went wrong and the code of the answer; nothing that was said about people. */
  lastError: string | null
  createdAt: Date
}

/** The due time of a mail that is not tried any more. Sorts after every other. */
const NEVER = '9999-12-31T23:59:59.999Z'

/**
 * Takes mails that are due, the longest overdue first, and keeps other instances off them until
 * `until`. The conditions stand twice: on PostgreSQL two instances that pick the same mail queue
 * for its row, and the second must find it taken.
 */
export async function leaseDueMails(
  db: Db,
  limit: number,
  now: Date,
  until: Date,
): Promise<StoredMail[]> {
  const at = timestamp(now)
  const rows = await db
    .updateTable('outbox')
    .set((eb) => ({ leased_until: timestamp(until), attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', (due) =>
      due
        .selectFrom('outbox')
        .select('id')
        .where('sent_at', 'is', null)
        .where('due_at', '<=', at)
        .where((where) =>
          where.or([where('leased_until', 'is', null), where('leased_until', '<=', at)]),
        )
        .orderBy('due_at')
        .limit(limit),
    )
    .where('sent_at', 'is', null)
    .where('due_at', '<=', at)
    .where((where) =>
      where.or([where('leased_until', 'is', null), where('leased_until', '<=', at)]),
    )
    .returningAll()
    .execute()
  return rows.map(toStoredMail)
}

/** The mail went out. That is so whoever holds its lease by now. */
export async function markSent(db: Db, mail: StoredMail, now: Date): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ sent_at: timestamp(now), leased_until: null, last_error: null })
    .where('id', '=', mail.id)
    .where('sent_at', 'is', null)
    .execute()
}

/** Ends the lease of a mail that did not go out, unless another has taken it since. */
export async function putBack(
  db: Db,
  mail: StoredMail,
  error: string,
  /** Null: it is not tried again. */
  dueAt: Date | null,
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({
      due_at: dueAt ? timestamp(dueAt) : NEVER,
      last_error: error,
      leased_until: null,
    })
    .where('id', '=', mail.id)
    .where('attempts', '=', mail.attempts)
    .where('sent_at', 'is', null)
    .execute()
}

/** The newest mails of the whole installation: for development. */
export async function listNewestMails(db: Db, limit: number): Promise<StoredMail[]> {
  const rows = await db
    .selectFrom('outbox')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toStoredMail)
}

export async function findMail(db: Db, id: string): Promise<StoredMail | undefined> {
  const row = await db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toStoredMail(row)
}

/** The mails about an order of a merchant, oldest first; of very many the newest `limit`. */
export async function listOrderMails(
  db: Db,
  order: { id: string; merchantId: string },
  limit: number,
): Promise<StoredOrderMail[]> {
  const rows = await db
    .selectFrom('outbox')
    .selectAll()
    .where('order_id', '=', order.id)
    .where('merchant_id', '=', order.merchantId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => toStoredMail(row) as StoredOrderMail).reverse()
}

/** Whether a mail is not tried any more. */
export function isGivenUp(mail: StoredMail): boolean {
  return mail.sentAt === null && timestamp(mail.dueAt) >= NEVER
}

function toStoredMail(row: Row<'outbox'>): StoredMail {
  const { key, merchant_id: merchantId } = row
  const data = JSON.parse(row.data)
  const delivery = {
    id: row.id,
    attempts: row.attempts,
    dueAt: new Date(row.due_at),
    sentAt: row.sent_at === null ? null : new Date(row.sent_at),
    lastError: row.last_error,
    createdAt: new Date(row.created_at),
  }
  if (row.user_id !== null) {
    const kind = row.kind as UserMailKind
    return { ...delivery, kind, key, userId: row.user_id, merchantId, data }
  }
  if (row.order_id === null) throw new Error('a mail is about nothing')
  return { ...delivery, kind: row.kind as MailKind, key, orderId: row.order_id, merchantId, data }
}
