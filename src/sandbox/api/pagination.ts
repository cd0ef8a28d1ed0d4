import { invalid } from './parameters.ts'

export type Query = Record<string, unknown>

export type Page<R> = {
  data: R[]
  page_info: {
    has_next: boolean
    has_previous: boolean
    start_cursor: string
    end_cursor: string
  }
}

const DEFAULT_LIMIT = 25
const MAX_LIMIT = 100

/**
 * A page of records, newest first. Records are only ever added, so a cursor that names a place
 * keeps naming the same record while others arrive.
 *
 * @param ids oldest first
 * @param find the record, or undefined where it is not to be listed
 * @throws ApiError 422 for a cursor that no page gave, both cursors at once, or a limit beyond 1–100
 */
export function pageOf<R>(
  ids: readonly string[],
  find: (id: string) => R | undefined,
  query: Query,
): Page<R> {
  const limit = limitOf(query)
  const after = cursorOf(ids, query, 'after_cursor')
  const before = cursorOf(ids, query, 'before_cursor')
  if (after !== undefined && before !== undefined) {
    throw invalid(
      'parameter_invalid',
      'Send after_cursor or before_cursor, not both',
      'after_cursor',
    )
  }

  const places =
    before === undefined
      ? walk(ids, find, (after ?? ids.length) - 1, -1, limit)
      : walk(ids, find, before + 1, 1, limit).reverse()
  const newest = places.at(0)
  const oldest = places.at(-1)

  return {
    data: places.map((place) => find(ids[place] as string) as R),
    page_info: {
      has_next: oldest !== undefined && walk(ids, find, oldest - 1, -1, 1).length > 0,
      has_previous: newest !== undefined && walk(ids, find, newest + 1, 1, 1).length > 0,
      start_cursor: newest === undefined ? '' : cursorAt(ids, newest),
      end_cursor: oldest === undefined ? '' : cursorAt(ids, oldest),
    },
  }
}

function walk<R>(
  ids: readonly string[],
  find: (id: string) => R | undefined,
  from: number,
  step: 1 | -1,
  limit: number,
): number[] {
  const places: number[] = []
  for (let place = from; places.length < limit; place += step) {
    const id = ids[place]
    if (id === undefined) break
    if (find(id) !== undefined) places.push(place)
  }
  return places
}

/** JustiFi falls back to its default where the limit is no number. */
function limitOf({ limit }: Query): number {
  if (typeof limit !== 'string' || !/^-?\d+$/.test(limit)) return DEFAULT_LIMIT
  if (Number(limit) >= 1 && Number(limit) <= MAX_LIMIT) return Number(limit)
  throw invalid('parameter_invalid', `limit must be between 1 and ${MAX_LIMIT}`, 'limit')
}

function cursorAt(ids: readonly string[], place: number): string {
  return Buffer.from(`${place} ${ids[place]}`).toString('base64url')
}

function cursorOf(ids: readonly string[], query: Query, name: string): number | undefined {
  const cursor = query[name]
  if (cursor === undefined) return undefined
  const [place, id] = Buffer.from(String(cursor), 'base64url').toString().split(' ')
  if (id !== undefined && ids[Number(place)] === id) return Number(place)
  throw invalid('parameter_invalid', `${name} is not a cursor of this list`, name)
}
