import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Db } from '../../db/database.ts'
import type { OrderPlace } from '../order-cursor.ts'
import type { OrderCriteria } from '../order-filter.ts'
import { type SearchTerms, searchTerms } from '../search-terms.ts'
import {
  type Direction,
  type Hit,
  isOlder,
  listArguments,
  listHits,
  placeAfter,
  type Stretch,
  stretchOf,
  stretchTo,
} from './desk-listing.ts'
import { gatherHits, hitsAmong } from './desk-search.ts'

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

  return lookThrough(db, merchantId, criteria, terms, place, direction, limit, until)
}

/** So many orders are looked at in one go; then others get at the database. */
const CHUNK = 800
/** No limit, for a stretch that is short. */
const ALL = 2 ** 31 - 1

/**
 * Goes through the orders that meet the other criteria, and picks those that a common text finds:
 * the more common it is, the sooner there are enough.
 */
async function lookThrough(
  db: Db,
  merchantId: string,
  criteria: OrderCriteria,
  terms: SearchTerms,
  from: OrderPlace | null,
  direction: Direction,
  limit: number,
  until: number,
): Promise<Hit[]> {
  const near = stretchOf(criteria, from, direction)
  const first = listArguments(merchantId, criteria, near, CHUNK)
  // A page is most often full at once, and then no place needs to be known.
  const hits = await hitsAmong(db, first, direction, terms, limit)
  const last = hits.at(-1)
  let place = last ? placeOf(last) : from
  while (hits.length < limit) {
    const stretch = stretchOf(criteria, place, direction)
    const list = listArguments(merchantId, criteria, stretch, CHUNK)
    // Orders enter and leave the list meanwhile, so both queries keep to the place of the first.
    const end = await placeAfter(db, list, direction)
    const chunk = end ? stretchTo(stretch, end, direction) : stretch
    const all = listArguments(merchantId, criteria, chunk, ALL)
    hits.push(...(await hitsAmong(db, all, direction, terms, limit - hits.length)))
    if (hits.length === limit || !end) return hits

    if (performance.now() > until) throw new SearchTooSlowError('a search took too long')
    place = end
    await nextTurn()
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

export function placeOf({ id, created_at: createdAt }: Hit): OrderPlace {
  return { createdAt, id }
}
