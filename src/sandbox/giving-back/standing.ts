import { placed } from '../placed.ts'
import type { Dispute, Payment, Refund } from '../records.ts'
import type { Settings } from '../settings.ts'

/** The money came in, whatever became of it since. */
export function isCollected({ status }: Payment): boolean {
  return COLLECTED.includes(status)
}

const COLLECTED: readonly Payment['status'][] = [
  'succeeded',
  'partially_refunded',
  'fully_refunded',
  'disputed',
]

/** One that is not decided; JustiFi runs one for each payment at a time. */
export function runningRefundOf({ refunds }: Payment): Refund | undefined {
  return refunds.find(({ status }) => status === 'pending')
}

/** What a new or changed refund makes of its payment. */
export function withRefund(payment: Payment, refund: Refund, settings: Settings): Partial<Payment> {
  return standingOf({ ...payment, refunds: placed(payment.refunds, refund) }, settings)
}

/** What a new or changed dispute makes of its payment. */
export function withDispute(
  payment: Payment,
  dispute: Dispute,
  settings: Settings,
): Partial<Payment> {
  return standingOf({ ...payment, disputes: placed(payment.disputes, dispute) }, settings)
}

/**
 * The sums and the status of a payment that was collected. A dispute counts while it is open and
 * once it is lost, and outweighs refunds. JustiFi does not tell whether a pending refund is in
 * `amount_refunded`: the settings say. It is not refundable either way.
 */
function standingOf(payment: Payment, settings: Settings): Partial<Payment> {
  const { amount, refunds, disputes, fee_amount, returned } = payment
  const refunded = sumOf(refunds.filter((refund) => isCounted(refund, settings)))
  const given = sumOf(refunds.filter(({ status }) => status !== 'failed'))
  const disputed = sumOf(disputes.filter(({ status }) => status !== 'won'))

  return {
    refunds,
    disputes,
    amount_refunded: refunded,
    amount_disputed: disputed,
    // A customer may dispute what was refunded to them as well.
    amount_refundable: returned ? 0 : Math.max(0, amount - given - disputed),
    refunded: refunded > 0,
    disputed: disputed > 0,
    ...(!returned && {
      balance: amount - fee_amount - refunded - disputed,
      status: statusOf({ amount, refunded, disputed }),
    }),
  }
}

function isCounted({ status }: Refund, { pending_refunds }: Settings): boolean {
  return status === 'succeeded' || (status === 'pending' && pending_refunds === 'refunded')
}

function statusOf(sums: { amount: number; refunded: number; disputed: number }): Payment['status'] {
  if (sums.disputed > 0) return 'disputed'
  if (sums.refunded >= sums.amount) return 'fully_refunded'
  return sums.refunded > 0 ? 'partially_refunded' : 'succeeded'
}

function sumOf(records: { amount: number }[]): number {
  return records.reduce((sum, { amount }) => sum + amount, 0)
}
