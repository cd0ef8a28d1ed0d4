import { HOUR, later } from '../clock.ts'
import type { AppContext } from '../context.ts'
import type { ObservedRefund } from '../justifi/observed.ts'
import type { Refund } from '../orders/refund.ts'

/** How far the list of refunds is read back past the time of a request, for clocks that differ. */
const LIST_MARGIN = HOUR
const PAGE = 100
const MAX_PAGES = 20

/**
 * The refund in JustiFi's list that carries the mark of a request, whose answer may not have been
 * read; undefined where JustiFi has none.
 *
 * @throws JustifiError
 */
export async function findMadeRefund(
  ctx: AppContext,
  refund: Refund,
  accountId: string,
): Promise<ObservedRefund | undefined> {
  const since = later(refund.createdAt, -LIST_MARGIN)
  let afterCursor: string | undefined

  for (let page = 0; page < MAX_PAGES; page++) {
    const list = await ctx.justifi.listRefunds({ accountId, afterCursor, limit: PAGE })
    const found = list.refunds.find(({ metadata }) => metadata.refund === refund.id)
    const isPast = list.refunds.some(({ createdAt }) => createdAt < since)
    if (found || isPast || list.nextCursor === null) return found
    afterCursor = list.nextCursor
  }
  return undefined
}
