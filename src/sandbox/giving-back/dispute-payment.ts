import { DAY, later } from '../../clock.ts'
import { ApiError } from '../api/api-error.ts'
import type { Origin } from '../events/events.ts'
import type { Dispute, DisputeReason, EventName, Payment } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { isCollected, withDispute } from './standing.ts'

/** Seven to ten business days, as JustiFi's guide has it. */
const ANSWER_WITHIN_MS = 14 * DAY

/**
 * A customer asks their bank for the money back. They may also do so for what they were refunded;
 * without an amount, what is left to be refunded is disputed.
 *
 * @throws ApiError 422 where the payment has not so much to be disputed
 */
export function disputePayment(
  sandbox: Sandbox,
  payment: Payment,
  order: { amount?: number | undefined; reason: DisputeReason },
  origin: Origin,
): Dispute {
  const { amount = payment.amount_refundable, reason } = order
  if (!isCollected(payment)) {
    throw new ApiError(422, 'payment_not_disputable', `The payment is ${payment.status}`)
  }
  if (amount < 1 || amount > payment.amount - payment.amount_disputed) {
    throw new ApiError(422, 'dispute_exceeds_amount_available', 'Not so much can be disputed')
  }

  const now = sandbox.clock.now()
  const dispute: Dispute = {
    id: sandbox.ids.next('dp'),
    payment_id: payment.id,
    account_id: payment.account_id,
    amount,
    currency: payment.currency,
    reason,
    due_date: later(now, ANSWER_WITHIN_MS).toISOString().slice(0, 10),
    status: 'needs_response',
    metadata: null,
    dispute_response: null,
    dispute_reversal: null,
    created_at: now.toISOString(),
    updated_at: now.toISOString(),
  }
  book(sandbox, payment, dispute)
  sandbox.publish('payment.dispute.created', dispute, origin)
  return dispute
}

/** What a dispute may come to from each of its standings: also what is lost can be won in the end. */
const NEXT: Record<Dispute['status'], readonly Dispute['status'][]> = {
  needs_response: ['under_review', 'won', 'lost'],
  under_review: ['won', 'lost'],
  lost: ['won'],
  won: [],
}

const TOLD_BY: Record<Exclude<Dispute['status'], 'needs_response'>, EventName> = {
  under_review: 'payment.dispute.submitted',
  won: 'payment.dispute.closed',
  lost: 'payment.dispute.closed',
}

/**
 * Takes a dispute a step further.
 *
 * @throws ApiError 422 where it cannot come to this any more
 */
export function advanceDispute(
  sandbox: Sandbox,
  dispute: Dispute,
  status: Exclude<Dispute['status'], 'needs_response'>,
  origin: Origin,
): Dispute {
  if (!NEXT[dispute.status].includes(status)) {
    throw new ApiError(422, 'dispute_unexpected_state', `The dispute is ${dispute.status}`)
  }
  const isReversal = dispute.status === 'lost'
  const created_at = sandbox.clock.now().toISOString()
  const advanced = changeDispute(sandbox, dispute, {
    status,
    ...(isReversal && { dispute_reversal: { description: 'Dispute was reversed', created_at } }),
  })
  sandbox.publish(TOLD_BY[status], advanced, origin)
  return advanced
}

/** Books a change of a dispute, and what it makes of the payment. */
export function changeDispute(
  sandbox: Sandbox,
  dispute: Dispute,
  changes: Partial<Dispute>,
): Dispute {
  const { ledger } = sandbox
  const payment = ledger.get('payment', dispute.payment_id)
  if (!payment) throw new Error(`no payment ${dispute.payment_id}`)

  const changed = ledger.changed(dispute, changes)
  book(sandbox, payment, changed)
  return changed
}

function book({ ledger, settings }: Sandbox, payment: Payment, dispute: Dispute): void {
  const disputed = ledger.changed(payment, withDispute(payment, dispute, settings.current))
  ledger.book({ payment: disputed, dispute })
}
