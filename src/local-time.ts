// Intl formatters cost more to make than to use, so each zone's are made once. A zone is a
// merchant's, so there are as many as merchants have, not as many as visitors.
const zones = new Map<string, ZoneFormats>()

type ZoneFormats = {
  time: Intl.DateTimeFormat
  dayAndTime: Intl.DateTimeFormat
  full: Intl.DateTimeFormat
  day: Intl.DateTimeFormat
}

/** "14:32 EST" on the day of `now` in that zone, else "Mar 2, 14:32 EST", in another year with it. */
export function formatMoment(at: Date, zone: string, now: Date): string {
  const formats = formatsOf(zone)
  const day = formats.day.format(at)
  const today = formats.day.format(now)
  if (day === today) return formats.time.format(at)
  if (day.slice(-4) === today.slice(-4)) return formats.dayAndTime.format(at)
  return formats.full.format(at)
}

/** "March 2, 2026 at 14:32 EST": for what is kept, such as a receipt. */
export function formatFullMoment(at: Date, zone: string): string {
  return formatsOf(zone).full.format(at)
}

function formatsOf(zone: string): ZoneFormats {
  const known = zones.get(zone)
  if (known) return known

  const time = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  } as const
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { timeZone: zone, ...options })
  const made = {
    time: format(time),
    dayAndTime: format({ ...time, month: 'short', day: 'numeric' }),
    full: format({ ...time, month: 'long', day: 'numeric', year: 'numeric' }),
    day: format({ month: '2-digit', day: '2-digit', year: 'numeric' }),
  }
  zones.set(zone, made)
  return made
}
