import { Router } from 'express'
import type { Payment } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { read, write } from './endpoint.ts'
import { recordOf } from './envelope.ts'
import type { Query } from './pagination.ts'
import { invalid, notesOf, parseParameters } from './parameters.ts'
import { getRecord, pageOfRecords } from './stored-records.ts'

export function paymentRoutes(sandbox: Sandbox): Router {
  const { ledger } = sandbox
  const router = Router()

  router.get(
    '/v1/payments',
    read(sandbox, (call) => pageOfRecords(sandbox, 'payment', call, filterOf(call.query))),
  )

  router.get(
    '/v1/payments/:id',
    read(sandbox, (call) => recordOf('payment', getRecord(sandbox, 'payment', call))),
  )

  router.patch(
    '/v1/payments/:id',
    write(sandbox, { keyRequired: true }, (call) => {
      const notes = notesOf(parseParameters(call.body, ['description', 'metadata']))
      const payment = ledger.changed(getRecord(sandbox, 'payment', call), notes)
      ledger.book({ payment })
      return { status: 200, body: recordOf('payment', payment) }
    }),
  )

  return router
}

const STATUS_FILTERS: Record<string, (payment: Payment) => boolean> = {
  succeeded: ({ status }) => status === 'succeeded',
  failed: ({ status }) => status === 'failed',
  pending: ({ status }) => status === 'pending',
  authorized: ({ status }) => status === 'authorized',
  refunded: ({ refunded }) => refunded,
  disputed: ({ disputed }) => disputed,
}

/** JustiFi has no filter by intent. */
function filterOf(query: Query): (payment: Payment) => boolean {
  const after = momentOf(query, 'created_after')
  const before = momentOf(query, 'created_before')
  const status = query.payment_status
  const hasStatus = status === undefined ? () => true : STATUS_FILTERS[String(status)]
  if (!hasStatus) {
    throw invalid('parameter_invalid', 'payment_status is not known', 'payment_status')
  }

  return (payment) => {
    const created = Date.parse(payment.created_at)
    if (after !== undefined && created <= after) return false
    if (before !== undefined && created >= before) return false
    return hasStatus(payment)
  }
}

function momentOf(query: Query, name: string): number | undefined {
  const value = query[name]
  if (value === undefined) return undefined
  const moment = Date.parse(String(value))
  if (Number.isNaN(moment)) throw invalid('parameter_invalid', `${name} must be a date`, name)
  return moment
}
