import type { Row } from '../db/schema.ts'
import type { Currency } from '../money.ts'
import type { Order, OrderItem, OrderStatus, Payment, ReviewReason } from './order.ts'

export function toOrder(row: Row<'orders'>): Order {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    number: row.number,
    status: row.status as OrderStatus,
    reason: row.reason as ReviewReason | null,
    version: row.version,
    customerName: row.customer_name,
    customerEmail: row.customer_email,
    currency: row.currency as Currency,
    totalCents: row.total_cents,
    accountId: row.account_id,
    mode: row.mode as Order['mode'],
    intentKey: row.intent_key,
    intentDescription: row.intent_description,
    intentId: row.intent_id,
    tokenSealed: row.token_sealed,
    pageEndsAt: toDate(row.page_ends_at),
    returnedAt: toDate(row.returned_at),
    cancelledAt: toDate(row.cancelled_at),
    paidAt: toDate(row.paid_at),
    paymentId: row.payment_id,
    paidCents: row.paid_cents,
    refundedCents: row.refunded_cents,
    disputedCents: row.disputed_cents,
    acceptedReviews: row.accepted_reviews === null ? [] : JSON.parse(row.accepted_reviews),
    deniedAt: toDate(row.denied_at),
    askedAt: toDate(row.asked_at),
    answeredAt: toDate(row.answered_at),
    nextCheckAt: toDate(row.next_check_at),
    checkCount: row.check_count,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}

export function toItem(row: Row<'order_items'>): OrderItem {
  return {
    line: row.line,
    productId: row.product_id,
    productSlug: row.product_slug,
    productName: row.product_name,
    unitPriceCents: row.unit_price_cents,
    quantity: row.quantity,
    totalCents: row.total_cents,
  }
}

export function toPayment(row: Row<'payments'>): Payment {
  return {
    id: row.id,
    accountId: row.account_id,
    isTest: row.is_test === 1,
    status: row.status,
    amountCents: row.amount_cents,
    currency: row.currency,
    refundedCents: row.refunded_cents,
    disputedCents: row.disputed_cents,
    feeCents: row.fee_cents,
    method: row.method as Payment['method'],
    brand: row.brand,
    lastFour: row.last_four,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}
