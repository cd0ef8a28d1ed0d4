import type { CheckOrdersParams } from '../../../jobs/check-orders.ts'
import type { Job } from '../../../jobs/job.ts'
import { filterParams, type OrderFilter, readOrderFilter } from '../../../orders/order-filter.ts'
import type { OrderCount } from '../../../orders/queries/desk-list.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import { moment, type TimePart } from '../../orders/text.ts'
import { countText } from '../count-text.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { appliedFilters } from '../orders/list-filters.ts'
import { filteredPath, ORDERS_PATH } from '../orders/paths.ts'
import { type JobTag, jobTag } from './job-page.ts'
import { CHECK_ORDERS_PATH, jobPath } from './paths.ts'

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
  /** The latest checks, for who left one. */
  latest: { begun: TimePart; url: string; orders: string; tag: JobTag; by: string }[]
}

export function checkOrdersPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  filter: OrderFilter
  /** `unknown` where the search was given up. */
  count: OrderCount | 'unknown'
  formKey: string
  /** Checks of orders, newest first. */
  jobs: Job[]
  now: Date
}): CheckOrdersPage {
  const { ctx, visit, filter, count, formKey, jobs, now } = given
  const { deskJobs, deskOrders } = wordsFor(visit.shop.language)
  const words = deskJobs.check
  const textsOf = (some: OrderFilter) => {
    const texts = appliedFilters(some, deskOrders).map(({ text }) => text)
    return texts.length > 0 ? texts : [words.everyOrder]
  }
  const url = filteredPath(ORDERS_PATH, filter)
  const orders = ordersTexts(count, words)

  return {
    layout: deskLayout({ ctx, visit, page: 'merchant-job', part: 'orders', title: words.title }),
    words,
    filters: textsOf(filter),
    ...(orders && { orders: { ...orders, url } }),
    action: CHECK_ORDERS_PATH,
    filter: filterParams(filter).toString(),
    formKey,
    backUrl: url,
    latest: jobs.map((job) => ({
      begun: moment(job.createdAt, visit.shop.timeZone, now),
      url: jobPath(job.id),
      orders: textsOf(filterOf(job)).join(', '),
      tag: jobTag(job.state, deskJobs),
      by: job.begunBy,
    })),
  }
}

function filterOf({ params }: Job): OrderFilter {
  const { filter } = JSON.parse(params) as CheckOrdersParams
  return readOrderFilter(new URLSearchParams(filter)).filter
}

function ordersTexts(count: OrderCount | 'unknown', words: Words['deskJobs']['check']) {
  if (typeof count === 'string') return { text: words[count], button: words.buttonUncounted }
  if (count.count === 0) return undefined
  const number = countText(count.count)
  const text = words.count(count.more ? `${number}+` : number, count.count === 1 && !count.more)
  return { text, button: words.button(text) }
}
