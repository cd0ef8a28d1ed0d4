import type { EventFilter, LogPlace } from '../../../webhooks/event-log.ts'

export const EVENTS_PATH = '/merchant/events'

export function eventPath(id: string): string {
  return `${EVENTS_PATH}/${encodeURIComponent(id)}`
}

/** A page of the log: of one result, and from a place on. */
export function logPath(
  filter: EventFilter,
  from?: { name: 'after' | 'before'; place: LogPlace },
): string {
  const params = new URLSearchParams({
    ...(filter && { result: filter }),
    ...(from && { [from.name]: cursorOf(from.place) }),
  })
  return params.size === 0 ? EVENTS_PATH : `${EVENTS_PATH}?${params}`
}

function cursorOf({ receivedAt, id }: LogPlace): string {
  return Buffer.from(`${receivedAt} ${id}`).toString('base64url')
}

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([^\0]{1,200})$/

/** Undefined for anything that no page gave out: it leads to the first page. */
export function placeAt(cursor: unknown): LogPlace | undefined {
  if (typeof cursor !== 'string') return undefined
  const text = Buffer.from(cursor, 'base64url').toString()
  const [, receivedAt, id] = CURSOR.exec(text) ?? []
  return receivedAt && id ? { receivedAt, id } : undefined
}
