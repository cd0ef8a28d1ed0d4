import { shaped } from './answer.ts'
import type { JustifiClient } from './client.ts'
import { JustifiContractError } from './errors.ts'
import type { CallOptions } from './hosted-checkout.ts'
import type { ObservedRefund } from './observed.ts'
import { type ListQuery, withQuery } from './query.ts'
import { Refund, RefundList } from './wire-refunds.ts'

/** Stored before the call, so that a repeat sends the same bytes. */
export type RefundRequest = {
  /** At most 100 characters. */
  idempotencyKey: string
  accountId: string
  paymentId: string
  amountCents: number
  reason: string | null
  metadata: Record<string, string>
}

export type Refunds = {
  /**
   * Gives money of a payment back. The one call of the shop that moves money.
   *
   * @throws JustifiError; JustifiContractError for an answer about another payment or amount
   */
  refund(request: RefundRequest, options?: CallOptions): Promise<ObservedRefund>

  /** @throws JustifiError */
  getRefund(named: { accountId: string; refundId: string }): Promise<ObservedRefund>

  /** @throws JustifiError */
  listRefunds(query: ListQuery): Promise<{ refunds: ObservedRefund[]; nextCursor: string | null }>
}

const readRefund = shaped(Refund, 'a refund')
const readList = shaped(RefundList, 'a list of refunds')

export function refundsOf(client: JustifiClient): Refunds {
  return {
    async refund(request, options) {
      const { value } = await client.call({
        operation: 'refunds.create',
        method: 'POST',
        path: `/v1/payments/${encodeURIComponent(request.paymentId)}/refunds`,
        accountId: request.accountId,
        idempotencyKey: request.idempotencyKey,
        body: {
          amount: request.amountCents,
          ...(request.reason && { reason: request.reason }),
          metadata: request.metadata,
        },
        budgetMs: options?.budgetMs,
        read: (json) => refundFor(request, readRefund(json)),
      })
      return value
    },

    async getRefund({ accountId, refundId }) {
      const { value } = await client.call({
        operation: 'refunds.get',
        method: 'GET',
        path: `/v1/refunds/${encodeURIComponent(refundId)}`,
        accountId,
        read: (json) => {
          const refund = readRefund(json)
          if (refund.id === refundId) return refund
          throw new JustifiContractError(`asked for refund ${refundId}, JustiFi answered another`)
        },
      })
      return value
    },

    async listRefunds({ accountId, afterCursor, limit }) {
      const { value } = await client.call({
        operation: 'refunds.list',
        method: 'GET',
        path: withQuery('/v1/refunds', { after_cursor: afterCursor, limit: limit?.toString() }),
        accountId,
        read: readList,
      })
      return value
    },
  }
}

function refundFor(request: RefundRequest, refund: ObservedRefund): ObservedRefund {
  if (refund.paymentId === request.paymentId && refund.amountCents === request.amountCents) {
    return refund
  }
  throw new JustifiContractError(
    `asked for a refund of ${request.paymentId}, JustiFi answered another refund`,
  )
}
