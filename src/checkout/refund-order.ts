import { timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { newId } from '../ids.ts'
import { JustifiError, JustifiRefusedError, JustifiUnansweredError } from '../justifi/errors.ts'
import type { ObservedRefund } from '../justifi/observed.ts'
import { enqueueMails } from '../mail/outbox.ts'
import type { Order } from '../orders/order.ts'
import { getOrder } from '../orders/queries/find-order.ts'
import {
  changeRefund,
  findRefundByForm,
  getRefund,
  insertRefund,
  lockPayment,
  recountReserved,
  reserve,
} from '../orders/queries/refunds.ts'
import type { Refund, RefundReason } from '../orders/refund.ts'
import { recordTimeline, type Witness } from '../orders/timeline.ts'
import { firstCheckAt } from './check-schedule.ts'
import { findMadeRefund } from './find-made-refund.ts'
import { recordRefund } from './record-refund.ts'
import { mailsAboutFailure } from './refund-mails.ts'
import { settleOrder } from './settle-order.ts'

export type RefundOrder = {
  /** A whole number of cents. */
  amountCents: number
  reason: RefundReason | null
  note: string | null
  /** Of the form: the same key again finds the same refund. */
  formKey: string
  /** The order's counting payment, unless another is named: the surplus one of two. */
  paymentId?: string
  /** What of the payment could be given back when the amount was decided on. */
  expectedLeftCents?: number
}

/**
 * `stored`: the request is on disk, and its outcome says how far it came. `not_free`: not so much
 * can be given back, or not what was expected. `in_progress`: another refund of the payment is open.
 * `cannot_check`: JustiFi could not be asked what can be given back, so nothing was requested.
 * `other_order`: the form's key belongs to a refund of another order.
 */
export type RefundResult =
  | { kind: 'stored'; refund: Refund }
  | { kind: 'not_free' | 'in_progress' | 'cannot_check' | 'other_order' }

/**
 * Requests a refund. The request, with its key and content, is stored and its amount taken from
 * what is free, in one transaction, before JustiFi is called. A repeat sends the same key and the
 * same bytes. An answer that was not read leaves the refund `unknown`, and its amount taken, until
 * JustiFi tells.
 *
 * @throws RangeError for an amount that is no positive whole number
 * @throws OrderNotFoundError
 */
export async function refundOrder(
  ctx: AppContext,
  orderId: string,
  request: RefundOrder,
  witness: Witness,
): Promise<RefundResult> {
  if (!Number.isSafeInteger(request.amountCents) || request.amountCents <= 0) {
    throw new RangeError('a refund is a positive whole number of cents')
  }
  const { merchantId } = await getOrder(ctx.db, orderId)
  const before = await findRefundByForm(ctx.db, merchantId, request.formKey)
  if (before) return sameRefund(before, orderId)

  const { order, confirmed } = await settleOrder(ctx, orderId, witness)
  if (!confirmed) return { kind: 'cannot_check' }

  const stored = await storeRequest(ctx, order, request, witness)
  if (stored.kind !== 'stored') return stored
  return { kind: 'stored', refund: await sendRefund(ctx, stored.refund, order, witness) }
}

async function storeRequest(
  ctx: AppContext,
  order: Order,
  request: RefundOrder,
  witness: Witness,
): Promise<RefundResult> {
  const paymentId = request.paymentId ?? order.paymentId
  if (paymentId === null) return { kind: 'not_free' }

  const now = ctx.clock.now()
  const id = newId()
  const { merchantId } = order

  return inTransaction(ctx.db, async (trx): Promise<RefundResult> => {
    const payment = { id: paymentId, orderId: order.id, merchantId }
    if (!(await reserve(trx, payment, request.amountCents, request.expectedLeftCents))) {
      const same = await findRefundByForm(trx, merchantId, request.formKey)
      return same ? sameRefund(same, order.id) : { kind: 'not_free' }
    }

    const inserted = await insertRefund(trx, {
      id,
      order_id: order.id,
      merchant_id: merchantId,
      payment_id: paymentId,
      idempotency_key: `refund-${id}`,
      form_key: request.formKey,
      refund_id: null,
      amount_cents: request.amountCents,
      reason: request.reason,
      note: request.note,
      outcome: 'requested',
      error_code: null,
      actor: witness.actor ?? null,
      next_check_at: timestamp(firstCheckAt(now)),
      check_count: 0,
      leased_until: null,
      created_at: timestamp(now),
      updated_at: timestamp(now),
    })
    if (!inserted) {
      await recountReserved(trx, paymentId)
      const same = await findRefundByForm(trx, merchantId, request.formKey)
      return same ? sameRefund(same, order.id) : { kind: 'in_progress' }
    }

    const { amountCents } = request
    const news = { refundId: id, amountCents, outcome: 'requested', errorCode: null }
    await recordTimeline(trx, order, [{ kind: 'refund', data: news }], witness, now)
    const mail = { kind: 'refund_requested', key: `refund_requested:${id}` } as const
    await enqueueMails(
      trx,
      [{ ...mail, orderId: order.id, merchantId, data: { amountCents } }],
      now,
    )
    return { kind: 'stored', refund: await getRefund(trx, id) }
  })
}

/** What a form asked for before, if it was about this order. */
function sameRefund(refund: Refund, orderId: string): RefundResult {
  return refund.orderId === orderId ? { kind: 'stored', refund } : { kind: 'other_order' }
}

/**
 * Sends a stored request, or sends it again: JustiFi does the work of one key once.
 *
 * @returns the refund as it is stored afterwards
 */
export async function sendRefund(
  ctx: AppContext,
  refund: Refund,
  order: Order,
  witness: Witness,
): Promise<Refund> {
  if (refund.idempotencyKey === null) throw new Error('a refund made at JustiFi is not sent')
  try {
    const observed = await makeRefund(ctx, refund, refund.idempotencyKey, order.accountId)
    await recordRefund(ctx, order, observed, witness)
  } catch (error) {
    if (!(error instanceof JustifiError)) throw error
    ctx.log.warn({ err: error, order: order.number }, 'a refund was not confirmed by JustiFi')
    await recordFailure(ctx, refund, order, error, witness)
  }
  return getRefund(ctx.db, refund.id)
}

async function makeRefund(
  ctx: AppContext,
  refund: Refund,
  idempotencyKey: string,
  accountId: string,
): Promise<ObservedRefund> {
  try {
    return await ctx.justifi.refund({
      idempotencyKey,
      accountId,
      paymentId: refund.paymentId,
      amountCents: refund.amountCents,
      reason: refund.reason,
      metadata: { refund: refund.id },
    })
  } catch (refusal) {
    if (!(refusal instanceof JustifiRefusedError)) throw refusal
    // The request may have been sent before, and done: a refusal of a repeat says nothing of that.
    const made = await findMadeRefund(ctx, refund, accountId).catch((error) => {
      if (!(error instanceof JustifiError)) throw error
      throw new JustifiUnansweredError('a refund was refused, and the list of refunds not read')
    })
    if (made) return made
    throw refusal
  }
}

/** A definite no frees the amount; anything else leaves it taken until JustiFi tells. */
async function recordFailure(
  ctx: AppContext,
  refund: Refund,
  order: Order,
  error: JustifiError,
  witness: Witness,
): Promise<void> {
  const outcome = error instanceof JustifiRefusedError ? 'failed' : 'unknown'
  if (outcome === 'unknown' && error.outcome === 'unreachable') return
  if (refund.outcome === outcome) return

  const errorCode = error instanceof JustifiRefusedError ? error.code : null
  const now = ctx.clock.now()
  await inTransaction(ctx.db, async (trx) => {
    await lockPayment(trx, refund.paymentId)
    const change = {
      outcome,
      error_code: errorCode,
      updated_at: timestamp(now),
      ...(outcome === 'failed' && { next_check_at: null }),
    }
    if (!(await changeRefund(trx, refund, change))) return

    await recountReserved(trx, refund.paymentId)
    const { id, amountCents } = refund
    const news = { refundId: id, amountCents, outcome, errorCode }
    await recordTimeline(trx, order, [{ kind: 'refund', data: news }], witness, now)
    if (outcome === 'failed') await enqueueMails(trx, mailsAboutFailure(refund, true), now)
  })
}
