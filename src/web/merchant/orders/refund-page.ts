import { formatMoney } from '../../../money.ts'
import { methodText } from '../../../orders/payment-text.ts'
import type { DeskOrder } from '../../../orders/queries/desk-order.ts'
import { REFUND_REASONS } from '../../../orders/refund.ts'
import { type Refundable, refundableOf } from '../../../orders/refundable.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import type { LayoutContext } from '../../layout.ts'
import { type TextField, textField } from '../../text-field.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { type AreaField, type ChoiceField, withError } from '../fields.ts'
import { LONGEST_NOTE } from './note.ts'
import { orderDeskPath } from './paths.ts'
import type { RefundForm, RefundProblems } from './refund-form.ts'

export type RefundPage = {
  layout: DeskLayout
  words: Words['deskOrders']['order']['refund']
  errors?: FormErrors
  back: { url: string; text: string }
  title: string
  /** "Paid $80.00. Refunded $20.00. …" */
  standing?: string
  surplus?: string
  /** Instead of a form where there is nothing to refund. */
  cannot?: string
  form?: {
    action: string
    hidden: HiddenField[]
    how: ChoiceField
    amount: TextField
    reason: ChoiceField
    note: AreaField
  }
  /** The second step: asks once more, with what was chosen. */
  check?: {
    action: string
    /** Back to the first step, with what was chosen. */
    change: string
    hidden: HiddenField[]
    question: string
    facts: { label: string; text: string }[]
    button: string
  }
}

type HiddenField = { name: string; value: string }

type Given = {
  ctx: LayoutContext
  visit: DeskVisit
  seen: DeskOrder
  form: RefundForm
  problems?: RefundProblems
  /** Where the second step is to be shown: the amount that was chosen. */
  checkCents?: number
}

export function refundPage(given: Given): RefundPage {
  const { ctx, visit, seen, problems = {}, checkCents } = given
  const { order } = seen
  const words = wordsFor(visit.shop.language).deskOrders.order
  const refundable = refundableOf(order, seen.payments, seen.refunds)
  const texts = 'cannot' in refundable ? {} : problemTexts(given, refundable, problems)
  const errors = formErrors(visit.shop.language, texts)
  const title = words.refund.title(order.number)

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-refund', part: 'orders', title },
      hasErrors: errors !== undefined,
    }),
    words: words.refund,
    ...(errors && { errors }),
    back: { url: orderDeskPath(order.number), text: words.refund.back(order.number) },
    title,
    ...('cannot' in refundable
      ? { cannot: words.payment.cannot[refundable.cannot] }
      : {
          standing: standingText(given, refundable),
          ...(refundable.isSurplus && { surplus: words.refund.surplus }),
          ...(checkCents === undefined
            ? { form: formPart(given, refundable, texts) }
            : { check: checkPart(given, refundable, checkCents) }),
        }),
  }
}

type Possible = Extract<Refundable, { leftCents: number }>

function problemTexts(
  { seen, visit }: Given,
  { leftCents }: Possible,
  { note, ...problems }: RefundProblems,
): Record<string, string> {
  const { longNote, order: words } = wordsFor(visit.shop.language).deskOrders
  const said = words.refund.problems
  const left = formatMoney(leftCents, seen.order.currency)
  const least = formatMoney(1, seen.order.currency)
  const texts = Object.entries(problems).map(([field, problem]) => {
    const words = said[problem]
    return [field, typeof words === 'string' ? words : words(left, least)]
  })
  return { ...Object.fromEntries(texts), ...(note && { note: longNote(LONGEST_NOTE) }) }
}

function standingText({ seen, visit }: Given, { payment, leftCents }: Possible): string {
  const words = wordsFor(visit.shop.language).deskOrders.order.refund
  const money = (cents: number) => formatMoney(cents, seen.order.currency)
  return words.standing(money(payment.amountCents), money(payment.refundedCents), money(leftCents))
}

function formPart(
  { seen, visit, form }: Given,
  refundable: Possible,
  problems: Record<string, string>,
): NonNullable<RefundPage['form']> {
  const words = wordsFor(visit.shop.language).deskOrders.order
  const said = words.refund
  const left = formatMoney(refundable.leftCents, seen.order.currency)

  return {
    action: `${orderDeskPath(seen.order.number)}/refund`,
    hidden: hiddenFields(form, refundable),
    how: withError<ChoiceField>(
      {
        id: 'how',
        label: said.howMuch,
        options: [
          { value: 'full', label: said.full(left), checked: form.how === 'full' },
          { value: 'part', label: said.part, checked: form.how === 'part' },
        ],
      },
      problems.how,
    ),
    amount: textField(
      {
        id: 'amount',
        label: said.amount,
        type: 'text',
        autocomplete: 'off',
        value: form.amount,
        hint: said.amountHint(left),
        optional: true,
      },
      problems.amount,
    ),
    reason: withError<ChoiceField>(
      {
        id: 'reason',
        label: said.reason,
        options: REFUND_REASONS.map((reason) => ({
          value: reason,
          label: words.refunds.reasons[reason] ?? reason,
          checked: form.reason === reason,
        })),
      },
      problems.reason,
    ),
    note: withError<AreaField>(
      {
        ...{ id: 'note', label: said.note, hint: said.noteHint(LONGEST_NOTE), optional: true },
        ...{ value: form.note, rows: 3, maxLength: LONGEST_NOTE },
      },
      problems.note,
    ),
  }
}

function checkPart(
  { seen, visit, form }: Given,
  refundable: Possible,
  cents: number,
): NonNullable<RefundPage['check']> {
  const { deskOrders, orders } = wordsFor(visit.shop.language)
  const words = deskOrders.order
  const said = words.refund
  const path = orderDeskPath(seen.order.number)
  const amount = formatMoney(cents, seen.order.currency)
  const { payment } = refundable
  const method = payment.lastFour ? methodText(payment, orders) : said.unknownMethod

  return {
    action: `${path}/refunds`,
    change: `${path}/refund`,
    hidden: [
      ...hiddenFields(form, refundable),
      { name: 'how', value: form.how ?? 'part' },
      { name: 'amount', value: form.how === 'full' ? '' : form.amount },
      { name: 'reason', value: form.reason ?? '' },
      { name: 'note', value: form.note },
    ],
    question: said.check(amount, method),
    facts: [
      { label: said.reason, text: words.refunds.reasons[form.reason ?? ''] ?? '' },
      ...(form.note ? [{ label: said.note, text: form.note }] : []),
    ],
    button: said.button(amount),
  }
}

/** What the page was made for: where it no longer holds, the form is shown again. */
function hiddenFields({ key }: RefundForm, { payment, leftCents }: Possible): HiddenField[] {
  return [
    { name: 'refund_key', value: key },
    { name: 'available', value: String(leftCents) },
    { name: 'payment', value: payment.id },
  ]
}
