import { formatMoment } from '../../../local-time.ts'
import { OPERATOR, type RecordedAct } from '../../../merchants/audit-log.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { LOG_PATH, SETTINGS_PATH } from './paths.ts'

export const ACTS_ON_A_PAGE = 50

export type LogPage = {
  layout: DeskLayout
  words: Words['deskSettings']['logPage']
  acts: { at: string; iso: string; who: string; what: string }[]
  back: { url: string; text: string }
  olderUrl?: string
  newestUrl?: string
}

/** @param acts one more than fit on a page, where there are more */
export function logPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  acts: RecordedAct[]
  isFirst: boolean
  now: Date
}): LogPage {
  const { ctx, visit, acts, isFirst, now } = given
  const { language, timeZone } = visit.shop
  const { deskSettings, deskLog } = wordsFor(language)
  // A newer version of the shop may have written acts that this one has no words for.
  const byKind: Partial<typeof deskLog.byKind> = deskLog.byKind
  const wordsOf = ({ kind, data }: RecordedAct) => byKind[kind]?.(data) ?? kind
  const words = deskSettings.logPage
  const shown = acts.slice(0, ACTS_ON_A_PAGE)
  const last = shown.at(-1)

  return {
    layout: deskLayout({
      ctx,
      visit,
      page: 'merchant-settings',
      part: 'settings',
      title: words.title,
    }),
    words,
    acts: shown.map((act) => ({
      at: formatMoment(act.at, timeZone, now),
      iso: act.at.toISOString(),
      who: act.actor === OPERATOR ? words.operator : act.actor,
      what: wordsOf(act),
    })),
    back: { url: SETTINGS_PATH, text: words.back },
    ...(last && acts.length > shown.length && { olderUrl: `${LOG_PATH}?after=${last.id}` }),
    ...(!isFirst && { newestUrl: LOG_PATH }),
  }
}
