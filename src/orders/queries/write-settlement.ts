import { timestamp } from '../../clock.ts'
import type { Transaction } from '../../db/database.ts'
import type { Order, Payment } from '../order.ts'
import { recountReserved } from './refunds.ts'

/**
 * Mirrors JustiFi's payments of an order. A payment belongs to one order for ever: one that is
 * already mirrored for another order is left alone.
 */
export async function mirrorPayments(
  trx: Transaction,
  order: Order,
  payments: readonly Payment[],
): Promise<void> {
  for (const payment of payments) {
    const facts = {
      account_id: payment.accountId,
      is_test: payment.isTest ? 1 : 0,
      status: payment.status,
      amount_cents: payment.amountCents,
      currency: payment.currency,
      refunded_cents: payment.refundedCents,
      disputed_cents: payment.disputedCents,
      fee_cents: payment.feeCents,
      method: payment.method,
      brand: payment.brand,
      last_four: payment.lastFour,
      error_code: payment.errorCode,
      error_message: payment.errorMessage,
      updated_at: timestamp(payment.updatedAt),
    }
    await trx
      .insertInto('payments')
      .values({
        id: payment.id,
        order_id: order.id,
        merchant_id: order.merchantId,
        created_at: timestamp(payment.createdAt),
        ...facts,
      })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet(facts).where('payments.order_id', '=', order.id),
      )
      .execute()
    await recountReserved(trx, payment.id)
  }
}
