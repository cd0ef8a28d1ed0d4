import type { Db } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { enqueueMails, type NewMail } from '../mail/outbox.ts'
import type { Order } from '../orders/order.ts'
import { changeOrder } from '../orders/queries/change-order.ts'
import { recordTimeline } from '../orders/timeline.ts'
import { searchColumns } from '../search-text.ts'

/** Brings an order's contact details up to date, and answers whether the order was as read. */
export function changeContact(
  db: Db,
  order: Order,
  contact: { customerName: string; customerEmail: string },
  at: Date,
  mails: readonly NewMail[],
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    const change = {
      customer_name: contact.customerName,
      customer_email: contact.customerEmail,
      ...searchColumns({ name: contact.customerName, email: contact.customerEmail }),
    }
    if (!(await changeOrder(trx, order, change, at))) return false
    await recordTimeline(
      trx,
      order,
      [{ kind: 'contact_changed', data: {} }],
      { source: 'checkout' },
      at,
    )
    await enqueueMails(trx, mails, at)
    return true
  })
}
