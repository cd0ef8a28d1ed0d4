import { takeStock } from '../catalog/stock.ts'
import { timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { newId, newOrderNumber } from '../ids.ts'
import { enqueueMails, type NewMail } from '../mail/outbox.ts'
import type { Shop } from '../merchants/shop.ts'
import { MAX_TOTAL_CENTS, MIN_TOTAL_CENTS } from '../money.ts'
import { type Order, STATUS_RULES } from '../orders/order.ts'
import { findOrderByCheckoutKey, getOrder } from '../orders/queries/find-order.ts'
import { insertOrder } from '../orders/queries/insert-order.ts'
import { recordTimeline } from '../orders/timeline.ts'
import { searchColumns } from '../search-text.ts'
import { changeContact } from './change-contact.ts'
import { firstCheckAt } from './check-schedule.ts'

export type NewOrder = {
  shop: Shop
  /** As the catalogue has them now; the order keeps copies. */
  lines: OrderLine[]
  customerName: string
  customerEmail: string
  /** Names the version of the cart. The same key again finds the same order. */
  checkoutKey: string
}

export type OrderLine = {
  productId: string
  productSlug: string
  productName: string
  unitPriceCents: number
  quantity: number
}

/** `created` is false when the key was already used. The token opens the order's page. */
export type Placed = { orderId: string; token: string; created: boolean }

export type Contact = Pick<Order, 'customerName' | 'customerEmail'>

/**
 * Stores an order, with the key and content of the payment intent to come, before anything is
 * asked of JustiFi. Where its key has an order already, that one is placed again.
 *
 * @throws SoldOutError where fewer pieces are left than are ordered
 */
export async function placeOrder(ctx: AppContext, order: NewOrder): Promise<Placed> {
  const totalCents = order.lines.reduce((sum, line) => sum + line.unitPriceCents * line.quantity, 0)
  if (totalCents < MIN_TOTAL_CENTS || totalCents > MAX_TOTAL_CENTS) {
    throw new RangeError(`an order of ${totalCents} cents cannot be paid at JustiFi`)
  }

  const now = ctx.clock.now()
  const id = newId()
  const number = newOrderNumber()
  const { token, hash, sealed } = ctx.linkTokens.issue()
  const { merchantId, currency } = order.shop

  const created = await inTransaction(ctx.db, async (trx) => {
    const inserted = await insertOrder(
      trx,
      {
        id,
        merchant_id: merchantId,
        number,
        token_hash: hash,
        token_sealed: sealed,
        checkout_key: order.checkoutKey,
        status: 'awaiting_payment',
        reason: null,
        version: 1,
        customer_name: order.customerName,
        customer_email: order.customerEmail,
        ...searchColumns({ name: order.customerName, email: order.customerEmail }),
        currency,
        total_cents: totalCents,
        account_id: order.shop.accountId,
        mode: ctx.justifi.mode,
        intent_key: `intent-${id}`,
        intent_description: `Order ${number} at ${order.shop.name}`,
        intent_id: null,
        page_ends_at: null,
        returned_at: null,
        cancelled_at: null,
        paid_at: null,
        payment_id: null,
        paid_cents: 0,
        refunded_cents: 0,
        disputed_cents: 0,
        asked_at: null,
        answered_at: null,
        next_check_at: timestamp(firstCheckAt(now)),
        check_count: 0,
        leased_until: null,
        created_at: timestamp(now),
        updated_at: timestamp(now),
      },
      order.lines.map((line, index) => ({
        order_id: id,
        merchant_id: merchantId,
        line: index + 1,
        product_id: line.productId,
        product_slug: line.productSlug,
        product_name: line.productName,
        unit_price_cents: line.unitPriceCents,
        quantity: line.quantity,
        total_cents: line.unitPriceCents * line.quantity,
        held: null,
      })),
    )
    if (!inserted) return false
    await takeStock(trx, { id, merchantId }, order.lines)

    const entry = { kind: 'placed', data: { totalCents, currency } } as const
    await recordTimeline(trx, { id, merchantId }, [entry], { source: 'checkout' }, now)
    await enqueueMails(trx, [placedMail({ id, merchantId }, 1)], now)
    return true
  })

  if (created) {
    ctx.metrics.ordersPlaced.inc()
    return { orderId: id, token, created }
  }
  const placed = await findOrderByCheckoutKey(ctx.db, merchantId, order.checkoutKey)
  if (placed) return placeAgain(ctx, placed, order)
  // A number, or a token, was drawn twice.
  return placeOrder(ctx, order)
}

/**
 * Brings the contact details of an order up to date, as long as it can still be paid, and changes
 * nothing else of it.
 */
export async function placeAgain(ctx: AppContext, order: Order, contact: Contact): Promise<Placed> {
  const { customerName, customerEmail } = contact
  const differs = order.customerName !== customerName || order.customerEmail !== customerEmail

  if (differs && STATUS_RULES[order.status].payable) {
    const now = ctx.clock.now()
    const mails = order.customerEmail === customerEmail ? [] : [placedMail(order, order.version)]
    const won = await changeContact(ctx.db, order, { customerName, customerEmail }, now, mails)
    if (!won) return placeAgain(ctx, await getOrder(ctx.db, order.id), contact)
  }
  return { orderId: order.id, token: ctx.linkTokens.unseal(order.tokenSealed), created: false }
}

/** With the order's link: to the address given, and again to one that was given in its place. */
function placedMail(order: Pick<Order, 'id' | 'merchantId'>, version: number): NewMail {
  const { id: orderId, merchantId } = order
  return {
    kind: 'order_placed',
    key: `placed:${orderId}:${version}`,
    orderId,
    merchantId,
    data: {},
  }
}
