import { filterParams, type OrderFilter } from '../../../orders/order-filter.ts'
import type { OrderCount } from '../../../orders/queries/desk-list.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import { countText } from '../count-text.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { appliedFilters } from '../orders/list-filters.ts'
import { filteredPath, ORDERS_PATH } from '../orders/paths.ts'
import { CHECK_ORDERS_PATH } from './paths.ts'

export type CheckOrdersPage = {
  layout: DeskLayout
  words: Words['deskJobs']['check']
  /** What the filter lets through, in words. */
  filters: string[]
  /** "312 orders" or "Many orders", linked to their list; absent where there are none. */
  orders?: { text: string; url: string; button: string }
  action: string
  filter: string
  formKey: string
  backUrl: string
}

export function checkOrdersPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  filter: OrderFilter
  /** `unknown` where the search was given up. */
  count: OrderCount | 'unknown'
  formKey: string
}): CheckOrdersPage {
  const { ctx, visit, filter, count, formKey } = given
  const { deskJobs, deskOrders } = wordsFor(visit.shop.language)
  const words = deskJobs.check
  const texts = appliedFilters(filter, deskOrders).map(({ text }) => text)
  const url = filteredPath(ORDERS_PATH, filter)
  const orders = ordersTexts(count, words)

  return {
    layout: deskLayout({ ctx, visit, page: 'merchant-job', part: 'orders', title: words.title }),
    words,
    filters: texts.length > 0 ? texts : [words.everyOrder],
    ...(orders && { orders: { ...orders, url } }),
    action: CHECK_ORDERS_PATH,
    filter: filterParams(filter).toString(),
    formKey,
    backUrl: url,
  }
}

function ordersTexts(count: OrderCount | 'unknown', words: Words['deskJobs']['check']) {
  if (typeof count === 'string') return { text: words[count], button: words.buttonUncounted }
  if (count.count === 0) return undefined
  const number = countText(count.count)
  const text = words.count(count.more ? `${number}+` : number, count.count === 1 && !count.more)
  return { text, button: words.button(text) }
}
