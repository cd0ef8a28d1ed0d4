import { timestamp } from '../../clock.ts'
import { compiled } from '../../db/compiled.ts'
import type { Db, Transaction } from '../../db/database.ts'
import { OrderNotFoundError } from '../../errors.ts'
import type { Order, OrderItem, OrderName } from '../order.ts'
import type { Refund } from '../refund.ts'
import type { ReservedPayment } from '../refundable.ts'
import { toItem, toOrder, toPayment } from '../rows.ts'
import type { Dispute } from './disputes.ts'
import { toRefund } from './refunds.ts'

/** Everything that the shop knows about an order. */
export type DeskOrder = {
  order: Order
  fulfilledAt: Date | null
  /** Since when JustiFi has been asked about it in vain. */
  unansweredSince: Date | null
  items: OrderItem[]
  /** Each oldest first. */
  payments: ReservedPayment[]
  refunds: DeskRefund[]
  disputes: Dispute[]
  timeline: TimelineRow[]
}

export type DeskRefund = Refund & { dealtWithAt: Date | null }

/** `data` as it was recorded by this version of the shop, or an earlier one. */
export type TimelineRow = {
  at: Date
  kind: string
  source: string
  actor: string | null
  data: Record<string, unknown>
}

/** The newest of a long life; what is older is left out of the page. */
const MOST_ENTRIES = 300

/**
 * An order of a merchant by its number.
 *
 * @throws OrderNotFoundError also for the number of another merchant's order
 */
export async function getDeskOrder(db: Db, merchantId: string, number: string): Promise<DeskOrder> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('number', '=', number)
    .executeTakeFirst()
  if (!row) throw new OrderNotFoundError('the merchant has no order of this number')

  const { id } = row
  const [items, payments, refunds, disputes, timeline] = await Promise.all([
    itemsOf(db, merchantId, id),
    paymentsOf(db, merchantId, id),
    refundsOf(db, merchantId, id),
    disputesOf(db, merchantId, id),
    timelineOf(db, merchantId, id, MOST_ENTRIES),
  ])

  return {
    order: toOrder(row),
    fulfilledAt: toDate(row.fulfilled_at),
    unansweredSince: toDate(row.unanswered_since),
    items: items.map(toItem),
    payments: payments.map((payment) => ({
      ...toPayment(payment),
      reservedCents: payment.reserved_cents,
    })),
    refunds: refunds.map((refund) => ({
      ...toRefund(refund),
      dealtWithAt: toDate(refund.dealt_with_at),
    })),
    disputes: disputes.map((dispute) => ({
      id: dispute.id,
      paymentId: dispute.payment_id,
      status: dispute.status,
      amountCents: dispute.amount_cents,
      currency: dispute.currency,
      reason: dispute.reason,
      dueDate: dispute.due_date,
      createdAt: new Date(dispute.created_at),
      updatedAt: new Date(dispute.updated_at),
    })),
    timeline: timeline.reverse().map(({ at, kind, source, actor, data }) => ({
      ...{ kind, source, actor },
      at: new Date(at),
      data: JSON.parse(data),
    })),
  }
}

const itemsOf = compiled((db, merchantId: string, orderId: string) =>
  db
    .selectFrom('order_items')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('order_id', '=', orderId)
    .orderBy('line'),
)
const paymentsOf = compiled((db, merchantId: string, orderId: string) =>
  db
    .selectFrom('payments')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('order_id', '=', orderId)
    .orderBy('created_at')
    .orderBy('id'),
)
const refundsOf = compiled((db, merchantId: string, orderId: string) =>
  db
    .selectFrom('refunds')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('order_id', '=', orderId)
    .orderBy('created_at')
    .orderBy('id'),
)
const disputesOf = compiled((db, merchantId: string, orderId: string) =>
  db
    .selectFrom('disputes')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('order_id', '=', orderId)
    .orderBy('created_at'),
)
const timelineOf = compiled((db, merchantId: string, orderId: string, limit: number) =>
  db
    .selectFrom('timeline')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('order_id', '=', orderId)
    .orderBy('id', 'desc')
    .limit(limit),
)

/**
 * Notes that a person has dealt with a refund that failed or whose outcome is not known.
 *
 * @returns whether it was open to that, and not dealt with before
 */
export async function markDealtWith(
  trx: Transaction,
  refund: Pick<Refund, 'id' | 'orderId' | 'merchantId'>,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('refunds')
    .set({ dealt_with_at: timestamp(at) })
    .where('id', '=', refund.id)
    .where('order_id', '=', refund.orderId)
    .where('merchant_id', '=', refund.merchantId)
    .where('outcome', 'in', ['failed', 'unknown'])
    .where('dealt_with_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/**
 * An order of a merchant, and whether its goods went out.
 *
 * @throws OrderNotFoundError also for another merchant's order
 */
export async function getFulfilment(
  db: Db,
  { id, merchantId }: OrderName,
): Promise<{ order: Order; isFulfilled: boolean }> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw new OrderNotFoundError(`the merchant has no order ${id}`)
  return { order: toOrder(row), isFulfilled: row.fulfilled_at !== null }
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}
