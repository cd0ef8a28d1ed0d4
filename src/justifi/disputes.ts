import { shaped } from './answer.ts'
import type { JustifiClient } from './client.ts'
import { JustifiContractError } from './errors.ts'
import type { ObservedDispute } from './observed.ts'
import { type ListQuery, withQuery } from './query.ts'
import { Dispute, DisputeList } from './wire-refunds.ts'

export type Disputes = {
  /** @throws JustifiError */
  getDispute(named: { accountId: string; disputeId: string }): Promise<ObservedDispute>

  /** @throws JustifiError */
  listDisputes(
    query: ListQuery,
  ): Promise<{ disputes: ObservedDispute[]; nextCursor: string | null }>
}

const readDispute = shaped(Dispute, 'a dispute')
const readList = shaped(DisputeList, 'a list of disputes')

export function disputesOf(client: JustifiClient): Disputes {
  return {
    async getDispute({ accountId, disputeId }) {
      const { value } = await client.call({
        operation: 'disputes.get',
        method: 'GET',
        path: `/v1/disputes/${encodeURIComponent(disputeId)}`,
        accountId,
        read: (json) => {
          const dispute = readDispute(json)
          if (dispute.id === disputeId) return dispute
          throw new JustifiContractError(`asked for dispute ${disputeId}, JustiFi answered another`)
        },
      })
      return value
    },

    async listDisputes({ accountId, afterCursor, limit }) {
      const { value } = await client.call({
        operation: 'disputes.list',
        method: 'GET',
        path: withQuery('/v1/disputes', { after_cursor: afterCursor, limit: limit?.toString() }),
        accountId,
        read: readList,
      })
      return value
    },
  }
}
