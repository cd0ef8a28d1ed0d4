import { hasRight } from '../../../merchants/user.ts'
import { formatMoneyWithCode } from '../../../money.ts'
import type { OpenItem } from '../../../orders/queries/desk-open-items.ts'
import type { Words } from '../../../words/words.ts'
import { moment, type Text } from '../../orders/text.ts'
import { type TextField, textField } from '../../text-field.ts'
import { countText } from '../count-text.ts'
import type { DeskVisit } from '../desk.ts'
import { LONGEST_NOTE, type NoteProblem } from './note.ts'
import { OPEN_ITEMS_PATH } from './paths.ts'

/** The newest open items; `more` where there are others. */
export type ShownItems = { items: OpenItem[]; more: boolean }

/** Money that no order explains, above the orders that need a person. */
export type OpenItemsPart = {
  items: {
    text: string
    subjectId: string
    found: Text
    /** For who may say what it was. */
    form?: { action: string; note: TextField }
  }[]
  /** Where these are not all. */
  firstOnly?: string
  problems: Record<string, string>
}

/** A note on an item that was not taken. */
export type ItemProblem = { id: string; note: string; problem: NoteProblem }

export function openItemsPart(
  given: ShownItems & {
    visit: DeskVisit
    problem: ItemProblem | undefined
    words: Words['deskOrders']
    now: Date
  },
): OpenItemsPart {
  const { items, more, visit, problem, now } = given
  const words = given.words.openItems
  const mayWork = hasRight(visit.user, 'work')
  const wrong =
    problem && (problem.problem === 'missing' ? words.noNote : given.words.longNote(LONGEST_NOTE))
  const problems = problem && wrong ? { [noteId(problem.id)]: wrong } : {}

  return {
    items: items.map((item) => ({
      text: itemText(item, words),
      subjectId: item.subjectId,
      found: words.found(moment(item.foundAt, visit.shop.timeZone, now)),
      ...(mayWork && {
        form: {
          action: `${OPEN_ITEMS_PATH}/${item.id}/resolve`,
          note: textField(
            {
              id: noteId(item.id),
              label: words.note,
              type: 'text',
              autocomplete: 'off',
              value: problem?.id === item.id ? problem.note : '',
              maxLength: LONGEST_NOTE,
            },
            problem?.id === item.id ? wrong : undefined,
          ),
        },
      }),
    })),
    ...(more && { firstOnly: words.firstOnly(countText(items.length)) }),
    problems,
  }
}

function noteId(itemId: string): string {
  return `note-${itemId}`
}

function itemText(
  { kind, amountCents, currency }: OpenItem,
  words: Words['deskOrders']['openItems'],
): string {
  const amount = formatMoneyWithCode(amountCents, currency)
  const kinds: Partial<Record<string, (amount: string) => string>> = words.kinds
  return (kinds[kind] ?? words.unnamed)(amount)
}
