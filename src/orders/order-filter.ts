import { maskCardNumbers } from '../card-numbers.ts'
import { HOUR, later, timestamp } from '../clock.ts'
import { addDays, startOfDay } from '../local-time.ts'
import { ORDER_STATUSES, type OrderStatus } from './order.ts'

/** Which of a merchant's orders a list, an export or a job is about. */
export type OrderFilter = {
  /** Any of these; none stands for every status. */
  statuses: OrderStatus[]
  /** Beginning of a number, name, last name or e-mail; last four digits; JustiFi's id. */
  text: string
  /** First and last day of placement in the shop's time zone, YYYY-MM-DD. */
  from: string | null
  to: string | null
  /** Only those that a person has to look at. */
  attention: boolean
}

export const NO_FILTER: OrderFilter = {
  statuses: [],
  text: '',
  from: null,
  to: null,
  attention: false,
}

export type FilterProblems = {
  status?: 'unknown'
  from?: 'wrong'
  to?: 'wrong' | 'before_from'
}

/** `typed` is what the form shows again. A date that is wrong is not in the filter. */
export type ReadFilter = {
  filter: OrderFilter
  typed: { from: string; to: string }
  problems: FilterProblems
}

const LONGEST_TEXT = 200

/**
 * Reads a filter from a query string: `status` (any number of them), `q`, `from`, `to`, and
 * `attention=1`. Other names in it are left alone. `filterParams` is its inverse.
 */
export function readOrderFilter(params: URLSearchParams): ReadFilter {
  const words = params.getAll('status').filter((word) => word !== '')
  const statuses = ORDER_STATUSES.filter((status) => words.includes(status))
  const typed = { from: dateTyped(params, 'from'), to: dateTyped(params, 'to') }
  const from = dayOrNull(typed.from)
  const to = dayOrNull(typed.to)
  const isBackwards = from !== null && to !== null && to < from

  return {
    filter: {
      statuses,
      text: searchTyped(params.get('q') ?? ''),
      from,
      to: isBackwards ? null : to,
      attention: params.get('attention') === '1',
    },
    typed,
    problems: {
      ...(words.some((word) => !statuses.includes(word as OrderStatus)) && { status: 'unknown' }),
      ...(typed.from !== '' && from === null && { from: 'wrong' }),
      ...(typed.to !== '' && to === null && { to: 'wrong' }),
      ...(isBackwards && { to: 'before_from' }),
    },
  }
}

/** A filter as a query string has it: empty for no filter. */
export function filterParams(filter: OrderFilter): URLSearchParams {
  const { statuses, text, from, to, attention } = filter
  return new URLSearchParams([
    ...statuses.map((status) => ['status', status]),
    ...(text ? [['q', text]] : []),
    ...(from ? [['from', from]] : []),
    ...(to ? [['to', to]] : []),
    ...(attention ? [['attention', '1']] : []),
  ])
}

/** A filter with its days and "too long ago" as moments: what the queries take. */
export type OrderCriteria = {
  statuses: readonly OrderStatus[]
  text: string
  /** Placed at or after it, and before it, as the database has times. */
  since: string | null
  before: string | null
  attention: { unansweredSince: string } | null
}

/** JustiFi's silence about an order is for the watcher for so long, and then for a person. */
const LONG_SILENCE = HOUR

export function orderCriteria(filter: OrderFilter, timeZone: string, now: Date): OrderCriteria {
  const { statuses, text, from, to, attention } = filter
  return {
    statuses,
    text,
    since: from && timestamp(startOfDay(from, timeZone)),
    before: to && timestamp(startOfDay(addDays(to, 1), timeZone)),
    attention: attention ? { unansweredSince: timestamp(later(now, -LONG_SILENCE)) } : null,
  }
}

/** Nothing that looks like a card's number goes into logs, addresses or the audit log. */
function searchTyped(typed: string): string {
  return maskCardNumbers(typed.trim().slice(0, LONGEST_TEXT)).toWellFormed()
}

function dateTyped(params: URLSearchParams, name: string): string {
  return (params.get(name) ?? '').trim().slice(0, 20)
}

const DAY_TEXT = /^20\d\d-\d\d-\d\d$/

/** Null for what is no day of the calendar, such as February 30. */
function dayOrNull(text: string): string | null {
  return DAY_TEXT.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text
    ? text
    : null
}
