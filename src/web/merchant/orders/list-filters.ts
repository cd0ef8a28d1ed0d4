import { ORDER_STATUSES, type OrderStatus } from '../../../orders/order.ts'
import type { FilterProblems, OrderFilter, ReadFilter } from '../../../orders/order-filter.ts'
import type { Words } from '../../../words/words.ts'
import { type TextField, textField } from '../../text-field.ts'
import { filteredPath, ORDERS_PATH } from './paths.ts'

type ListWords = Words['deskOrders']

/** The form above the list. Sent by GET, so that what was searched for can be kept and shared. */
export type SearchForm = {
  action: string
  text: TextField
  /** Days, in native date fields. */
  days: (Omit<TextField, 'type'> & { type: 'date' })[]
  statuses: { value: OrderStatus; id: string; label: string; checked: boolean }[]
  attention: boolean
  problems: Record<string, string | undefined>
}

export function searchForm({ filter, typed, problems }: ReadFilter, words: ListWords): SearchForm {
  const said = words.search
  const day = (id: 'from' | 'to', error: string | undefined) => {
    const field = { id, label: said[id], autocomplete: 'off', value: typed[id], optional: true }
    return { ...textField({ ...field, type: 'text' }, error), type: 'date' as const }
  }
  const problemTexts = textsOf(problems, words)

  return {
    action: ORDERS_PATH,
    text: textField(
      {
        id: 'q',
        label: said.text,
        type: 'text',
        autocomplete: 'off',
        value: filter.text,
        hint: said.textHint,
        optional: true,
      },
      undefined,
    ),
    days: [day('from', problemTexts.from), day('to', problemTexts.to)],
    statuses: ORDER_STATUSES.map((status) => ({
      value: status,
      id: `status-${status}`,
      label: words.statuses[status],
      checked: filter.statuses.includes(status),
    })),
    attention: filter.attention,
    problems: problemTexts,
  }
}

function textsOf({ status, from, to }: FilterProblems, { problems }: ListWords) {
  return {
    ...(from && { from: problems.from[from] }),
    ...(to && { to: problems.to[to] }),
    ...(status && { status: problems.status }),
  }
}

/** One part of the filter, with the list that there is without it. */
export type AppliedFilter = { text: string; name: string; url: string }

export function appliedFilters(filter: OrderFilter, words: ListWords): AppliedFilter[] {
  const said = words.applied
  const without = (text: string, change: Partial<OrderFilter>): AppliedFilter => ({
    text,
    name: said.remove(text),
    url: filteredPath(ORDERS_PATH, { ...filter, ...change }),
  })

  return [
    ...(filter.attention ? [without(said.attention, { attention: false })] : []),
    ...(filter.text ? [without(said.text(filter.text), { text: '' })] : []),
    ...(filter.from ? [without(said.from(filter.from), { from: null })] : []),
    ...(filter.to ? [without(said.to(filter.to), { to: null })] : []),
    ...filter.statuses.map((status) =>
      without(words.statuses[status], {
        statuses: filter.statuses.filter((other) => other !== status),
      }),
    ),
  ]
}
