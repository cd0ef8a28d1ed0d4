import { addDays, localDay } from '../../../local-time.ts'
import type { Words } from '../../../words/words.ts'
import { daysBetween } from '../days.ts'
import { type SelectField, withError } from '../fields.ts'
import { type DayField, periodFields, readPeriod } from '../period-form.ts'

type HomeWords = Words['deskHome']

/** Days up to today, by what the form calls them. */
const LENGTHS = { today: 1, '7': 7, '30': 30, '90': 90, '365': 365 }
type Named = keyof typeof LENGTHS
const USUAL: Named = '30'

const DAYS = ['from', 'to'] as const

export type HomePeriod = {
  from: string
  to: string
  /** Every day of it, in order, YYYY-MM-DD. */
  days: string[]
  fields: {
    period: SelectField
    days: DayField[]
    /** The days as the form shows them, which come back with it. */
    shown: { name: string; value: string }[]
  }
  problems: Record<string, string>
}

/**
 * The days that the page is about: `period` names them, and `from` and `to` do where they are chosen,
 * or are not what the form showed: whoever typed days means those. Where they are wrong, the usual
 * ones are shown below what is wrong.
 */
export function readHomePeriod(
  fields: Record<string, string>,
  words: HomeWords,
  timeZone: string,
  now: Date,
): HomePeriod {
  const today = localDay(now, timeZone)
  const isCustom =
    fields.period === 'custom' ||
    isTyped(fields) ||
    (!fields.period && Boolean(fields.from || fields.to))
  const form = isCustom ? readPeriod(fields, words.days, timeZone, now) : undefined
  const named = (Object.keys(LENGTHS) as Named[]).find((name) => name === fields.period) ?? USUAL
  const period = form?.period ?? { from: addDays(today, 1 - LENGTHS[named]), to: today }
  const shown = form ?? { typed: period, problems: {} }

  return {
    ...period,
    days: daysOf(period),
    fields: {
      period: periodField(isCustom ? 'custom' : named, words),
      days: periodFields(shown, words.days),
      shown: DAYS.map((name) => ({ name: `shown_${name}`, value: shown.typed[name] })),
    },
    problems: shown.problems,
  }
}

/** Whether a day was typed over the one that the form showed. */
function isTyped(fields: Record<string, string>): boolean {
  return DAYS.some((name) => {
    const shown = fields[`shown_${name}`]
    return shown !== undefined && fields[name] !== shown
  })
}

function daysOf({ from, to }: { from: string; to: string }): string[] {
  return Array.from({ length: daysBetween(from, to) }, (_, index) => addDays(from, index))
}

function periodField(chosen: Named | 'custom', words: HomeWords): SelectField {
  const names = [...(Object.keys(LENGTHS) as Named[]), 'custom'] as const
  // Keys that are whole numbers come first in an object, whatever order they were written in.
  const inOrder = [...names].sort((one, other) => lengthOf(one) - lengthOf(other))
  return withError<SelectField>({
    id: 'period',
    label: words.period,
    options: inOrder.map((name) => ({
      value: name,
      label: words.periods[name],
      selected: name === chosen,
    })),
  })
}

function lengthOf(name: Named | 'custom'): number {
  return name === 'custom' ? Number.POSITIVE_INFINITY : LENGTHS[name]
}
