import { Router } from 'express'
import { changeRefund, type RefundOrder, refundPayment } from '../giving-back/refund-payment.ts'
import { REFUND_REASONS, type RefundReason } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import { read, write } from './endpoint.ts'
import { recordOf } from './envelope.ts'
import { invalid, notesOf, type Parameters, parseParameters, wholeCentsOf } from './parameters.ts'
import { getRecord, pageOfRecords } from './stored-records.ts'

/** `fees`, which JustiFi also knows, are not returned here. */
const PARAMETERS = ['amount', 'reason', 'description', 'metadata']

export function refundRoutes(sandbox: Sandbox): Router {
  const router = Router()

  router.post(
    '/v1/payments/:id/refunds',
    write(sandbox, { keyRequired: true }, (call) => {
      const payment = getRecord(sandbox, 'payment', call)
      const order = orderOf(parseParameters(call.body, PARAMETERS))
      const refund = refundPayment(sandbox, payment, order, call.origin)
      return { status: 201, body: recordOf('refund', refund) }
    }),
  )

  router.get(
    '/v1/refunds',
    read(sandbox, (call) => pageOfRecords(sandbox, 'refund', call)),
  )

  router.get(
    '/v1/refunds/:id',
    read(sandbox, (call) => recordOf('refund', getRecord(sandbox, 'refund', call))),
  )

  router.patch(
    '/v1/refunds/:id',
    write(sandbox, { keyRequired: true }, (call) => {
      const notes = notesOf(parseParameters(call.body, ['metadata']))
      const refund = changeRefund(sandbox, getRecord(sandbox, 'refund', call), notes)
      return { status: 200, body: recordOf('refund', refund) }
    }),
  )

  return router
}

/** JustiFi does not say what an absent amount means, so it is required here. */
function orderOf(parameters: Parameters): RefundOrder {
  const amount = wholeCentsOf(parameters)
  if (amount < 1) {
    throw invalid('amount_below_minimum', 'Amount must be greater than 0', 'amount')
  }
  const { description = null, metadata = null } = notesOf(parameters)
  return { amount, reason: reasonOf(parameters), description, metadata }
}

function reasonOf({ reason }: Parameters): RefundReason | null {
  if (reason === undefined || reason === null) return null
  const known = REFUND_REASONS.find((word) => word === reason)
  if (known) return known
  const message = `Reason must be one of ${REFUND_REASONS.join(', ')}`
  throw invalid('refund_reason_invalid', message, 'reason')
}
