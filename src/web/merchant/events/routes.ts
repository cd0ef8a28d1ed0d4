import type { Request, RequestHandler } from 'express'
import type { AppContext } from '../../../context.ts'
import { PageNotFoundError } from '../../../errors.ts'
import {
  EVENT_RESULTS,
  type EventFilter,
  findLoggedEvent,
  type LogPlace,
  listLoggedEvents,
} from '../../../webhooks/event-log.ts'
import { processAgain } from '../../../webhooks/process-again.ts'
import { render } from '../../render.ts'
import { type Desk, deskOf } from '../desk.ts'
import { eventNotice, eventPage } from './event-page.ts'
import { eventsPage } from './events-page.ts'
import { EVENTS_PATH, eventPath, placeAt } from './paths.ts'

const EVENTS_ON_A_PAGE = 25

/** What JustiFi told the shop, and what came of it. */
export function eventRoutes(ctx: AppContext, desk: Desk): void {
  desk.page(EVENTS_PATH, 'view', showEvents(ctx))
  desk.page(`${EVENTS_PATH}/:event`, 'view', showEvent(ctx))
  desk.form(`${EVENTS_PATH}/:event/process`, 'work', processEvent(ctx))
}

function showEvents(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const filter = filterOf(req.query.result)
    const found = await pageOfEvents(ctx, visit.shop.merchantId, filter, placeOf(req))
    render(
      res,
      'merchant/events/list',
      eventsPage({ ctx, visit, filter, ...found, now: ctx.clock.now() }),
    )
  }
}

type From = { place: LogPlace; direction: 'older' | 'newer' } | null

/** One more than are shown says whether there are more on that side. */
async function pageOfEvents(
  ctx: AppContext,
  merchantId: string,
  filter: EventFilter,
  from: From,
): Promise<Pick<Parameters<typeof eventsPage>[0], 'events' | 'hasOlder' | 'hasNewer'>> {
  const events = await listLoggedEvents(ctx.db, merchantId, filter, from, EVENTS_ON_A_PAGE + 1)
  const isMore = events.length > EVENTS_ON_A_PAGE

  if (from?.direction === 'newer') {
    if (!isMore) return pageOfEvents(ctx, merchantId, filter, null)
    return { events: events.slice(1), hasOlder: true, hasNewer: true }
  }
  return { events: events.slice(0, EVENTS_ON_A_PAGE), hasOlder: isMore, hasNewer: from !== null }
}

function showEvent(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const event = await findLoggedEvent(ctx.db, visit.shop.merchantId, String(req.params.event))
    if (!event) throw new PageNotFoundError('no such event')
    const notice = eventNotice(req.query.notice)
    const page = eventPage({ ctx, visit, event, notice, now: ctx.clock.now() })
    render(res, 'merchant/events/event', page)
  }
}

function processEvent(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const id = String(req.params.event)
    const outcome = await processAgain(ctx, deskOf(res).user, id)
    if (!outcome) throw new PageNotFoundError('no such event')
    res.redirect(303, `${eventPath(id)}?notice=${outcome}`)
  }
}

function filterOf(given: unknown): EventFilter {
  if (given === 'repeated') return given
  return EVENT_RESULTS.find((result) => result === given) ?? null
}

function placeOf({ query }: Request): From {
  const older = placeAt(query.after)
  if (older) return { place: older, direction: 'older' }
  const newer = placeAt(query.before)
  return newer ? { place: newer, direction: 'newer' } : null
}
