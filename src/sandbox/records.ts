import type { Currency } from '../money.ts'

/**
 * JustiFi's records as its API shows them (amounts in cents, times ISO-8601 UTC). A record is
 * never changed in place: a change puts a new one in its stead, so an answer once given, a stale
 * answer and an event each keep the version they speak of.
 */
export type PaymentIntent = {
  id: string
  account_id: string
  amount: number
  currency: Currency
  description: string | null
  metadata: Metadata | null
  payment_method: (PaymentMethod & { status: 'valid'; invalid_reason: null }) | null
  status: 'requires_payment_method' | 'pending' | 'requires_capture' | 'succeeded' | 'canceled'
  successful_payment_id: string | null
  created_at: string
  updated_at: string
}

export type Metadata = Record<string, unknown>

/** Not readable at JustiFi: the API only tells the id. The control plane shows the rest. */
export type CheckoutSession = {
  /** 64 lower-case hex characters. */
  id: string
  account_id: string
  payment_intent_id: string
  after_payment_url: string
  back_url: string | null
  /** The payment that was last taken through it: a session takes one that does not fail. */
  payment_id: string | null
  created_at: string
  expires_at: string
}

export type Payment = {
  id: string
  account_id: string
  amount: number
  amount_disputed: number
  amount_refundable: number
  amount_refunded: number
  amount_returned: number
  application_fee: null
  application_fee_rate_id: null
  balance: number
  capture_strategy: 'automatic'
  captured: boolean
  checkout_id: null
  currency: Currency
  /** Beside `error_code` where the issuer gave a finer reason. */
  decline_code: string | null
  description: string | null
  disputed: boolean
  disputes: Dispute[]
  error_code: string | null
  error_description: string | null
  expedited: boolean | null
  fee_amount: number
  fees: Fee[]
  financial_transaction_id: string
  is_test: true
  metadata: Metadata | null
  payment_intent_id: string
  payment_method: PaymentMethod
  payment_mode: 'ecom' | 'ach'
  refunded: boolean
  refunds: Refund[]
  returned: boolean
  statement_descriptor: string | null
  status:
    | 'pending'
    | 'authorized'
    | 'canceled'
    | 'succeeded'
    | 'failed'
    | 'partially_refunded'
    | 'fully_refunded'
    | 'disputed'
  terminal_id: null
  transaction_hold: null
  created_at: string
  updated_at: string
}

export type PaymentMethod = { customer_id: null; signature: string; account_id: string } & (
  | { card: Card }
  | { bank_account: BankAccount }
)

export type Card = {
  id: string
  token: string
  acct_last_four: string
  brand: string
  name: string | null
  month: string
  year: string
  digital_wallet: null
  address_line1_check: 'unchecked'
  address_postal_code_check: 'pass' | 'unchecked'
  metadata: null
  created_at: string
  updated_at: string
}

export type BankAccount = {
  id: string
  token: string
  account_owner_name: string
  account_type: 'checking'
  bank_name: string
  account_number_last4: string
  metadata: null
  created_at: string
  updated_at: string
}

export type Fee = {
  id: string
  type: 'processing_fee'
  amount: number
  currency: Currency
  remaining_amount: number
}

/** An account's id is not among its fields: it is that of the payment. */
export type Refund = {
  id: string
  payment_id: string
  amount: number
  description: string | null
  reason: RefundReason | null
  status: 'pending' | 'succeeded' | 'failed'
  metadata: Metadata | null
  returned_fees: []
  created_at: string
  updated_at: string
}

export const REFUND_REASONS = ['duplicate', 'fraudulent', 'customer_request'] as const
export type RefundReason = (typeof REFUND_REASONS)[number]

export type Dispute = {
  id: string
  payment_id: string
  account_id: string
  amount: number
  currency: Currency
  reason: DisputeReason
  /** A day, until which an answer is taken. */
  due_date: string
  status: 'needs_response' | 'under_review' | 'won' | 'lost'
  metadata: Metadata | null
  dispute_response: null
  /** There once a lost dispute was won after all. */
  dispute_reversal: { description: string; created_at: string } | null
  created_at: string
  updated_at: string
}

export const DISPUTE_REASONS = [
  'fraudulent',
  'unrecognized',
  'duplicate',
  'subscription_canceled',
  'product_unacceptable',
  'product_not_received',
  'processing_error',
  'credit_not_processed',
  'general',
  'debit_not_authorized',
  'incorrect_account',
] as const
export type DisputeReason = (typeof DISPUTE_REASONS)[number]

/** A webhook's body. `data` is the record as it was when the event happened. */
export type EventEnvelope = {
  id: string
  event_name: EventName
  account_id: string
  account_type: 'test'
  platform_account_id: string
  idempotency_key: string | null
  request_id: string | null
  version: 'v1'
  data: PaymentIntent | Payment | Refund | Dispute
}

export type EventName =
  | 'payment_intent.created'
  | 'payment_intent.attached'
  | 'payment_intent.succeeded'
  | 'payment.created'
  | 'payment.pending'
  | 'payment.captured'
  | 'payment.succeeded'
  | 'payment.failed'
  | 'payment.refunded'
  | 'payment.refund.updated'
  | 'payment.dispute.created'
  | 'payment.dispute.submitted'
  | 'payment.dispute.closed'
