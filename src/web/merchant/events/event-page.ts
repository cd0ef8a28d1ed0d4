import { hasRight } from '../../../merchants/user.ts'
import type { LoggedEventDetails } from '../../../webhooks/event-log.ts'
import type { ProcessedAgain } from '../../../webhooks/process-again.ts'
import { type Words, wordsFor } from '../../../words/words.ts'
import type { LayoutContext } from '../../layout.ts'
import { moment, type Text } from '../../orders/text.ts'
import { countText } from '../count-text.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { orderDeskPath } from '../orders/paths.ts'
import { type ResultTag, resultTag } from './events-page.ts'
import { EVENTS_PATH, eventPath } from './paths.ts'
import { redacted } from './redact.ts'

export type EventPage = {
  layout: DeskLayout
  words: Words['deskEvents']
  notice?: { text: string; tone: string }
  title: string
  tag: ResultTag
  explained: Text
  facts: { label: string; text: Text }[]
  /** JSON, without what is a person's. */
  content?: { text: string; isCut: boolean }
  again?: { action: string }
  backUrl: string
}

const LONGEST_CONTENT = 20_000

const NOTICES: readonly ProcessedAgain[] = ['changed', 'unchanged', 'no_answer', 'not_ours']
const NOTICE_TONES = {
  changed: 'good',
  unchanged: 'good',
  no_answer: 'waiting',
  not_ours: 'waiting',
}

export function eventNotice(given: unknown): ProcessedAgain | undefined {
  return NOTICES.find((notice) => notice === given)
}

export function eventPage(given: {
  ctx: LayoutContext
  visit: DeskVisit
  event: LoggedEventDetails
  notice: ProcessedAgain | undefined
  now: Date
}): EventPage {
  const { ctx, visit, event, notice, now } = given
  const { shop, user } = visit
  const words = wordsFor(shop.language).deskEvents
  const time = (at: Date) => moment(at, shop.timeZone, now)
  const isOurs = event.accountId === null || event.accountId === shop.accountId
  const isFinal = event.result === 'wrong_mode' || event.result === 'account_mismatch'

  return {
    layout: deskLayout({
      ...{ ctx, visit, page: 'merchant-event', part: 'events', title: event.name },
    }),
    words,
    ...(notice && { notice: { text: words.notices[notice], tone: NOTICE_TONES[notice] } }),
    title: event.name,
    tag: resultTag(event.result, words),
    explained: explanation(event, words, time),
    facts: factsOf(event, words, time),
    // An order of before a change of the account has events of the account that was.
    ...((isOurs || event.orderId !== null) &&
      event.result !== 'account_mismatch' && { content: contentOf(event.body) }),
    ...(!isFinal &&
      hasRight(user, 'work') && { again: { action: `${eventPath(event.id)}/process` } }),
    backUrl: EVENTS_PATH,
  }
}

type Time = (at: Date) => ReturnType<typeof moment>

function explanation(event: LoggedEventDetails, words: Words['deskEvents'], time: Time): Text {
  const { result, orderAnsweredAt, receivedAt } = event
  if (result === 'waiting' && orderAnsweredAt && orderAnsweredAt >= receivedAt) {
    return words.explained.waitingChecked(time(orderAnsweredAt))
  }
  return [words.explained[result]]
}

function factsOf(
  event: LoggedEventDetails,
  words: Words['deskEvents'],
  time: Time,
): EventPage['facts'] {
  const { orderNumber, deliveries, lastDeliveryAt, processedAt, accountId } = event
  const count = countText(deliveries)
  return [
    {
      label: words.order,
      text: orderNumber
        ? [{ text: orderNumber, href: orderDeskPath(orderNumber) }]
        : [words.noOrder],
    },
    { label: words.received, text: [time(event.receivedAt)] },
    {
      label: words.deliveries,
      text: lastDeliveryAt ? words.deliveredAgain(count, time(lastDeliveryAt)) : [count],
    },
    ...(processedAt && event.orderId
      ? [{ label: words.processedAt, text: [time(processedAt)] }]
      : []),
    { label: words.eventId, text: [event.id] },
    ...(accountId ? [{ label: words.account, text: [accountId] }] : []),
  ]
}

function contentOf(body: string): { text: string; isCut: boolean } {
  const text = JSON.stringify(redacted(JSON.parse(body)), null, 2)
  return { text: text.slice(0, LONGEST_CONTENT), isCut: text.length > LONGEST_CONTENT }
}
