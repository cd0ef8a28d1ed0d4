import { addDays, localDay } from '../../local-time.ts'
import { readOrderFilter } from '../../orders/order-filter.ts'
import type { Words } from '../../words/words.ts'
import { type TextField, textField } from '../text-field.ts'
import { daysBetween } from './days.ts'

export type DayField = Omit<TextField, 'type'> & { type: 'date' }

/** Of every form that asks for two days. */
type PeriodWords = Words['deskHome']['days']

/** The days that a form named; `period` is absent where they are no period. */
export type PeriodForm = {
  period?: { from: string; to: string }
  typed: { from: string; to: string }
  problems: Record<string, string>
}

const LONGEST_PERIOD = 366
const USUAL_DAYS = 7

/** The days of the form before anyone has typed any: the last seven. */
export function usualPeriod(timeZone: string, now: Date): PeriodForm {
  const to = localDay(now, timeZone)
  return { typed: { from: addDays(to, 1 - USUAL_DAYS), to }, problems: {} }
}

export function readPeriod(
  fields: Record<string, string>,
  words: PeriodWords,
  timeZone: string,
  now: Date,
): PeriodForm {
  const { from = '', to = '' } = fields
  const { filter, typed, problems } = readOrderFilter(new URLSearchParams({ from, to }))
  const said = words.problems
  const wrong = {
    ...(typed.from === '' && { from: said.from.missing }),
    ...(problems.from && { from: said.from[problems.from] }),
    ...(typed.to === '' && { to: said.to.missing }),
    ...(problems.to && { to: said.to[problems.to] }),
  }
  if (Object.keys(wrong).length > 0 || filter.from === null || filter.to === null) {
    return { typed, problems: wrong }
  }

  const period = { from: filter.from, to: filter.to }
  if (period.to > localDay(now, timeZone)) return { typed, problems: { to: said.to.ahead } }
  if (daysBetween(period.from, period.to) > LONGEST_PERIOD) {
    return { typed, problems: { to: said.to.too_long } }
  }
  return { period, typed, problems: {} }
}

export function periodFields({ typed, problems }: PeriodForm, words: PeriodWords): DayField[] {
  return (['from', 'to'] as const).map((id) => ({
    ...textField(
      { id, label: words[id], type: 'text', autocomplete: 'off', value: typed[id] },
      problems[id],
    ),
    type: 'date',
  }))
}
