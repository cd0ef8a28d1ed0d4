import { ORDER_STATUSES } from '../../../orders/order.ts'
import { NO_FILTER, type OrderFilter } from '../../../orders/order-filter.ts'
import type { CappedCount } from '../../../orders/queries/desk-list.ts'
import type { Words } from '../../../words/words.ts'
import { countText } from '../count-text.ts'
import { filteredPath, ORDERS_PATH } from '../orders/paths.ts'

/** What a person has to look at, counted as far as lists count. */
export type Attention = Record<'review' | 'disputed' | 'others' | 'unexplained', CappedCount>

/** Of orders that need attention for something else than what their status says. */
export const OTHER_STATUSES = ORDER_STATUSES.filter(
  (status) => status !== 'needs_review' && status !== 'disputed',
)

export type AttentionLink = { text: string; url: string }

const FILTERS: Record<keyof Attention, Partial<OrderFilter>> = {
  review: { statuses: ['needs_review'] },
  disputed: { statuses: ['disputed'], attention: true },
  others: { statuses: OTHER_STATUSES, attention: true },
  unexplained: { attention: true },
}

/** A link to each list that is not empty, the gravest first. */
export function attentionLinks(
  attention: Attention,
  words: Words['deskHome']['attention'],
): AttentionLink[] {
  const kinds = ['unexplained', 'review', 'disputed', 'others'] as const
  return kinds
    .filter((kind) => attention[kind].count > 0)
    .map((kind) => {
      const { count, more } = attention[kind]
      const number = countText(count)
      return {
        text: words[kind](more ? words.more(number) : number, count === 1 && !more),
        url: filteredPath(ORDERS_PATH, { ...NO_FILTER, ...FILTERS[kind] }),
      }
    })
}
