import { DAY, HOUR, MINUTE } from '../../../clock.ts'
import type { Words } from '../../../words/words.ts'

/** "3 minutes ago", of what has no need of a clock's time. */
export function agoText(at: Date, now: Date, words: Words['deskHome']['ago']): string {
  const passed = now.getTime() - at.getTime()
  if (passed < MINUTE) return words.moment
  if (passed < HOUR) return words.minutes(Math.floor(passed / MINUTE))
  if (passed < 2 * DAY) return words.hours(Math.floor(passed / HOUR))
  return words.days(Math.floor(passed / DAY))
}

/** "26 hours". */
export function lastingText(since: Date, now: Date, words: Words['deskHome']['lasting']): string {
  const passed = now.getTime() - since.getTime()
  return passed < 3 * DAY
    ? words.hours(Math.floor(passed / HOUR))
    : words.days(Math.floor(passed / DAY))
}
