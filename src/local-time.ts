import { DAY, MINUTE } from './clock.ts'

// Intl formatters cost more to make than to use, so each zone's are made once. A zone is a
// merchant's, so there are as many as merchants have, not as many as visitors.
const zones = new Map<string, Zone>()

type Zone = {
  formats: Record<Shape, Intl.DateTimeFormat>
  /** By shape and minute. */
  texts: Map<string, string>
  clock: Intl.DateTimeFormat
  /** In milliseconds, by quarter of an hour. */
  offsets: Map<number, number>
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

/** "2026-03-02": the day that it is in a zone. */
export function localDay(at: Date, zone: string): string {
  return localMoment(at, zone).slice(0, 10)
}

/** "2026-03-02 14:32:05": a zone's calendar and clock, as spreadsheets read them. */
export function localMoment(at: Date, zone: string): string {
  const local = new Date(at.getTime() + offsetAt(at, zone))
  return local.toISOString().slice(0, 19).replace('T', ' ')
}

/**
 * The same of many moments that are near each other, given as "2026-03-02T14:32:05.000Z": what a
 * quarter of an hour has in common is worked out once.
 */
export function localMoments(zone: string): (at: string) => string {
  let quarter = ''
  let hour = ''
  let firstMinute = 0

  return (at) => {
    const minute = Number(at.slice(14, 16))
    const name = at.slice(0, 14) + Math.floor(minute / 15)
    if (name !== quarter) {
      const local = localMoment(new Date(at), zone)
      quarter = name
      hour = local.slice(0, 14)
      firstMinute = Number(local.slice(14, 16)) - (minute % 15)
    }
    const localMinute = firstMinute + (minute % 15)
    return `${hour}${localMinute < 10 ? '0' : ''}${localMinute}${at.slice(16, 19)}`
  }
}

/**
 * The first moment of a day, "2026-03-02", in a zone: midnight, or what comes next where the clock
 * is put forward over midnight, and the first midnight where it is put back to it.
 */
export function startOfDay(day: string, zone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const before = offsetAt(new Date(midnight - DAY), zone)
  const after = offsetAt(new Date(midnight + DAY), zone)

  const moments = [midnight - before, midnight - after]
  const fitting = moments.filter((at) => at + offsetAt(new Date(at), zone) === midnight)
  return new Date(fitting.length > 0 ? Math.min(...fitting) : midnight - before)
}

/** "2026-03-02" and 1 make "2026-03-03". */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

/** Clocks are put forward and back at quarters of an hour, so within one the offset is the same. */
const OFFSET_SLOT = 15 * MINUTE

/** Milliseconds that a zone's clock is ahead of UTC. */
function offsetAt(at: Date, zoneName: string): number {
  const { clock, offsets } = zoneOf(zoneName)
  const slot = Math.floor(at.getTime() / OFFSET_SLOT)
  const known = offsets.get(slot)
  if (known !== undefined) return known

  const start = slot * OFFSET_SLOT
  const local = Object.fromEntries(
    clock.formatToParts(start).map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day, hour, minute, second } = local
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - start
  if (offsets.size >= TEXTS_KEPT) offsets.clear()
  offsets.set(slot, offset)
  return offset
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
    clock: format({
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hourCycle: 'h23' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    }),
    offsets: new Map<number, number>(),
  }
  zones.set(name, made)
  return made
}
