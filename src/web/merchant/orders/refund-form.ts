import { createHash } from 'node:crypto'
import { parseMoney } from '../../../money.ts'
import { REFUND_REASONS, type RefundReason } from '../../../orders/refund.ts'
import type { Refundable } from '../../../orders/refundable.ts'
import type { Words } from '../../../words/words.ts'
import { readNote } from './note.ts'

/** What was sent, fit to be shown again. */
export type RefundForm = {
  /** Names the request: the same key again is the same refund. */
  key: string
  how: 'full' | 'part' | undefined
  /** As typed. */
  amount: string
  reason: RefundReason | undefined
  note: string
}

export type RefundProblem = keyof Words['deskOrders']['order']['refund']['problems']

/** What is wrong, by the field that it is about. */
export type RefundProblems = {
  how?: RefundProblem
  amount?: RefundProblem
  reason?: RefundProblem
  note?: 'too_long'
}

export const emptyForm = (key: string): RefundForm => ({
  key,
  how: undefined,
  amount: '',
  reason: undefined,
  note: '',
})

const LONGEST_KEY = 100

/** The key that a form sends, or what stands for one that is longer than any form's: as itself. */
export function refundKey({ refund_key: sent = '' }: Record<string, string>): string {
  return sent.length <= LONGEST_KEY ? sent : createHash('sha256').update(sent).digest('base64url')
}

export type ReadRefund = {
  form: RefundForm
  amountCents: number
  /** Where the amount was chosen for what was left: that. */
  expectedLeftCents?: number
  problems: RefundProblems
}

type Possible = Extract<Refundable, { leftCents: number }>

/**
 * Reads the form, or the same fields sent without its pages: `amount`, `reason` and `refund_key` are
 * enough. `available` and `payment` tell what the form was made for; where that has changed since,
 * the amount is to be looked at again.
 */
export function readRefund(
  fields: Record<string, string>,
  { payment, leftCents }: Possible,
): ReadRefund {
  const { amount = '', available = '', payment: shownFor = '' } = fields
  const key = refundKey(fields)
  const how = howOf(fields.how, amount)
  const reason = REFUND_REASONS.find((one) => one === fields.reason)
  const { note, problem: noteProblem } = readNote(fields.note)
  const amountCents = how === 'full' ? leftCents : parseMoney(amount)
  const isStale =
    (available !== '' && available !== String(leftCents)) ||
    (shownFor !== '' && shownFor !== payment.id)

  return {
    form: {
      key,
      how,
      amount: amount.slice(0, 40),
      reason,
      note,
    },
    amountCents: amountCents ?? 0,
    ...((available !== '' || how === 'full') && { expectedLeftCents: leftCents }),
    problems: {
      ...(key === '' && { how: 'key' }),
      ...(how === undefined && { how: 'no_choice' }),
      ...(how !== undefined && !isWithin(amountCents, leftCents) && { amount: 'amount' }),
      ...(reason === undefined && { reason: 'reason' }),
      ...(isStale && { amount: 'stale' }),
      ...(noteProblem === 'too_long' && { note: noteProblem }),
    },
  }
}

function howOf(chosen: string | undefined, amount: string): RefundForm['how'] {
  if (chosen === 'full' || chosen === 'part') return chosen
  return amount.trim() === '' ? undefined : 'part'
}

function isWithin(cents: number | undefined, leftCents: number): boolean {
  return cents !== undefined && cents > 0 && cents <= leftCents
}
