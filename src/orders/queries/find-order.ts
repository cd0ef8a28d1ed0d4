import { timestamp } from '../../clock.ts'
import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'
import { OrderNotFoundError } from '../../errors.ts'
import type { Shop } from '../../merchants/shop.ts'
import type { Currency } from '../../money.ts'
import { hashLinkToken, LINK_TOKEN } from '../link-token.ts'
import type { Order, OrderDetails, OrderName, Payment } from '../order.ts'
import { toItem, toOrder, toPayment } from '../rows.ts'

const orderById = compiled((db, id: string) =>
  db.selectFrom('orders').selectAll().where('id', '=', id),
)
const orderOfMerchant = compiled((db, merchantId: string, id: string) =>
  db.selectFrom('orders').selectAll().where('merchant_id', '=', merchantId).where('id', '=', id),
)
const orderByIntent = compiled((db, intentId: string) =>
  db.selectFrom('orders').selectAll().where('intent_id', '=', intentId),
)
const orderByPayment = compiled((db, paymentId: string) =>
  db
    .selectFrom('orders')
    .innerJoin('payments', 'payments.order_id', 'orders.id')
    .selectAll('orders')
    .where('payments.id', '=', paymentId),
)
const orderByCheckoutKey = compiled((db, merchantId: string, checkoutKey: string) =>
  db
    .selectFrom('orders')
    .selectAll()
    .where('checkout_key', '=', checkoutKey)
    .where('merchant_id', '=', merchantId),
)
const orderAndShopByToken = compiled((db, tokenHash: string) =>
  db
    .selectFrom('orders')
    .innerJoin('merchants', 'merchants.id', 'orders.merchant_id')
    .selectAll('orders')
    .select([
      'merchants.slug as shop_slug',
      'merchants.name as shop_name',
      'merchants.tagline as shop_tagline',
      'merchants.currency as shop_currency',
      'merchants.sub_account_id as shop_sub_account_id',
      'merchants.support_email as shop_support_email',
      'merchants.time_zone as shop_time_zone',
      'merchants.language as shop_language',
    ])
    .where('orders.token_hash', '=', tokenHash),
)
const itemsOfOrder = compiled((db, orderId: string) =>
  db.selectFrom('order_items').selectAll().where('order_id', '=', orderId).orderBy('line'),
)
const paymentsOfOrder = compiled((db, orderId: string) =>
  db
    .selectFrom('payments')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('created_at')
    .orderBy('id'),
)

/** @throws OrderNotFoundError */
export async function getOrder(db: Db, id: string): Promise<Order> {
  const [row] = await orderById(db, id)
  if (!row) throw new OrderNotFoundError(`no order ${id}`)
  return toOrder(row)
}

/**
 * The same, of a merchant.
 *
 * @throws OrderNotFoundError also for another merchant's order
 */
export async function getOrderOf(db: Db, { id, merchantId }: OrderName): Promise<Order> {
  const [row] = await orderOfMerchant(db, merchantId, id)
  if (!row) throw new OrderNotFoundError(`the merchant has no order ${id}`)
  return toOrder(row)
}

/** The order that a payment intent (`pi_…`) was made for. */
export async function findOrderByIntent(db: Db, intentId: string): Promise<Order | undefined> {
  const [row] = await orderByIntent(db, intentId)
  return row && toOrder(row)
}

/** The order that has a mirror of a payment (`py_…`). */
export async function findOrderByPayment(db: Db, paymentId: string): Promise<Order | undefined> {
  const [row] = await orderByPayment(db, paymentId)
  return row && toOrder(row)
}

/** The order that was placed with a version of a cart. */
export async function findOrderByCheckoutKey(
  db: Db,
  merchantId: string,
  checkoutKey: string,
): Promise<Order | undefined> {
  const [row] = await orderByCheckoutKey(db, merchantId, checkoutKey)
  return row && toOrder(row)
}

/** The order behind a link, with what its page shows. The token is the right to see it. */
export async function findOrderByToken(
  db: Db,
  token: string,
): Promise<{ details: OrderDetails; shop: Shop } | undefined> {
  if (!LINK_TOKEN.test(token)) return undefined
  const [row] = await orderAndShopByToken(db, hashLinkToken(token))
  if (!row) return undefined

  const [items, payments] = await Promise.all([itemsOfOrder(db, row.id), listPayments(db, row.id)])
  return {
    details: { order: toOrder(row), items: items.map(toItem), payments },
    shop: {
      merchantId: row.merchant_id,
      slug: row.shop_slug,
      name: row.shop_name,
      tagline: row.shop_tagline,
      currency: row.shop_currency as Currency,
      supportEmail: row.shop_support_email,
      timeZone: row.shop_time_zone,
      language: row.shop_language,
      accountId: row.shop_sub_account_id,
    },
  }
}

/** Whether a payment is mirrored in a form at least as new as this. */
export async function isPaymentMirrored(
  db: Db,
  paymentId: string,
  updatedAt: Date,
): Promise<boolean> {
  const row = await db
    .selectFrom('payments')
    .select('updated_at')
    .where('id', '=', paymentId)
    .executeTakeFirst()
  return row !== undefined && row.updated_at >= timestamp(updatedAt)
}

/**
 * The same, for whoever cannot go on without it.
 *
 * @throws OrderNotFoundError
 */
export async function getOrderByToken(
  db: Db,
  token: string,
): Promise<{ details: OrderDetails; shop: Shop }> {
  const found = await findOrderByToken(db, token)
  if (!found) throw new OrderNotFoundError('no order has this token')
  return found
}

/** The mirrored payments of an order, oldest first. */
export async function listPayments(db: Db, orderId: string): Promise<Payment[]> {
  return (await paymentsOfOrder(db, orderId)).map(toPayment)
}
