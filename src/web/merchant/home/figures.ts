import { type Currency, formatMoney } from '../../../money.ts'
import type { OrderStatus } from '../../../orders/order.ts'
import { NO_FILTER, type OrderFilter } from '../../../orders/order-filter.ts'
import { type DayTotals, MONEY_STATUSES } from '../../../orders/queries/totals.ts'
import type { Words } from '../../../words/words.ts'
import { countText } from '../count-text.ts'
import { filteredPath, ORDERS_PATH } from '../orders/paths.ts'

export type Figure = {
  label: string
  text: string
  /** The orders behind it. */
  url: string
  hint: string
  /** Another number that the figure is made of, with its own orders. */
  of?: Linked & { before: string }
}

export type DayRow = {
  day: string
  url: string
  placed: Linked
  paid: Linked
  payments: Linked
  refunds: Linked
}

/** A number, and the orders behind it. */
type Linked = { text: string; url: string }

/** Of some days, taken together. */
export function sumOf(days: readonly DayTotals[]): Omit<DayTotals, 'day'> {
  const sum = (of: (day: DayTotals) => number) => days.reduce((total, day) => total + of(day), 0)
  return {
    placed: sum(({ placed }) => placed),
    paid: sum(({ paid }) => paid),
    paidCents: sum(({ paidCents }) => paidCents),
    refundedCents: sum(({ refundedCents }) => refundedCents),
    refundedOfDisputed: sum(({ refundedOfDisputed }) => refundedOfDisputed),
    refundedOfReviewed: sum(({ refundedOfReviewed }) => refundedOfReviewed),
  }
}

type Period = { from: string; to: string }

/** The figures of a period, each with the list of the orders that it was made of. */
export function figuresOf(
  days: readonly DayTotals[],
  period: Period,
  currency: Currency,
  words: Words['deskHome']['figures'],
): Figure[] {
  const sum = sumOf(days)
  const money = (cents: number) => formatMoney(cents, currency)
  const paidUrl = ordersUrl(period, MONEY_STATUSES)
  const paidOrders = words.paidOrders(countText(sum.paid), sum.paid === 1)

  return [
    { label: words.payments, text: money(sum.paidCents), url: paidUrl, hint: paidOrders },
    {
      label: words.refunds,
      text: money(sum.refundedCents),
      url: ordersUrl(period, refundStatuses(sum)),
      hint: '',
    },
    {
      label: words.net,
      text: money(sum.paidCents - sum.refundedCents),
      url: paidUrl,
      hint: words.netHint,
    },
    {
      label: words.conversion,
      text: sum.placed === 0 ? '–' : percent.format(sum.paid / sum.placed),
      url: paidUrl,
      hint: words.conversionHint,
      of: {
        before: `${countText(sum.paid)} ${words.paidOf}`,
        text: countText(sum.placed),
        url: ordersUrl(period, []),
      },
    },
    {
      label: words.average,
      text: sum.paid === 0 ? '–' : money(Math.round(sum.paidCents / sum.paid)),
      url: paidUrl,
      hint: words.averageHint,
    },
  ]
}

const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 })

/** Also orders of other statuses may have refunds: they are in the list where they are in the sum. */
function refundStatuses(sum: Omit<DayTotals, 'day'>): OrderStatus[] {
  return [
    'partially_refunded',
    'refunded',
    ...(sum.refundedOfDisputed > 0 ? (['disputed'] as const) : []),
    ...(sum.refundedOfReviewed > 0 ? (['needs_review'] as const) : []),
  ]
}

/** The days in figures, the newest first. */
export function dayRows(
  days: readonly DayTotals[],
  currency: Currency,
  dayText: (day: string) => string,
): DayRow[] {
  return days
    .map(({ day, ...totals }) => {
      const period = { from: day, to: day }
      const url = ordersUrl(period, [])
      const paidUrl = ordersUrl(period, MONEY_STATUSES)
      const money = (cents: number) => formatMoney(cents, currency)
      return {
        day: dayText(day),
        url,
        placed: { text: countText(totals.placed), url },
        paid: { text: countText(totals.paid), url: paidUrl },
        payments: { text: money(totals.paidCents), url: paidUrl },
        refunds: {
          text: money(totals.refundedCents),
          url: ordersUrl(period, refundStatuses(totals)),
        },
      }
    })
    .reverse()
}

function ordersUrl(period: Period, statuses: readonly OrderStatus[]): string {
  const filter: OrderFilter = { ...NO_FILTER, ...period, statuses: [...statuses] }
  return filteredPath(ORDERS_PATH, filter)
}
