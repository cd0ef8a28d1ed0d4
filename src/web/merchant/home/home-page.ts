import type { AppContext } from '../../../context.ts'
import { formatMoney } from '../../../money.ts'
import type { DayTotals } from '../../../orders/queries/totals.ts'
import type { Connection } from '../../../webhooks/connection.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import { type LayoutContext, shopPath } from '../../layout.ts'
import { daysText, dayText, shortDayText } from '../days.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { type Attention, type AttentionLink, attentionLinks } from './attention.ts'
import { type Chart, chartOf } from './chart.ts'
import { type ConnectionPart, connectionPart } from './connection-part.ts'
import { type DayRow, dayRows, type Figure, figuresOf, sumOf } from './figures.ts'
import type { HomePeriod } from './period.ts'

export type DeskHomePage = {
  layout: DeskLayout
  words: Words['deskHome']
  errors?: FormErrors
  form: HomePeriod['fields'] & { action: string }
  days: string
  /** Absent where the shop has no order yet. */
  totals?: Totals | 'not_loaded'
  noOrders?: { text: string; link: { text: string; url: string } }
  attention: AttentionLink[]
  connection: ConnectionPart
}

type Totals = {
  figures: Figure[]
  chart?: ChartPart
  /** In place of the chart. */
  none?: string
  rows: DayRow[]
}

type ChartPart = Chart & {
  summary: string
  most: string
  hasRefunds: boolean
  first: string
  last: string
}

export function homePage(given: {
  ctx: LayoutContext & Pick<AppContext, 'publicUrl'>
  visit: DeskVisit
  period: HomePeriod
  /** Undefined where they could not be loaded. */
  totals: DayTotals[] | undefined
  attention: Attention
  connection: Connection
  hasOrders: boolean
  now: Date
}): DeskHomePage {
  const { ctx, visit, period, totals, attention, connection, hasOrders, now } = given
  const { shop } = visit
  const { deskHome: words, deskOrders } = wordsFor(shop.language)
  const errors = formErrors(shop.language, period.problems)

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-home', part: 'home', title: words.title },
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    form: { ...period.fields, action: '/merchant' },
    days: daysText(period.from, period.to),
    ...(hasOrders
      ? { totals: totals ? totalsPart(totals, period, visit, words) : 'not_loaded' }
      : {
          noOrders: {
            text: deskOrders.noneYet,
            link: { text: deskOrders.viewShop, url: shopPath(shop.slug) },
          },
        }),
    attention: attentionLinks(attention, words.attention),
    connection: connectionPart({ ctx, visit, connection, words, now }),
  }
}

function totalsPart(
  totals: DayTotals[],
  period: HomePeriod,
  { shop }: DeskVisit,
  words: Words['deskHome'],
): Totals {
  const chart = chartOf(totals)
  const { placed } = sumOf(totals)
  return {
    figures: figuresOf(totals, period, shop.currency, words.figures),
    ...(chart
      ? { chart: chartPart(chart, totals, period, shop.currency, words.chart) }
      : { none: placed === 0 ? words.figures.nonePlaced : words.figures.none }),
    rows: placed === 0 ? [] : dayRows(totals, shop.currency, shortDayText),
  }
}

function chartPart(
  chart: Chart,
  totals: DayTotals[],
  { from, to }: HomePeriod,
  currency: DeskVisit['shop']['currency'],
  words: Words['deskHome']['chart'],
): ChartPart {
  const best = totals.reduce((one, other) => (other.paidCents > one.paidCents ? other : one))
  const most = words.most(formatMoney(best.paidCents, currency), shortDayText(best.day))
  const total = formatMoney(sumOf(totals).paidCents, currency)
  return {
    ...chart,
    summary: words.summary(daysText(from, to), total, most),
    most,
    hasRefunds: chart.refunds.length > 0,
    first: dayText(from),
    last: dayText(to),
  }
}
