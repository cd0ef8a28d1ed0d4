import { ApiError } from '../api/api-error.ts'
import type { Origin } from '../events/events.ts'
import type { Metadata, Payment, Refund, RefundReason } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { isCollected, runningRefundOf, withRefund } from './standing.ts'

export type RefundOrder = {
  /** Whole cents, at least one. */
  amount: number
  reason: RefundReason | null
  description: string | null
  metadata: Metadata | null
}

/**
 * Gives money of a payment back. A bank takes its time over it, a card does not, unless the
 * settings have it otherwise.
 *
 * @throws ApiError 422 where so much of the payment cannot be refunded now
 */
export function refundPayment(
  sandbox: Sandbox,
  payment: Payment,
  order: RefundOrder,
  origin: Origin,
): Refund {
  refuseImpossible(payment, order.amount)

  const now = sandbox.clock.now().toISOString()
  const refund: Refund = {
    id: sandbox.ids.next('re'),
    payment_id: payment.id,
    ...order,
    status: firstStatus(sandbox, payment),
    returned_fees: [],
    created_at: now,
    updated_at: now,
  }
  book(sandbox, payment, refund)
  const name = refund.status === 'failed' ? 'payment.refund.updated' : 'payment.refunded'
  sandbox.publish(name, refund, origin)
  return refund
}

/**
 * Ends a pending refund; or lets one fail that had succeeded.
 *
 * @throws ApiError 422 where the refund cannot come to this end any more
 */
export function settleRefund(
  sandbox: Sandbox,
  refund: Refund,
  status: 'succeeded' | 'failed',
  origin: Origin,
): Refund {
  if (refund.status === 'failed' || refund.status === status) {
    throw new ApiError(422, 'refund_not_pending', `The refund is ${refund.status}`)
  }
  const settled = changeRefund(sandbox, refund, { status })
  sandbox.publish('payment.refund.updated', settled, origin)
  return settled
}

/** Books a change of a refund, and what it makes of the payment. */
export function changeRefund(sandbox: Sandbox, refund: Refund, changes: Partial<Refund>): Refund {
  const { ledger } = sandbox
  const payment = ledger.get('payment', refund.payment_id)
  if (!payment) throw new Error(`no payment ${refund.payment_id}`)

  const changed = ledger.changed(refund, changes)
  book(sandbox, payment, changed)
  return changed
}

function book({ ledger, settings }: Sandbox, payment: Payment, refund: Refund): void {
  const refunded = ledger.changed(payment, withRefund(payment, refund, settings.current))
  ledger.book({ payment: refunded, refund })
}

/** JustiFi publishes these codes, and neither their order nor their HTTP status. */
function refuseImpossible(payment: Payment, amount: number): void {
  if (!isCollected(payment)) {
    throw refused('refund_error', `The payment is ${payment.status}`)
  }
  if (amount > payment.amount) {
    throw refused('refund_exceeds_payment_amount', 'The payment was of less')
  }
  if (payment.amount_refunded >= payment.amount) {
    throw refused('payment_fully_refunded', 'All of the payment is refunded')
  }
  if (runningRefundOf(payment)) {
    throw refused('refund_in_progress', 'Another refund of the payment is in progress')
  }
  if (amount < 1 || amount > payment.amount_refundable) {
    throw refused(
      'refund_exceeds_amount_available',
      `${payment.amount_refundable} cents can be refunded`,
    )
  }
}

function firstStatus({ settings }: Sandbox, { payment_method }: Payment): Refund['status'] {
  const { refunds } = settings.current
  if (refunds === 'fail') return 'failed'
  return refunds === 'pending' || 'bank_account' in payment_method ? 'pending' : 'succeeded'
}

function refused(code: string, message: string): ApiError {
  return new ApiError(422, code, message)
}
