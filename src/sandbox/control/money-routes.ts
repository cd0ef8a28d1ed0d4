import { Router } from 'express'
import { notFound } from '../api/api-error.ts'
import { advanceDispute, disputePayment } from '../giving-back/dispute-payment.ts'
import { refundPayment, settleRefund } from '../giving-back/refund-payment.ts'
import type { Kind, Records } from '../ledger.ts'
import { settleBankPayment } from '../paying/settle-bank-payment.ts'
import type { Sandbox } from '../sandbox.ts'
import { CloseBody, DisputeBody, parseBody, RefundBody, SettleBody } from './bodies.ts'
import { done } from './done.ts'

/** Nobody's request of the API made it happen. */
const BY_HAND = { requestId: null, idempotencyKey: null }

/** What banks, customers and a merchant in JustiFi's dashboard do with money. */
export function moneyRoutes(sandbox: Sandbox): Router {
  const router = Router()

  router.post('/payments/:id/settle', (req, res) => {
    const { status } = parseBody(SettleBody, req.body)
    const payment = get(sandbox, 'payment', req.params.id)
    const settled = sandbox.transact(() => settleBankPayment(sandbox, payment, status, BY_HAND))
    done(req, res, 200, settled)
  })

  router.post('/payments/:id/refund', (req, res) => {
    const { amount, ...others } = parseBody(RefundBody, req.body)
    const payment = get(sandbox, 'payment', req.params.id)
    const order = { ...others, amount: amount ?? payment.amount_refundable }
    const refund = sandbox.transact(() => refundPayment(sandbox, payment, order, BY_HAND))
    done(req, res, 201, refund)
  })

  router.post('/payments/:id/dispute', (req, res) => {
    const order = parseBody(DisputeBody, req.body)
    const payment = get(sandbox, 'payment', req.params.id)
    const dispute = sandbox.transact(() => disputePayment(sandbox, payment, order, BY_HAND))
    done(req, res, 201, dispute)
  })

  router.post('/refunds/:id/settle', (req, res) => {
    const { status } = parseBody(SettleBody, req.body)
    const refund = get(sandbox, 'refund', req.params.id)
    const settled = sandbox.transact(() => settleRefund(sandbox, refund, status, BY_HAND))
    done(req, res, 200, settled)
  })

  router.post('/disputes/:id/submit', (req, res) => {
    const dispute = get(sandbox, 'dispute', req.params.id)
    const submitted = sandbox.transact(() =>
      advanceDispute(sandbox, dispute, 'under_review', BY_HAND),
    )
    done(req, res, 200, submitted)
  })

  router.post('/disputes/:id/close', (req, res) => {
    const { status } = parseBody(CloseBody, req.body)
    const dispute = get(sandbox, 'dispute', req.params.id)
    const closed = sandbox.transact(() => advanceDispute(sandbox, dispute, status, BY_HAND))
    done(req, res, 200, closed)
  })

  return router
}

/** @throws ApiError 404 */
function get<K extends Kind>({ ledger }: Sandbox, kind: K, id: string): Records[K] {
  const record = ledger.get(kind, id)
  if (!record) throw notFound()
  return record
}
