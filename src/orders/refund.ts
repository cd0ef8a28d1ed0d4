/**
 * How far a refund has come. `requested`: stored, and not known to be sent. `unknown`: sent, and
 * the answer was not read; only JustiFi's word ends that. Those two and `pending` are open: their
 * amount is promised.
 */
export const REFUND_OUTCOMES = ['requested', 'unknown', 'pending', 'succeeded', 'failed'] as const
export type RefundOutcome = (typeof REFUND_OUTCOMES)[number]

export const OPEN_REFUNDS: readonly RefundOutcome[] = ['requested', 'unknown', 'pending']

export const REFUND_REASONS = ['duplicate', 'fraudulent', 'customer_request'] as const
export type RefundReason = (typeof REFUND_REASONS)[number]

export type Refund = {
  id: string
  orderId: string
  merchantId: string
  paymentId: string
  /** Null for one that was made at JustiFi. */
  idempotencyKey: string | null
  /** JustiFi's `re_…`, once known. */
  refundId: string | null
  amountCents: number
  reason: string | null
  note: string | null
  outcome: RefundOutcome
  /** JustiFi's code, where it refused. */
  errorCode: string | null
  /** Who asked for it. */
  actor: string | null
  checkCount: number
  createdAt: Date
  updatedAt: Date
}
