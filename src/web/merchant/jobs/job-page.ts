import type { CheckOrdersParams } from '../../../jobs/check-orders.ts'
import type { Job } from '../../../jobs/job.ts'
import { hasRight } from '../../../merchants/user.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import { moment, type Text } from '../../orders/text.ts'
import { countText } from '../count-text.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { ORDERS_PATH } from '../orders/paths.ts'
import { RECONCILIATION_PATH, reconciliationPath } from '../reconciliation/paths.ts'
import { jobPath } from './paths.ts'

export type JobPage = {
  layout: DeskLayout
  state: Job['state']
  url: string
  title: string
  tag: JobTag
  /** How far it has come, or what came of it. */
  sentence: string
  /** While it goes on. Without `max`, how much there is to do is not known. */
  progress?: { value: number; max?: number }
  notes: string[]
  facts: Text[]
  checkProgress?: string
  stop?: { action: string; label: string }
  next?: { url: string; text: string }
}

export type JobTag = { text: string; tone: 'good' | 'waiting' | 'bad' }

const TONES = { open: 'waiting', done: 'good', cancelled: 'waiting', failed: 'bad' } as const

export function jobTag(state: Job['state'], words: Words['deskJobs']): JobTag {
  return { text: words.states[state], tone: TONES[state] }
}

export function jobPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  job: Job
  now: Date
}): JobPage {
  const { ctx, visit, job, now } = given
  const { shop, user } = visit
  const words = wordsFor(shop.language).deskJobs
  const said = KINDS[job.kind]
  const title = said.title(words)
  const isOpen = job.state === 'open'
  const time = (at: Date) => moment(at, shop.timeZone, now)

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-job', part: said.part, title },
      ...(isOpen && { script: 'page.js' }),
    }),
    state: job.state,
    url: jobPath(job.id),
    title,
    tag: jobTag(job.state, words),
    sentence: said.sentence(job, words),
    ...(isOpen && { progress: progressOf(job) }),
    notes: notesOf(job, words),
    facts: [
      words.begun(time(job.createdAt), job.begunBy),
      ...(job.finishedAt ? [words.ended(time(job.finishedAt))] : []),
    ],
    ...(isOpen && { checkProgress: words.checkProgress }),
    ...(isOpen &&
      hasRight(user, 'work') && {
        stop: { action: `${jobPath(job.id)}/stop`, label: words.stop },
      }),
    ...(!isOpen && { next: said.next(job, words) }),
  }
}

type JobWords = Words['deskJobs']
type Kind = {
  part: 'orders' | 'reconciliation'
  title(words: JobWords): string
  sentence(job: Job, words: JobWords): string
  next(job: Job, words: JobWords): { url: string; text: string }
}

const KINDS: Record<Job['kind'], Kind> = {
  check_orders: {
    part: 'orders',
    title: ({ check }) => check.working,
    sentence: checkSentence,
    next({ params }, { check }) {
      const { filter } = JSON.parse(params) as CheckOrdersParams
      return { url: filter ? `${ORDERS_PATH}?${filter}` : ORDERS_PATH, text: check.toOrders }
    },
  },
  reconcile: {
    part: 'reconciliation',
    title: ({ reconcile }) => reconcile.working,
    sentence: ({ state, done, result }, { reconcile, stopped, gaveUp }) => {
      if (state === 'cancelled') return stopped
      if (state === 'failed' || (state === 'done' && result === null)) return gaveUp
      return state === 'done' ? reconcile.result : reconcile.progress(countText(done))
    },
    next: ({ id, state, result }, { reconcile }) =>
      state === 'done' && result !== null
        ? { url: reconciliationPath(id), text: reconcile.toResult }
        : { url: RECONCILIATION_PATH, text: reconcile.toAll },
  },
}

function checkSentence(job: Job, { check, stopped, gaveUp }: JobWords): string {
  const { state, done, total, changed, failed } = job
  if (state === 'open') {
    return total === null
      ? check.progress(countText(done))
      : check.progressOf(countText(done), countText(total))
  }
  return [
    ...(state === 'cancelled' ? [stopped] : []),
    ...(state === 'failed' ? [gaveUp] : []),
    total === null
      ? check.resultUnknown(countText(done))
      : check.result(countText(done), countText(total)),
    check.changed(countText(changed)),
    ...(failed > 0 ? [check.failed(countText(failed))] : []),
  ].join(' ')
}

function notesOf({ state, kind, vainTries, lease }: Job, words: JobWords): string[] {
  switch (state) {
    case 'open':
      return [
        ...(lease === 0 ? [words.waiting] : []),
        ...(vainTries > 0 ? [words.noAnswer] : []),
        words.canLeave,
      ]
    case 'failed':
      return [kind === 'check_orders' ? words.gaveUpCheck : words.gaveUpReconcile]
    case 'cancelled':
      return kind === 'check_orders' ? [words.stoppedKept] : []
    case 'done':
      return []
  }
}

function progressOf({ done, total }: Job): { value: number; max?: number } {
  return total === null ? { value: done } : { value: Math.min(done, total), max: total }
}
