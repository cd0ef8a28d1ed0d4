import type { Currency } from '../money.ts'

export const ORDER_STATUSES = [
  'awaiting_payment',
  'processing',
  'paid',
  'failed',
  'cancelled',
  'expired',
  'partially_refunded',
  'refunded',
  'disputed',
  'needs_review',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

/** How money and order disagree, where they do. */
export const REVIEW_REASONS = [
  'amount_mismatch',
  'currency_mismatch',
  'account_mismatch',
  'mode_mismatch',
  'paid_after_cancel',
  'paid_twice',
  'payment_reversed',
  'provider_denies',
] as const
export type ReviewReason = (typeof REVIEW_REASONS)[number]

/**
 * What each status allows. `payable`: a payment page may be opened. `cancellable`: the customer may
 * give it up. `open`: news of money is expected soon, so looking at the order asks JustiFi.
 * `money`: JustiFi has taken money for it at some time.
 */
export const STATUS_RULES: Record<
  OrderStatus,
  { payable: boolean; cancellable: boolean; open: boolean; money: boolean }
> = {
  awaiting_payment: { payable: true, cancellable: true, open: true, money: false },
  failed: { payable: true, cancellable: true, open: true, money: false },
  expired: { payable: true, cancellable: true, open: true, money: false },
  processing: { payable: false, cancellable: false, open: true, money: false },
  cancelled: { payable: false, cancellable: false, open: true, money: false },
  paid: { payable: false, cancellable: false, open: false, money: true },
  partially_refunded: { payable: false, cancellable: false, open: false, money: true },
  refunded: { payable: false, cancellable: false, open: false, money: true },
  disputed: { payable: false, cancellable: false, open: false, money: true },
  needs_review: { payable: false, cancellable: false, open: false, money: true },
}

/** How news about an order arrived, or who acted on it. */
export type Source =
  | 'checkout'
  | 'order_page'
  | 'after_payment'
  | 'back'
  | 'pay'
  | 'cancel'
  | 'webhook'
  | 'watcher'
  | 'sweep'
  | 'merchant'

export type Order = {
  id: string
  merchantId: string
  number: string
  status: OrderStatus
  reason: ReviewReason | null
  version: number
  customerName: string
  customerEmail: string
  currency: Currency
  totalCents: number
  accountId: string
  mode: 'test' | 'live'
  intentKey: string
  intentDescription: string
  intentId: string | null
  tokenSealed: string
  /** End of the newest hosted page by JustiFi's clock; null while none was opened. */
  pageEndsAt: Date | null
  returnedAt: Date | null
  cancelledAt: Date | null
  paidAt: Date | null
  /** The payment that counts, and its sums. */
  paymentId: string | null
  paidCents: number
  refundedCents: number
  disputedCents: number
  /** What reviewers accepted, and of which money. */
  acceptedReviews: AcceptedReview[]
  /** Since when JustiFi has shown nothing of money that it once showed. */
  deniedAt: Date | null
  askedAt: Date | null
  answeredAt: Date | null
  nextCheckAt: Date | null
  checkCount: number
  createdAt: Date
  updatedAt: Date
}

/** An order, and whose it is: what another merchant names is not found. */
export type OrderName = Pick<Order, 'id' | 'merchantId'>

export type AcceptedReview = { reason: ReviewReason; facts: string }

export type OrderItem = {
  line: number
  productId: string
  productSlug: string
  productName: string
  unitPriceCents: number
  quantity: number
  totalCents: number
}

/** A payment of an order, as JustiFi last told it. */
export type Payment = {
  id: string
  accountId: string
  isTest: boolean
  status: string
  amountCents: number
  currency: string
  refundedCents: number
  disputedCents: number
  feeCents: number | null
  method: 'card' | 'bank_account' | null
  brand: string | null
  lastFour: string | null
  errorCode: string | null
  errorMessage: string | null
  createdAt: Date
  updatedAt: Date
}

/** An order with what its page shows. */
export type OrderDetails = {
  order: Order
  items: OrderItem[]
  /** Oldest first. */
  payments: Payment[]
}
