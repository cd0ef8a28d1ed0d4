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
import { type SelectField, withError } from '../fields.ts'
import { type DayField, type PeriodForm, periodFields } from '../period-form.ts'
import { RECONCILIATION_PATH, reconciliationPath } from './paths.ts'

export type ReconciliationPage = {
  layout: DeskLayout
  words: Words['deskReconciliation']
  errors?: FormErrors
  /** Absent for who may only look. */
  form?: {
    action: string
    fields: DayField[]
    /** Where the shop has books with more than one. */
    account?: SelectField
    formKey: string
  }
  comparisons: {
    days: string
    /** Where it is not the shop's now. */
    account?: string
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
  accounts: AccountChoice
  /** Newest first. */
  jobs: Job[]
  formKey: string
  now: Date
}): ReconciliationPage {
  const { ctx, visit, form, accounts, jobs, formKey, now } = given
  const { shop, user } = visit
  const { deskReconciliation: words, deskHome } = wordsFor(shop.language)
  const account = accountField(accounts, shop.accountId, words)
  const errors = formErrors(shop.language, { ...form.problems, account: account?.error })

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-reconciliation', part: 'reconciliation' },
      title: words.title,
      hasErrors: errors !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(hasRight(user, 'work') && {
      form: {
        action: RECONCILIATION_PATH,
        fields: periodFields(form, deskHome.days),
        ...(account && { account }),
        formKey,
      },
    }),
    comparisons: jobs.map((job) => {
      const { from, to, accountId } = JSON.parse(job.params) as ReconcileParams
      return {
        days: daysText(from, to),
        ...(accountId !== shop.accountId && { account: accountId }),
        url: reconciliationPath(job.id),
        made: moment(job.createdAt, shop.timeZone, now),
        by: job.begunBy,
        found: foundBy(job, words),
      }
    }),
  }
}

/** The accounts that the shop has books with, the present one first. `chosen` may be none of them. */
export type AccountChoice = { all: readonly string[]; chosen: string }

function accountField(
  { all, chosen }: AccountChoice,
  present: string,
  words: Words['deskReconciliation'],
): SelectField | undefined {
  const isUnknown = !all.includes(chosen)
  if (all.length < 2 && !isUnknown) return undefined
  return withError<SelectField>(
    {
      ...{ id: 'account', label: words.account, hint: words.accountHint },
      options: all.map((account) => ({
        value: account,
        label: account === present ? words.accountNow(account) : account,
        selected: account === chosen,
      })),
    },
    isUnknown ? words.unknownAccount : undefined,
  )
}

function foundBy(
  { state, result }: Job,
  words: Words['deskReconciliation'],
): ReconciliationPage['comparisons'][number]['found'] {
  if (state !== 'done' || result === null) {
    const text = state === 'done' ? words.state.failed : words.state[state]
    return { text, tone: 'waiting' }
  }
  const { differences, elsewhere = [] } = JSON.parse(result) as ReconcileResult
  if (differences > 0) return { text: differencesText(differences, words), tone: 'bad' }
  return elsewhere.length === 0
    ? { text: words.noDifferences, tone: 'good' }
    : { text: words.noDifferencesInPart, tone: 'waiting' }
}

export function differencesText(count: number, words: Words['deskReconciliation']): string {
  return words.differences(countText(count), count === 1)
}
