const DAY = new Intl.DateTimeFormat('en-US', {
  timeZone: 'UTC',
  ...{ day: 'numeric', month: 'short', year: 'numeric' },
})
const SHORT_DAY = new Intl.DateTimeFormat('en-US', {
  timeZone: 'UTC',
  ...{ day: 'numeric', month: 'short' },
})

/** "2026-03-02" → "Mar 2, 2026". A day of the calendar, so no time zone has a say in it. */
export function dayText(day: string): string {
  return DAY.format(new Date(`${day}T00:00:00Z`))
}

/** "2026-03-02" → "Mar 2", beside others of about the same time. */
export function shortDayText(day: string): string {
  return SHORT_DAY.format(new Date(`${day}T00:00:00Z`))
}

/** "Mar 2, 2026 – Mar 8, 2026", or the one day that it is. */
export function daysText(from: string, to: string): string {
  return from === to ? dayText(from) : `${dayText(from)} – ${dayText(to)}`
}

/** How many days there are from one to another, both counted. */
export function daysBetween(from: string, to: string): number {
  const milliseconds = Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)
  return Math.round(milliseconds / 86_400_000) + 1
}
