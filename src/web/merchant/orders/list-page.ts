import { hasRight } from '../../../merchants/user.ts'
import { formatMoney } from '../../../money.ts'
import { NO_FILTER, type OrderFilter, type ReadFilter } from '../../../orders/order-filter.ts'
import type {
  CappedCount,
  ListedOrder,
  OrderCount,
  OrderList,
} from '../../../orders/queries/desk-list.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import { type LayoutContext, shopPath } from '../../layout.ts'
import { moment, type TimePart } from '../../orders/text.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { CHECK_ORDERS_PATH, jobPath } from '../jobs/paths.ts'
import { type AppliedFilter, appliedFilters, type SearchForm, searchForm } from './list-filters.ts'
import {
  type ItemProblem,
  type OpenItemsPart,
  openItemsPart,
  type ShownItems,
} from './open-items-part.ts'
import { EXPORT_PATH, filteredPath, ORDERS_PATH, orderDeskPath } from './paths.ts'
import { type StatusTag, statusTag } from './status-tag.ts'

export type OrderListPage = {
  layout: DeskLayout
  words: Words['deskOrders']
  errors?: FormErrors
  notice?: string
  /** Leads to the orders, and the money, that need a person; absent where there are none. */
  attention?: { text: string; url: string }
  /** Where orders are being checked with JustiFi. */
  checking?: { url: string }
  form: SearchForm
  applied?: { filters: AppliedFilter[]; clearUrl: string }
  openItems?: OpenItemsPart
  /** Absent where the form has mistakes. */
  results?: Results
}

type Results = {
  /** "312 orders", or "Many orders" */
  count: string
  rows: Row[]
  none?: { text: string; link?: { text: string; url: string } }
  newerUrl?: string
  olderUrl?: string
  downloads: { text: string; url: string }[]
  /** To have all of these checked with JustiFi. */
  check?: { text: string; url: string }
}

type Row = {
  number: string
  url: string
  name: string
  email: string
  tag: StatusTag
  placed: TimePart
  total: string
}

export type FoundOrders = { list: OrderList; count: OrderCount }

export type ListGiven = {
  ctx: LayoutContext
  visit: DeskVisit
  read: ReadFilter
  /** `slow` where the search was given up; undefined where the form has mistakes. */
  found: FoundOrders | 'slow' | undefined
  attention: CappedCount
  openItems: ShownItems
  /** The id of a job that checks orders and is under way. */
  openCheck: string | undefined
  /** What was wrong with the note on an open item. */
  itemProblem?: ItemProblem | undefined
  notice?: string | undefined
  now: Date
}

export function orderListPage(given: ListGiven): OrderListPage {
  const { ctx, visit, read, found, attention, openItems, openCheck, notice, now } = given
  const { shop } = visit
  const words = wordsFor(shop.language).deskOrders
  const { filter } = read
  const form = searchForm(read, words)
  const part =
    filter.attention && openItems.items.length > 0
      ? openItemsPart({ ...openItems, visit, problem: given.itemProblem, words, now })
      : undefined
  const errors = formErrors(shop.language, {
    ...form.problems,
    ...(found === 'slow' && { from: words.problems.tooSlow }),
    ...part?.problems,
  })
  const applied = appliedFilters(filter, words)

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-orders', part: 'orders', title: words.title },
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(notice && { notice }),
    ...(attention.count > 0 && !filter.attention && { attention: attentionLink(attention, words) }),
    ...(openCheck && { checking: { url: jobPath(openCheck) } }),
    form,
    ...(applied.length > 0 && { applied: { filters: applied, clearUrl: ORDERS_PATH } }),
    ...(part && { openItems: part }),
    ...(found && found !== 'slow' && { results: results(given, found, words) }),
  }
}

function attentionLink(attention: CappedCount, words: Words['deskOrders']) {
  const { text, isOne } = countText(attention, words)
  return {
    text: words.needAttention(text, isOne),
    url: filteredPath(ORDERS_PATH, { ...NO_FILTER, attention: true }),
  }
}

const numbers = new Intl.NumberFormat('en-US')

function countText({ count, more }: CappedCount, words: Words['deskOrders']) {
  const text = numbers.format(count)
  return { text: more ? words.more(text) : text, isOne: count === 1 && !more }
}

/** How many orders were found: by itself, and on the link to all of them. */
function countTexts(count: OrderCount, words: Words['deskOrders']) {
  if (count === 'many') return { orders: words.many, download: words.downloadMany }
  const { text, isOne } = countText(count, words)
  const orders = words.count(text, isOne)
  return { orders, download: words.download(orders) }
}

function results(
  { visit, read: { filter }, now }: ListGiven,
  { list, count }: FoundOrders,
  words: Words['deskOrders'],
): Results {
  const { orders, download } = countTexts(count, words)
  const { older, newer } = list
  const hasAny = list.orders.length > 0
  const mayExport = hasRight(visit.user, 'export') && hasAny

  return {
    count: orders,
    rows: list.orders.map((order) => rowOf(order, visit, words, now)),
    ...(list.orders.length === 0 && { none: noneText(filter, visit, words) }),
    ...(newer && { newerUrl: filteredPath(ORDERS_PATH, filter, { before: newer }) }),
    ...(older && { olderUrl: filteredPath(ORDERS_PATH, filter, { after: older }) }),
    downloads: mayExport
      ? [
          { text: download, url: filteredPath(EXPORT_PATH, filter) },
          { text: words.downloadItems, url: filteredPath(EXPORT_PATH, filter, { rows: 'items' }) },
          { text: words.downloadExcel, url: filteredPath(EXPORT_PATH, filter, { bom: '1' }) },
        ]
      : [],
    ...(hasRight(visit.user, 'work') &&
      hasAny && { check: { text: words.checkAll, url: filteredPath(CHECK_ORDERS_PATH, filter) } }),
  }
}

function rowOf(
  order: ListedOrder,
  { shop }: DeskVisit,
  words: Words['deskOrders'],
  now: Date,
): Row {
  return {
    number: order.number,
    url: orderDeskPath(order.number),
    name: order.customerName,
    email: order.customerEmail,
    tag: statusTag(order.status, words),
    placed: moment(order.createdAt, shop.timeZone, now),
    total: formatMoney(order.totalCents, order.currency),
  }
}

function noneText(filter: OrderFilter, { shop }: DeskVisit, words: Words['deskOrders']) {
  const isFiltered = filteredPath('', filter) !== ''
  if (isFiltered) return { text: words.noMatch }
  return { text: words.noneYet, link: { text: words.viewShop, url: shopPath(shop.slug) } }
}
