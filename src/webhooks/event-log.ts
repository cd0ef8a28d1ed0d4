import type { Db } from '../db/database.ts'
import type { EventOutcome } from './event-queries.ts'

/** What the log of events is filtered by, and how each event is called in it. */
export const EVENT_RESULTS = [
  'processed',
  'nothing_new',
  'waiting',
  'unknown_object',
  'wrong_mode',
  'account_mismatch',
] as const
export type EventResult = (typeof EVENT_RESULTS)[number]

/** Beside a result: those that came more than once. */
export type EventFilter = EventResult | 'repeated' | null

export type LoggedEvent = {
  id: string
  name: string
  result: EventResult
  deliveries: number
  orderNumber: string | null
  receivedAt: Date
}

export type LoggedEventDetails = LoggedEvent & {
  accountId: string | null
  body: string
  orderId: string | null
  /** When JustiFi was last asked about its order so that it could be understood. */
  orderAnsweredAt: Date | null
  processedAt: Date | null
  lastDeliveryAt: Date | null
}

/** A place in the log, newest first. */
export type LogPlace = { receivedAt: string; id: string }

/** What each result is in the table. */
const STORED: Record<EventResult, { outcome: EventOutcome; broughtNews?: true }> = {
  processed: { outcome: 'settled', broughtNews: true },
  nothing_new: { outcome: 'settled' },
  waiting: { outcome: 'rung' },
  unknown_object: { outcome: 'unknown_object' },
  wrong_mode: { outcome: 'wrong_mode' },
  account_mismatch: { outcome: 'account_mismatch' },
}

/** The merchant's events on one side of a place, always newest first. */
export async function listLoggedEvents(
  db: Db,
  merchantId: string,
  filter: EventFilter,
  from: { place: LogPlace; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<LoggedEvent[]> {
  let query = eventsOf(db, merchantId)
  if (filter === 'repeated') {
    // Written out, as the index is of these alone.
    query = query.where((event) => event('event.deliveries', '>', event.lit(1)))
  } else if (filter !== null) {
    const { outcome, broughtNews } = STORED[filter]
    query = query
      .where('event.outcome', '=', outcome)
      // Of every event, so that each result is one stretch of an index, in order.
      .where('event.brought_news', '=', broughtNews ? 1 : 0)
  }
  if (from) {
    const { receivedAt, id } = from.place
    query = query.where((where) =>
      where(
        where.refTuple('event.received_at', 'event.id'),
        from.direction === 'older' ? '<' : '>',
        where.tuple(receivedAt, id),
      ),
    )
  }
  const order = from?.direction === 'newer' ? 'asc' : 'desc'
  const rows = await query
    .orderBy('event.received_at', order)
    .orderBy('event.id', order)
    .limit(limit)
    .execute()
  const events = rows.map(toLogged)
  return order === 'asc' ? events.reverse() : events
}

export async function findLoggedEvent(
  db: Db,
  merchantId: string,
  id: string,
): Promise<LoggedEventDetails | undefined> {
  const row = await eventsOf(db, merchantId)
    .select(['event.account_id', 'event.body', 'event.order_id', 'event.processed_at'])
    .select(['event.last_delivery_at', 'orders.answered_at'])
    .where('event.id', '=', id)
    .executeTakeFirst()
  return (
    row && {
      ...toLogged(row),
      accountId: row.account_id,
      body: row.body,
      orderId: row.order_id,
      orderAnsweredAt: toDate(row.answered_at),
      processedAt: toDate(row.processed_at),
      lastDeliveryAt: toDate(row.last_delivery_at),
    }
  )
}

/** When the merchant's newest event came; null where none ever did. */
export async function newestEventAt(db: Db, merchantId: string): Promise<Date | null> {
  const row = await db
    .selectFrom('webhook_events')
    .select('received_at')
    .where('merchant_id', '=', merchantId)
    .orderBy('received_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return toDate(row?.received_at ?? null)
}

function eventsOf(db: Db, merchantId: string) {
  return db
    .selectFrom('webhook_events as event')
    .leftJoin('orders', (join) =>
      join
        .onRef('orders.id', '=', 'event.order_id')
        .onRef('orders.merchant_id', '=', 'event.merchant_id'),
    )
    .select(['event.id', 'event.name', 'event.outcome', 'event.brought_news'])
    .select(['event.deliveries', 'event.received_at', 'orders.number'])
    .where('event.merchant_id', '=', merchantId)
}

function toLogged(row: {
  id: string
  name: string
  outcome: string
  brought_news: number
  deliveries: number
  received_at: string
  number: string | null
}): LoggedEvent {
  return {
    id: row.id,
    name: row.name,
    result: resultOf(row.outcome as EventOutcome, row.brought_news),
    deliveries: row.deliveries,
    orderNumber: row.number,
    receivedAt: new Date(row.received_at),
  }
}

function resultOf(outcome: EventOutcome, broughtNews: number): EventResult {
  switch (outcome) {
    case 'rung':
      return 'waiting'
    case 'settled':
      return broughtNews === 1 ? 'processed' : 'nothing_new'
    default:
      return outcome
  }
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}
