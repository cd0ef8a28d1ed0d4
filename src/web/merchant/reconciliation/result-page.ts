import type { Job } from '../../../jobs/job.ts'
import type { Elsewhere } from '../../../jobs/reconcile/accounts.ts'
import type { Entry, ReconcileParams } from '../../../jobs/reconcile/books.ts'
import type { ReconcileResult } from '../../../jobs/reconcile/reconcile.ts'
import type { ListedDifference } from '../../../jobs/reconcile/rows.ts'
import type { Sum } from '../../../jobs/reconcile/sums.ts'
import { hasRight } from '../../../merchants/user.ts'
import { type Currency, formatMoney } from '../../../money.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import { moment, type Text } from '../../orders/text.ts'
import { countText } from '../count-text.ts'
import { daysText } from '../days.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { orderDeskPath } from '../orders/paths.ts'
import { differencesPath, RECONCILIATION_PATH } from './paths.ts'
import { differencesText } from './reconciliation-page.ts'

type ResultWords = Words['deskReconciliation']['result']

export type ResultPage = {
  layout: DeskLayout
  words: ResultWords
  title: string
  verdict: { text: string; tone: 'good' | 'waiting' }
  /** What of the days was with another account of the shop's. */
  elsewhere: string[]
  scope: Text
  sums: { label: string; there: string; here: string; isEqual: boolean; agree: string }[]
  differences: DifferenceRow[]
  firstOf?: string
  downloadUrl?: string
  backUrl: string
}

type DifferenceRow = {
  what: string
  id: string
  order?: { number: string; url: string }
  there: string
  here: string
  toDo: string
}

/** @param differences the first of them, as many as a page shows */
export function resultPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  job: Job
  differences: ListedDifference[]
  now: Date
}): ResultPage {
  const { ctx, visit, job, differences, now } = given
  const { shop, user } = visit
  const said = wordsFor(shop.language).deskReconciliation
  const words = said.result
  const { from, to, accountId, until } = JSON.parse(job.params) as ReconcileParams
  const result = JSON.parse(job.result ?? 'null') as ReconcileResult
  const elsewhere = result.elsewhere ?? []
  const title = words.title(daysText(from, to))
  const count = result.differences
  const isCut = count > differences.length

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-reconciliation', part: 'reconciliation', title },
    }),
    words,
    title,
    verdict:
      count === 0
        ? agreement(elsewhere, words)
        : { text: words.unequal(differencesText(count, said)), tone: 'waiting' },
    elsewhere: elsewhere.map((one) => elsewhereText(one, words)),
    scope: words.scope(accountId, moment(new Date(until), shop.timeZone, now)),
    sums: sumRowsOf(result.sums, shop.currency, words),
    differences: differences.map((difference) => rowOf(difference, shop.currency, words)),
    ...(isCut && { firstOf: words.firstOf(countText(differences.length), countText(count)) }),
    ...(count > 0 && hasRight(user, 'export') && { downloadUrl: differencesPath(job.id) }),
    backUrl: RECONCILIATION_PATH,
  }
}

function agreement(elsewhere: readonly Elsewhere[], words: ResultWords): ResultPage['verdict'] {
  return elsewhere.length === 0
    ? { text: words.equal, tone: 'good' }
    : { text: words.equalInPart, tone: 'waiting' }
}

function elsewhereText({ accountId, ...counts }: Elsewhere, words: ResultWords): string {
  const kinds = (['payments', 'refunds', 'disputes'] as const).filter((kind) => counts[kind] > 0)
  const parts = kinds.map((kind) =>
    words.elsewhereKinds[kind](countText(counts[kind]), counts[kind] === 1),
  )
  const all = kinds.reduce((sum, kind) => sum + counts[kind], 0)
  return words.elsewhere(words.and(parts), accountId, all === 1)
}

const SUMS = ['payments', 'refunds', 'pendingRefunds', 'fees', 'disputes'] as const

function sumRowsOf(
  sums: ReconcileResult['sums'],
  currency: Currency,
  words: ResultWords,
): ResultPage['sums'] {
  const text = ({ cents, count }: Sum) =>
    words.counted(formatMoney(cents, currency), countText(count))

  return SUMS.map((name) => {
    const { there, here } = sums[name]
    const isEqual = there.cents === here.cents && there.count === here.count
    return {
      label: words.rows[name],
      there: text(there),
      here: text(here),
      isEqual,
      agree: isEqual ? words.isEqual : words.isUnequal,
    }
  })
}

function rowOf(row: ListedDifference, currency: Currency, words: ResultWords): DifferenceRow {
  return {
    what: words.lists[row.list],
    id: row.subjectId,
    ...(row.orderNumber && {
      order: { number: row.orderNumber, url: orderDeskPath(row.orderNumber) },
    }),
    there: entryText(row.there, row, currency, words),
    here: entryText(row.here, row, currency, words),
    toDo: words.advice[row.difference],
  }
}

function entryText(
  entry: Entry | null,
  { difference }: ListedDifference,
  currency: Currency,
  words: ResultWords,
): string {
  if (!entry) return words.missing
  const money = (cents: number | null) => formatMoney(cents ?? 0, currency)
  const parts = [
    words.entry(money(entry.cents), entry.status.replaceAll('_', ' ')),
    ...(difference === 'fee' ? [words.fee(money(entry.feeCents))] : []),
    ...(difference === 'refunded' ? [words.refunded(money(entry.refundedCents))] : []),
  ]
  return parts.join(', ')
}
