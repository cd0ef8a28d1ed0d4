import type { Request, RequestHandler } from 'express'
import { timestamp } from '../../../clock.ts'
import type { AppContext } from '../../../context.ts'
import { addDays, startOfDay } from '../../../local-time.ts'
import { NO_FILTER, orderCriteria } from '../../../orders/order-filter.ts'
import { searchOrders } from '../../../orders/queries/desk-hits.ts'
import { type CappedCount, countOrders } from '../../../orders/queries/desk-list.ts'
import { listOpenItems } from '../../../orders/queries/desk-open-items.ts'
import { type DayTotals, hasOrders, totalsByDay } from '../../../orders/queries/totals.ts'
import { connectionOf } from '../../../webhooks/connection.ts'
import { wordsFor } from '../../../words/words.ts'
import { render } from '../../render.ts'
import { type Desk, type DeskVisit, deskOf } from '../desk.ts'
import { type Attention, OTHER_STATUSES } from './attention.ts'
import { homePage } from './home-page.ts'
import { type HomePeriod, readHomePeriod } from './period.ts'

const ITEMS_COUNTED = 100

/** The desk's first page. */
export function homeRoutes(ctx: AppContext, desk: Desk): void {
  desk.page('/merchant', 'view', showHome(ctx))
}

/** GET /merchant: `period`, or `from` and `to`. */
function showHome(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const { shop } = visit
    const now = ctx.clock.now()
    const words = wordsFor(shop.language).deskHome
    const period = readHomePeriod(textsOf(req), words, shop.timeZone, now)
    const [totals, attention, connection, isOpenForBusiness] = await Promise.all([
      totalsOf(ctx, visit, period),
      attentionOf(ctx, visit, now),
      connectionOf(ctx.db, shop, now),
      hasOrders(ctx.db, shop.merchantId),
    ])

    const found = { totals, attention, connection, hasOrders: isOpenForBusiness }
    const page = homePage({ ctx, visit, period, ...found, now })
    render(res, 'merchant/home/home', page, page.errors ? 422 : 200)
  }
}

function textsOf({ query }: Request): Record<string, string> {
  const texts = Object.entries(query).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(texts) as Record<string, string>
}

/** Undefined where they could not be loaded: the rest of the page does without. */
async function totalsOf(
  ctx: AppContext,
  { shop }: DeskVisit,
  { days }: HomePeriod,
): Promise<DayTotals[] | undefined> {
  const spans = days.map((day) => ({
    day,
    since: timestamp(startOfDay(day, shop.timeZone)),
    before: timestamp(startOfDay(addDays(day, 1), shop.timeZone)),
  }))
  try {
    return await totalsByDay(ctx.db, shop.merchantId, spans)
  } catch (err) {
    ctx.log.error({ err }, 'the totals of the home page could not be loaded')
    return undefined
  }
}

async function attentionOf(ctx: AppContext, { shop }: DeskVisit, now: Date): Promise<Attention> {
  const count = async (filter: Partial<typeof NO_FILTER>): Promise<CappedCount> => {
    const criteria = orderCriteria({ ...NO_FILTER, ...filter }, shop.timeZone, now)
    const search = await searchOrders(ctx.db, shop.merchantId, criteria)
    return countOrders(ctx.db, shop.merchantId, search)
  }
  const [review, disputed, others, items] = await Promise.all([
    count({ statuses: ['needs_review'] }),
    count({ statuses: ['disputed'], attention: true }),
    count({ statuses: OTHER_STATUSES, attention: true }),
    listOpenItems(ctx.db, shop.merchantId, ITEMS_COUNTED),
  ])
  const unexplained = { count: items.length, more: items.length === ITEMS_COUNTED }
  return { review, disputed, others, unexplained }
}
