import { timestamp } from '../../src/clock.ts'
import type { Db } from '../../src/db/database.ts'
import type { NewRow } from '../../src/db/schema.ts'
import { newId, newOrderNumber, newSecret } from '../../src/ids.ts'
import { type OrderStatus, STATUS_RULES } from '../../src/orders/order.ts'
import { searchColumns } from '../../src/search-text.ts'

export type OrderFacts = {
  number?: string
  status?: OrderStatus
  reason?: string
  name?: string
  email?: string
  createdAt?: Date
  totalCents?: number
  refundedCents?: number
  feeCents?: number
  lastFour?: string
  unansweredSince?: Date
}

/** What an order was inserted as. `paymentId` is null where its status knows no payment. */
export type InsertedOrder = { id: string; number: string; paymentId: string | null }

const BATCH = 200

/** Writes orders straight into the books, with a payment each where their status has money. */
export async function insertOrders(
  db: Db,
  merchantId: string,
  facts: readonly OrderFacts[],
): Promise<InsertedOrder[]> {
  const rows = facts.map((one) => rowsOf(merchantId, one))
  await db.transaction().execute(async (trx) => {
    for (let i = 0; i < rows.length; i += BATCH) {
      const batch = rows.slice(i, i + BATCH)
      const payments = batch.flatMap(({ payment }) => payment ?? [])
      await trx
        .insertInto('orders')
        .values(batch.map(({ order }) => order))
        .execute()
      await trx
        .insertInto('order_items')
        .values(batch.flatMap(({ items }) => items))
        .execute()
      if (payments.length > 0) await trx.insertInto('payments').values(payments).execute()
    }
  })
  return rows.map(({ order, payment }) => ({
    id: order.id,
    number: order.number,
    paymentId: payment?.id ?? null,
  }))
}

export type OrderRows = {
  order: NewRow<'orders'>
  items: NewRow<'order_items'>[]
  payment: NewRow<'payments'> | undefined
}

/** The rows of one order, as placing and paying it would have left them. */
export function rowsOf(merchantId: string, facts: OrderFacts): OrderRows {
  const {
    number = newOrderNumber(),
    status = 'paid',
    name = 'Ann Example',
    email = 'ann@example.com',
    createdAt = new Date(),
    totalCents = 4_200,
    lastFour = '4242',
  } = facts
  const id = newId()
  const at = timestamp(createdAt)
  const hasMoney = STATUS_RULES[status].money
  const paymentId = hasMoney ? `py_${id}` : null

  return {
    order: {
      id,
      merchant_id: merchantId,
      number,
      token_hash: newSecret(),
      token_sealed: 'sealed',
      checkout_key: id,
      status,
      reason: facts.reason ?? null,
      version: 1,
      customer_name: name,
      customer_email: email,
      ...searchColumns({ name, email }),
      currency: 'usd',
      total_cents: totalCents,
      account_id: 'acc_test',
      mode: 'test',
      intent_key: `intent-${id}`,
      intent_description: `Order ${number}`,
      intent_id: `pi_${id}`,
      page_ends_at: null,
      returned_at: null,
      cancelled_at: null,
      paid_at: hasMoney ? at : null,
      payment_id: paymentId,
      paid_cents: hasMoney ? totalCents : 0,
      refunded_cents: facts.refundedCents ?? 0,
      disputed_cents: 0,
      asked_at: at,
      answered_at: at,
      next_check_at: null,
      check_count: 0,
      leased_until: null,
      unanswered_since: facts.unansweredSince ? timestamp(facts.unansweredSince) : null,
      created_at: at,
      updated_at: at,
    },
    items: [
      {
        order_id: id,
        merchant_id: merchantId,
        line: 1,
        product_id: 'product',
        product_slug: 'blue-mug',
        product_name: 'Blue mug',
        unit_price_cents: totalCents,
        quantity: 1,
        total_cents: totalCents,
      },
    ],
    payment:
      paymentId === null
        ? undefined
        : {
            id: paymentId,
            order_id: id,
            merchant_id: merchantId,
            account_id: 'acc_test',
            is_test: 1,
            status: 'succeeded',
            amount_cents: totalCents,
            currency: 'usd',
            refunded_cents: facts.refundedCents ?? 0,
            disputed_cents: 0,
            fee_cents: facts.feeCents ?? 152,
            method: 'card',
            brand: 'visa',
            last_four: lastFour,
            error_code: null,
            error_message: null,
            created_at: at,
            updated_at: at,
          },
  }
}
