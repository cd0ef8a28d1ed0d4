import { z } from 'zod'
import type { DisputeStatus, ObservedDispute, ObservedRefund, RefundStatus } from './observed.ts'
import { Cents, CurrencyCode, Id, isRecord, Moment, NextCursor, record, word } from './wire.ts'

const REFUND_STATES: ReadonlyMap<string, RefundStatus> = new Map([
  ['pending', 'pending'],
  ['succeeded', 'succeeded'],
  ['success', 'succeeded'],
  ['failed', 'failed'],
  // Only the Node SDK has it. The money was not given back.
  ['canceled', 'failed'],
])

/** Values that are no text were not put there by the shop. */
const Metadata = z.preprocess(
  (metadata) => (isRecord(metadata) ? metadata : {}),
  z
    .record(z.string(), z.unknown())
    .transform((fields) =>
      Object.fromEntries(
        Object.entries(fields).filter(
          (field): field is [string, string] => typeof field[1] === 'string',
        ),
      ),
    ),
)

export const Refund = record(
  z
    .object({
      id: Id,
      payment_id: Id,
      amount: Cents,
      status: word(REFUND_STATES),
      reason: z.string().nullish(),
      metadata: Metadata,
      created_at: Moment,
      updated_at: Moment,
    })
    .transform(
      (refund): ObservedRefund => ({
        id: refund.id,
        paymentId: refund.payment_id,
        amountCents: refund.amount,
        status: refund.status,
        reason: refund.reason ?? null,
        metadata: refund.metadata,
        createdAt: refund.created_at,
        updatedAt: refund.updated_at,
      }),
    ),
)

export const RefundList = z
  .object({ data: z.array(Refund), page_info: NextCursor })
  .transform((list) => ({ refunds: list.data, nextCursor: list.page_info }))

const DISPUTE_STATES: ReadonlyMap<string, DisputeStatus> = new Map([
  ['needs_response', 'needs_response'],
  // As disputes inside payments have it.
  ['open', 'needs_response'],
  ['under_review', 'under_review'],
  ['won', 'won'],
  ['lost', 'lost'],
  // Only a diagram shows it: giving a dispute up loses it.
  ['forfeited', 'lost'],
])

export const Dispute = record(
  z
    .object({
      id: Id,
      payment_id: Id,
      amount: Cents.nullish(),
      amount_cents: Cents.nullish(),
      currency: CurrencyCode,
      status: word(DISPUTE_STATES),
      reason: z.string().nullish(),
      due_date: z.string().nullish(),
      created_at: Moment,
      updated_at: Moment,
    })
    .refine((dispute) => (dispute.amount ?? dispute.amount_cents) != null, 'has no amount')
    .transform(
      (dispute): ObservedDispute => ({
        id: dispute.id,
        paymentId: dispute.payment_id,
        amountCents: dispute.amount ?? dispute.amount_cents ?? 0,
        currency: dispute.currency,
        status: dispute.status,
        reason: dispute.reason ?? null,
        dueDate: dispute.due_date ?? null,
        createdAt: dispute.created_at,
        updatedAt: dispute.updated_at,
      }),
    ),
)

export const DisputeList = z
  .object({ data: z.array(Dispute), page_info: NextCursor })
  .transform((list) => ({ disputes: list.data, nextCursor: list.page_info }))
