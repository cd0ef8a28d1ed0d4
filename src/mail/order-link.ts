import { MINUTE } from '../clock.ts'
import type { Transaction } from '../db/database.ts'
import { findOrderByNumber } from '../orders/queries/order-by-number.ts'
import { enqueueMails } from './outbox.ts'

/** Nobody's mailbox is filled: an order's link goes out once in each of these. */
const SLOT = 10 * MINUTE

/**
 * Mails the link of the order that has this number and address, if there is one. Tells nobody
 * whether there is.
 */
export async function mailOrderLink(
  trx: Transaction,
  asked: { number: string; email: string },
  now: Date,
): Promise<void> {
  const order = await findOrderByNumber(trx, asked.number)
  if (!order || !isSameAddress(order.customerEmail, asked.email)) return

  const key = `order_link:${order.id}:${Math.floor(now.getTime() / SLOT)}`
  const { id: orderId, merchantId } = order
  await enqueueMails(trx, [{ kind: 'order_link', key, orderId, merchantId, data: {} }], now)
}

/** Capitals make no difference: no mail provider of note has two people differ by them alone. */
function isSameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
