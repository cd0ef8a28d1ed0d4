import { MINUTE } from './clock.ts'

// Intl formatters cost more to make than to use, so each zone's are made once. A zone is a
// merchant's, so there are as many as merchants have, not as many as visitors.
const zones = new Map<string, Zone>()

type Zone = {
  formats: Record<Shape, Intl.DateTimeFormat>
  /** By shape and minute. */
  texts: Map<string, string>
}
type Shape = 'time' | 'dayAndTime' | 'full' | 'day'

const TEXTS_KEPT = 1_000

/** "14:32 EST" on the day of `now` in that zone, else "Mar 2, 14:32 EST", in another year with it. */
export function formatMoment(at: Date, zone: string, now: Date): string {
  const day = textOf('day', at, zone)
  const today = textOf('day', now, zone)
  if (day === today) return textOf('time', at, zone)
  if (day.slice(-4) === today.slice(-4)) return textOf('dayAndTime', at, zone)
  return textOf('full', at, zone)
}

/** "March 2, 2026 at 14:32 EST": for what is kept, such as a receipt. */
export function formatFullMoment(at: Date, zone: string): string {
  return textOf('full', at, zone)
}

/** Most pages are of a few minutes, their order's and the present, so their texts are kept too. */
function textOf(shape: Shape, at: Date, zoneName: string): string {
  const { formats, texts } = zoneOf(zoneName)
  const key = `${shape} ${Math.floor(at.getTime() / MINUTE)}`
  const known = texts.get(key)
  if (known !== undefined) return known

  const text = formats[shape].format(at)
  if (texts.size >= TEXTS_KEPT) texts.clear()
  texts.set(key, text)
  return text
}

function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known) return known

  const time = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  } as const
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { timeZone: name, ...options })
  const made = {
    formats: {
      time: format(time),
      dayAndTime: format({ ...time, month: 'short', day: 'numeric' }),
      full: format({ ...time, month: 'long', day: 'numeric', year: 'numeric' }),
      day: format({ month: '2-digit', day: '2-digit', year: 'numeric' }),
    },
    texts: new Map<string, string>(),
  }
  zones.set(name, made)
  return made
}
