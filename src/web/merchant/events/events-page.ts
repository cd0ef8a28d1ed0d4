import type { AppContext } from '../../../context.ts'
import {
  EVENT_RESULTS,
  type EventFilter,
  type EventResult,
  type LoggedEvent,
} from '../../../webhooks/event-log.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import { moment, type TimePart } from '../../orders/text.ts'
import { countText } from '../count-text.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { type SelectField, withError } from '../fields.ts'
import { orderDeskPath } from '../orders/paths.ts'
import { EVENTS_PATH, eventPath, logPath } from './paths.ts'

export type EventsPage = {
  layout: DeskLayout
  words: Words['deskEvents']
  action: string
  filter: SelectField
  rows: EventRow[]
  none?: string
  olderUrl?: string
  newerUrl?: string
}

type EventRow = {
  name: string
  url: string
  order?: { number: string; url: string }
  tag: ResultTag
  received: TimePart
  deliveries: string
}

export type ResultTag = { text: string; tone: 'good' | 'waiting' | 'bad' | 'calm' }

const TONES: Record<EventResult, ResultTag['tone']> = {
  processed: 'good',
  nothing_new: 'calm',
  waiting: 'waiting',
  unknown_object: 'calm',
  wrong_mode: 'bad',
  account_mismatch: 'bad',
}

export function resultTag(result: EventResult, words: Words['deskEvents']): ResultTag {
  return { text: words.results[result], tone: TONES[result] }
}

/** Where JustiFi has to be told to deliver its events. */
export function webhookUrl({ publicUrl }: Pick<AppContext, 'publicUrl'>): string {
  return `${publicUrl}/webhooks/justifi`
}

export function eventsPage(given: {
  ctx: LayoutContext & Pick<AppContext, 'publicUrl'>
  visit: DeskVisit
  filter: EventFilter
  /** Newest first. */
  events: LoggedEvent[]
  hasOlder: boolean
  hasNewer: boolean
  now: Date
}): EventsPage {
  const { ctx, visit, filter, events, hasOlder, hasNewer, now } = given
  const { shop } = visit
  const words = wordsFor(shop.language).deskEvents
  const [first, last] = [events.at(0), events.at(-1)]

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-events', part: 'events', title: words.title },
    }),
    words,
    action: EVENTS_PATH,
    filter: filterField(filter, words),
    rows: events.map((event) => ({
      name: event.name,
      url: eventPath(event.id),
      ...(event.orderNumber && {
        order: { number: event.orderNumber, url: orderDeskPath(event.orderNumber) },
      }),
      tag: resultTag(event.result, words),
      received: moment(event.receivedAt, shop.timeZone, now),
      deliveries: countText(event.deliveries),
    })),
    ...(events.length === 0 && { none: filter ? words.noMatch : words.none(webhookUrl(ctx)) }),
    ...(last && hasOlder && { olderUrl: logPath(filter, { name: 'after', place: placeOf(last) }) }),
    ...(first &&
      hasNewer && { newerUrl: logPath(filter, { name: 'before', place: placeOf(first) }) }),
  }
}

function placeOf({ receivedAt, id }: LoggedEvent) {
  return { receivedAt: receivedAt.toISOString(), id }
}

function filterField(filter: EventFilter, words: Words['deskEvents']): SelectField {
  const option = (value: string, label: string) => ({
    value,
    label,
    selected: value === (filter ?? ''),
  })
  return withError<SelectField>({
    id: 'result',
    label: words.filter,
    options: [
      option('', words.all),
      ...EVENT_RESULTS.map((result) => option(result, words.results[result])),
      option('repeated', words.repeated),
    ],
  })
}
