import { hasRight } from '../../../merchants/user.ts'
import type { DeskRefund } from '../../../orders/queries/desk-order.ts'
import { DECIDED } from '../../../orders/queries/disputes.ts'
import type { RefundOutcome } from '../../../orders/refund.ts'
import type { TimePart } from '../../orders/text.ts'
import { type TextField, textField } from '../../text-field.ts'
import { LONGEST_NOTE, type NoteProblem } from './note.ts'
import {
  amountOf,
  type CopyableId,
  copyableId,
  type Fact,
  type OrderView,
  personName,
  timeOf,
} from './order-view.ts'
import { orderDeskPath } from './paths.ts'

export type RefundRow = {
  at: TimePart
  amount: string
  outcome: string
  style: string
  by: string
  /** What its outcome means, why it was made, what was noted, and its id at JustiFi. */
  details: string[]
  id?: string
  /** For one that a person has to deal with. */
  dealWith?: { action: string; note: TextField }
}

const TONES: Record<RefundOutcome, string> = {
  requested: 'waiting',
  unknown: 'bad',
  pending: 'waiting',
  succeeded: 'good',
  failed: 'bad',
}

/** A note, of how a refund was dealt with, that was not taken. */
type WrongNote = { refundId: string; note: string; problem: NoteProblem }

export function refundRows(view: OrderView, wrong?: WrongNote): RefundRow[] {
  return view.seen.refunds.map((refund) => ({
    at: timeOf(view, refund.createdAt),
    amount: amountOf(view, refund.amountCents),
    outcome: view.words.refunds.outcomes[refund.outcome],
    style: `tag tag--${TONES[refund.outcome]}`,
    by: refund.actor === null ? view.words.refunds.madeThere : personName(view, refund.actor),
    details: detailsOf(view, refund),
    ...(refund.refundId && { id: refund.refundId }),
    ...dealWith(view, refund, wrong?.refundId === refund.id ? wrong : undefined),
  }))
}

function detailsOf({ words }: OrderView, refund: DeskRefund): string[] {
  const said = words.refunds
  const { outcome, errorCode, reason, note, dealtWithAt } = refund
  return [
    ...(outcome === 'unknown' ? [said.unknown] : []),
    ...(outcome === 'failed' ? [said.failed] : []),
    ...(errorCode ? [said.codes[errorCode] ?? said.code(errorCode)] : []),
    ...(reason ? [said.reasons[reason] ?? reason] : []),
    ...(note ? [note] : []),
    ...(dealtWithAt ? [said.isDealtWith] : []),
  ]
}

function dealWith(
  { seen, visit, words, listWords }: OrderView,
  refund: DeskRefund,
  wrong: WrongNote | undefined,
) {
  const isInTrouble = refund.outcome === 'failed' || refund.outcome === 'unknown'
  if (!isInTrouble || refund.dealtWithAt || !hasRight(visit.user, 'work')) return {}
  const note = textField(
    {
      id: dealNoteId(refund.id),
      label: words.refunds.dealtNote,
      type: 'text',
      autocomplete: 'off',
      value: wrong?.note ?? '',
      maxLength: LONGEST_NOTE,
    },
    wrong && dealNoteProblem(wrong.problem, listWords),
  )
  const action = `${orderDeskPath(seen.order.number)}/refunds/${refund.id}/dealt-with`
  return { dealWith: { action, note } }
}

export function dealNoteProblem(problem: NoteProblem, words: OrderView['listWords']): string {
  return problem === 'missing' ? words.order.refunds.noDealtNote : words.longNote(LONGEST_NOTE)
}

/** The field in which a person says what they did about a refund. */
export function dealNoteId(refundId: string): string {
  return `note-${refundId}`
}

/** `hint` is what to do about it, or that there is nothing to do any more. */
export type DisputeRow = { facts: Fact[]; copy: CopyableId; id: string; hint: string }

export function disputeRows(view: OrderView): DisputeRow[] {
  const said = view.words.disputes
  return view.seen.disputes.map((dispute) => {
    const isDecided = DECIDED.includes(dispute.status)
    const due = isDecided ? null : dispute.dueDate
    return {
      id: dispute.id,
      copy: copyableId(view.words, said.id, dispute.id),
      facts: [
        { label: said.amount, text: amountOf(view, dispute.amountCents, dispute.currency) },
        { label: said.status, text: said.statuses[dispute.status] ?? dispute.status },
        ...(dispute.reason ? [{ label: said.reason, text: dispute.reason }] : []),
        ...(due ? [{ label: said.due, text: due }] : []),
      ],
      hint: isDecided ? said.decided : said.todo,
    }
  })
}
