/** `unknown`: a word that this version does not know; nothing may be concluded. */
export type RefundStatus = 'pending' | 'succeeded' | 'failed' | 'unknown'

export type ObservedRefund = {
  /** `re_…` */
  id: string
  paymentId: string
  amountCents: number
  status: RefundStatus
  reason: string | null
  metadata: Record<string, string>
  createdAt: Date
  updatedAt: Date
}

/** Lost is not the end: a dispute can still be won. `unknown` is a word not known here. */
export type DisputeStatus = 'needs_response' | 'under_review' | 'won' | 'lost' | 'unknown'

export type ObservedDispute = {
  /** `dp_…` */
  id: string
  paymentId: string
  amountCents: number
  currency: string
  status: DisputeStatus
  reason: string | null
  /** A date, until which the merchant may answer. */
  dueDate: string | null
  createdAt: Date
  updatedAt: Date
}
