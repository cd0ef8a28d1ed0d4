import type { ExpressionBuilder } from 'kysely'
import { timestamp } from '../../clock.ts'
import type { Db, Transaction } from '../../db/database.ts'
import type { Change, NewRow, Row, Schema } from '../../db/schema.ts'
import { OPEN_REFUNDS, type Refund, type RefundOutcome } from '../refund.ts'

export async function getRefund(db: Db, id: string): Promise<Refund> {
  const refund = await findRefundById(db, id)
  if (!refund) throw new Error(`no refund ${id}`)
  return refund
}

/** The refund that a form asked for, so that a second submit asks for no other. */
export async function findRefundByForm(
  db: Db,
  merchantId: string,
  formKey: string,
): Promise<Refund | undefined> {
  const row = await db
    .selectFrom('refunds')
    .selectAll()
    .where('merchant_id', '=', merchantId)
    .where('form_key', '=', formKey)
    .executeTakeFirst()
  return row && toRefund(row)
}

export async function findRefundAtJustifi(db: Db, refundId: string): Promise<Refund | undefined> {
  const row = await db
    .selectFrom('refunds')
    .selectAll()
    .where('refund_id', '=', refundId)
    .executeTakeFirst()
  return row && toRefund(row)
}

export async function findRefundById(db: Db, id: string): Promise<Refund | undefined> {
  const row = await db.selectFrom('refunds').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toRefund(row)
}

/** The refunds of an order, oldest first. */
export async function listRefunds(db: Db, orderId: string): Promise<Refund[]> {
  const rows = await db
    .selectFrom('refunds')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(toRefund)
}

/**
 * Promises part of a payment, if that much of it is still free: captured, less refunded, promised
 * and disputed. The one UPDATE checks and takes, whoever else tries at the same moment.
 *
 * @param expectedLeftCents what was free when somebody decided; where anything else is, nothing is taken
 * @returns false when that much is not free
 */
export async function reserve(
  trx: Transaction,
  payment: { id: string; orderId: string; merchantId: string },
  amountCents: number,
  expectedLeftCents?: number,
): Promise<boolean> {
  let update = trx
    .updateTable('payments')
    .set((set) => ({ reserved_cents: set('reserved_cents', '+', amountCents) }))
    .where('id', '=', payment.id)
    .where('order_id', '=', payment.orderId)
    .where('merchant_id', '=', payment.merchantId)
    .where('status', 'in', ['succeeded', 'partially_refunded', 'disputed'])
    .where((free) => free(leftOf(free), '>=', amountCents))
  if (expectedLeftCents !== undefined) {
    update = update.where((free) => free(leftOf(free), '=', expectedLeftCents))
  }
  const { numUpdatedRows } = await update.executeTakeFirst()
  return numUpdatedRows === 1n
}

function leftOf(free: ExpressionBuilder<Schema, 'payments'>) {
  const undisputed = free('amount_cents', '-', free.ref('disputed_cents'))
  return free(free(undisputed, '-', free.ref('refunded_cents')), '-', free.ref('reserved_cents'))
}

/**
 * Makes other writers of a payment's refunds wait. Taken before any of its refunds is touched, as
 * `reserve` does too, so that no two transactions wait for each other.
 */
export async function lockPayment(trx: Transaction, paymentId: string): Promise<void> {
  await trx
    .updateTable('payments')
    .set((set) => ({ reserved_cents: set.ref('reserved_cents') }))
    .where('id', '=', paymentId)
    .execute()
}

/**
 * Works out anew what is promised of a payment: its open refunds, and those that succeeded and are
 * not yet in JustiFi's own sum. After any change of either, in the same transaction.
 */
export async function recountReserved(trx: Transaction, paymentId: string): Promise<void> {
  await lockPayment(trx, paymentId)
  const payment = await trx
    .selectFrom('payments')
    .select(['amount_cents', 'refunded_cents'])
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow()
  const refunds = await trx
    .selectFrom('refunds')
    .select(['outcome', 'amount_cents'])
    .where('payment_id', '=', paymentId)
    .execute()

  const sumOf = (outcomes: readonly string[]) =>
    refunds
      .filter(({ outcome }) => outcomes.includes(outcome))
      .reduce((sum, refund) => sum + refund.amount_cents, 0)
  const unseen = Math.max(0, sumOf(['succeeded']) - payment.refunded_cents)
  // JustiFi does not say whether its sum holds pending refunds. Should it, they are counted twice
  // until they end, which promises too little; but never more than there is.
  const left = Math.max(0, payment.amount_cents - payment.refunded_cents)

  await trx
    .updateTable('payments')
    .set({ reserved_cents: Math.min(sumOf(OPEN_REFUNDS) + unseen, left) })
    .where('id', '=', paymentId)
    .execute()
}

/** @returns false when the form, JustiFi's refund, or another open refund of the payment is there */
export async function insertRefund(trx: Transaction, refund: NewRow<'refunds'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('refunds')
    .values(refund)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** Writes a refund's outcome, if it still is what the writer read. */
export async function changeRefund(
  trx: Transaction,
  refund: Refund,
  change: Change<'refunds'>,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('refunds')
    .set(change)
    .where('id', '=', refund.id)
    .where('outcome', '=', refund.outcome)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Takes open refunds that are due to be asked about; as `leaseDueOrders` does for orders. */
export async function leaseDueRefunds(
  db: Db,
  limit: number,
  now: Date,
  until: Date,
): Promise<Refund[]> {
  const at = timestamp(now)
  const rows = await db
    .updateTable('refunds')
    .set({ leased_until: timestamp(until) })
    .where('id', 'in', (due) =>
      due
        .selectFrom('refunds')
        .select('id')
        .where('next_check_at', '<=', at)
        .where((free) =>
          free.or([free('leased_until', 'is', null), free('leased_until', '<=', at)]),
        )
        .orderBy('next_check_at')
        .limit(limit),
    )
    .where((free) => free.or([free('leased_until', 'is', null), free('leased_until', '<=', at)]))
    .returningAll()
    .execute()
  return rows.map(toRefund)
}

export async function scheduleRefund(
  db: Db,
  refundId: string,
  nextAt: Date | null,
  looks: number,
): Promise<void> {
  await db
    .updateTable('refunds')
    .set({ next_check_at: nextAt && timestamp(nextAt), check_count: looks, leased_until: null })
    .where('id', '=', refundId)
    .execute()
}

export function toRefund(row: Row<'refunds'>): Refund {
  return {
    id: row.id,
    orderId: row.order_id,
    merchantId: row.merchant_id,
    paymentId: row.payment_id,
    idempotencyKey: row.idempotency_key,
    refundId: row.refund_id,
    amountCents: row.amount_cents,
    reason: row.reason,
    note: row.note,
    outcome: row.outcome as RefundOutcome,
    errorCode: row.error_code,
    actor: row.actor,
    checkCount: row.check_count,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}
