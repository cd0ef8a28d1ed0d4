/** The only source of the present. Tests pass one that they can turn. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** ISO-8601 in UTC with milliseconds: the one form of a time in the database. It sorts as text. */
export function timestamp(date: Date): string {
  return date.toISOString()
}

export function later(date: Date, milliseconds: number): Date {
  return new Date(date.getTime() + milliseconds)
}
