import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Db } from '../../db/database.ts'
import type { OrderPlace } from '../order-cursor.ts'
import type { OrderCriteria } from '../order-filter.ts'
import { type SearchTerms, searchTerms } from '../search-terms.ts'
import {
  type Direction,
  type Hit,
  isOlder,
  listHits,
  type Stretch,
  stretchOf,
} from './desk-listing.ts'
import { findAmong, gatherHits } from './desk-search.ts'

/** A search that had to look through too many orders. A shorter time, or a longer text, helps. */
export class SearchTooSlowError extends Error {
  override name = 'SearchTooSlowError'
}

/** What is looked for, with what was found of it so far. */
export type OrderSearch = {
  criteria: OrderCriteria
  /** Null where no text is looked for. */
  terms: SearchTerms | null
  /** All hits of the text; null where it is too common, or there is none. */
  gathered: Hit[] | null
}

/** Looks the criteria's text up, once for all that is asked about it. */
export async function searchOrders(
  db: Db,
  merchantId: string,
  criteria: OrderCriteria,
): Promise<OrderSearch> {
  if (criteria.text === '') return { criteria, terms: null, gathered: null }
  const terms = searchTerms(criteria.text)
  return { criteria, terms, gathered: await gatherHits(db, merchantId, criteria, terms) }
}

/**
 * The first orders that meet all criteria when going from a place in a direction, in its order.
 *
 * @param until when to give up, on the clock of `performance.now()`
 * @throws SearchTooSlowError
 */
export async function hitsFrom(
  db: Db,
  merchantId: string,
  search: OrderSearch,
  place: OrderPlace | null,
  direction: Direction,
  limit: number,
  until: number,
): Promise<Hit[]> {
  const { criteria, terms, gathered } = search
  const stretch = stretchOf(criteria, place, direction)
  if (!terms) return listHits(db, merchantId, criteria, stretch, direction, limit)
  if (gathered) return firstOf(gathered, stretch, direction, limit)

  const hits: Hit[] = []
  for await (const chunk of walkHits(db, merchantId, criteria, terms, place, direction)) {
    hits.push(...chunk.hits)
    if (hits.length >= limit) return hits.slice(0, limit)
    if (performance.now() > until) throw new SearchTooSlowError('a search took too long')
  }
  return hits
}

function firstOf(hits: Hit[], stretch: Stretch, direction: Direction, limit: number): Hit[] {
  const way = direction === 'older' ? 1 : -1
  return hits
    .filter((hit) => isOlder(placeOf(hit), stretch.newest) && isOlder(stretch.oldest, placeOf(hit)))
    .sort((one, other) => (isOlder(placeOf(one), placeOf(other)) ? way : -way))
    .slice(0, limit)
}

const FIRST_CHUNK = 200
const LARGEST_CHUNK = 1_600

/**
 * Walks the orders that meet the other criteria, and picks those that a common text finds: the more
 * common it is, the sooner there are enough. In chunks, so that others get at the database.
 */
export async function* walkHits(
  db: Db,
  merchantId: string,
  criteria: OrderCriteria,
  terms: SearchTerms,
  from: OrderPlace | null,
  direction: Direction,
): AsyncGenerator<{ hits: Hit[]; looked: number }> {
  let place = from
  let size = FIRST_CHUNK
  let looked = 0
  for (;;) {
    const stretch = stretchOf(criteria, place, direction)
    const chunk = await listHits(db, merchantId, criteria, stretch, direction, size)
    const ids = chunk.map(({ id }) => id)
    const found = await findAmong(db, merchantId, ids, terms)
    yield { hits: chunk.filter(({ id }) => found.has(id)), looked: chunk.length }

    const last = chunk.at(-1)
    if (chunk.length < size || !last) return
    place = placeOf(last)
    // As many again as were looked at so far.
    looked += chunk.length
    size = Math.min(looked, LARGEST_CHUNK)
    await nextTurn()
  }
}

export function placeOf({ id, created_at: createdAt }: Hit): OrderPlace {
  return { createdAt, id }
}
