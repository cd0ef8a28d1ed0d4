import type { Job } from '../../../jobs/job.ts'
import type { ReconcileParams } from '../../../jobs/reconcile/books.ts'
import type { ReconcileResult } from '../../../jobs/reconcile/reconcile.ts'
import { hasRight } from '../../../merchants/user.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import type { LayoutContext } from '../../layout.ts'
import { moment, type TimePart } from '../../orders/text.ts'
import { countText } from '../count-text.ts'
import { daysText } from '../days.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { type DayField, type PeriodForm, periodFields } from '../period-form.ts'
import { RECONCILIATION_PATH, reconciliationPath } from './paths.ts'

export type ReconciliationPage = {
  layout: DeskLayout
  words: Words['deskReconciliation']
  errors?: FormErrors
  /** Absent for who may only look. */
  form?: { action: string; fields: DayField[]; formKey: string }
  comparisons: {
    days: string
    url: string
    made: TimePart
    by: string
    found: { text: string; tone: 'good' | 'waiting' | 'bad' }
  }[]
}

export function reconciliationPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  form: PeriodForm
  /** Newest first. */
  jobs: Job[]
  formKey: string
  now: Date
}): ReconciliationPage {
  const { ctx, visit, form, jobs, formKey, now } = given
  const { shop, user } = visit
  const { deskReconciliation: words, deskHome } = wordsFor(shop.language)
  const errors = formErrors(shop.language, form.problems)

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-reconciliation', part: 'reconciliation' },
      title: words.title,
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(hasRight(user, 'work') && {
      form: { action: RECONCILIATION_PATH, fields: periodFields(form, deskHome.days), formKey },
    }),
    comparisons: jobs.map((job) => {
      const { from, to } = JSON.parse(job.params) as ReconcileParams
      return {
        days: daysText(from, to),
        url: reconciliationPath(job.id),
        made: moment(job.createdAt, shop.timeZone, now),
        by: job.begunBy,
        found: foundBy(job, words),
      }
    }),
  }
}

function foundBy(
  { state, result }: Job,
  words: Words['deskReconciliation'],
): ReconciliationPage['comparisons'][number]['found'] {
  if (state !== 'done' || result === null) {
    const text = state === 'done' ? words.state.failed : words.state[state]
    return { text, tone: 'waiting' }
  }
  const { differences } = JSON.parse(result) as ReconcileResult
  return differences === 0
    ? { text: words.noDifferences, tone: 'good' }
    : { text: differencesText(differences, words), tone: 'bad' }
}

export function differencesText(count: number, words: Words['deskReconciliation']): string {
  return words.differences(countText(count), count === 1)
}
