import { DAY } from '../../../clock.ts'
import type { AppContext } from '../../../context.ts'
import { hasRight } from '../../../merchants/user.ts'
import type { OrderStatus } from '../../../orders/order.ts'
import { NO_FILTER } from '../../../orders/order-filter.ts'
import type { Connection } from '../../../webhooks/connection.ts'
import type { Words } from '../../../words/words.ts'
import type { Text } from '../../orders/text.ts'
import type { DeskVisit } from '../desk.ts'
import { webhookUrl } from '../events/events-page.ts'
import { EVENTS_PATH } from '../events/paths.ts'
import { CHECK_ORDERS_PATH } from '../jobs/paths.ts'
import { filteredPath, orderDeskPath } from '../orders/paths.ts'
import { agoText, lastingText } from './ago.ts'

export type ConnectionPart = {
  sentences: { text: Text; tone: 'plain' | 'waiting' }[]
  links: { text: string; url: string }[]
}

/** Webhooks are retried within a day: a longer silence is one. */
const LONG_SILENCE = DAY

/** News of these is expected: what the watcher makes due after a restart. */
const OPEN_STATUSES: OrderStatus[] = ['awaiting_payment', 'processing', 'failed']

/** How well news of payments comes, in plain words. */
export function connectionPart(given: {
  ctx: Pick<AppContext, 'publicUrl'>
  visit: DeskVisit
  connection: Connection
  words: Words['deskHome']
  now: Date
}): ConnectionPart {
  const { ctx, visit, connection, words, now } = given
  const said = words.connection
  const isSilent = isLongAgo(connection.lastEventAt, now)

  return {
    sentences: [
      {
        text: webhookText(connection.lastEventAt, ctx, words, now),
        // Where nothing was missed, nothing may have happened.
        tone: isSilent && connection.unannounced.length > 0 ? 'waiting' : 'plain',
      },
      {
        text: unannouncedText(connection, said),
        tone: connection.unannounced.length > 0 ? 'waiting' : 'plain',
      },
      {
        text: connection.listsReadAt
          ? said.listsRead(ago(connection.listsReadAt, words, now))
          : [said.listsUnread],
        tone: 'plain',
      },
    ],
    links: [
      { text: said.events, url: EVENTS_PATH },
      ...(hasRight(visit.user, 'work')
        ? [
            {
              text: said.checkOpen,
              url: filteredPath(CHECK_ORDERS_PATH, { ...NO_FILTER, statuses: OPEN_STATUSES }),
            },
          ]
        : []),
    ],
  }
}

function isLongAgo(at: Date | null, now: Date): boolean {
  return at === null || now.getTime() - at.getTime() > LONG_SILENCE
}

function webhookText(
  lastEventAt: Date | null,
  ctx: Pick<AppContext, 'publicUrl'>,
  words: Words['deskHome'],
  now: Date,
): Text {
  const said = words.connection
  if (!lastEventAt) return [said.never(webhookUrl(ctx))]
  return isLongAgo(lastEventAt, now)
    ? [said.silent(lastingText(lastEventAt, now, words.lasting))]
    : said.lastWebhook(ago(lastEventAt, words, now))
}

function unannouncedText(
  { unannounced, hasMoreUnannounced }: Connection,
  said: Words['deskHome']['connection'],
): Text {
  if (unannounced.length === 0) return [said.announced]
  const count = hasMoreUnannounced ? `${unannounced.length}+` : String(unannounced.length)
  const links = unannounced.flatMap((number, index): Text => {
    const link = { text: number, href: orderDeskPath(number) }
    return index === 0 ? [link] : [', ', link]
  })
  return [
    said.unannounced(count, unannounced.length === 1),
    ...links,
    ...(hasMoreUnannounced ? [said.andMore] : []),
    '.',
  ]
}

function ago(at: Date, words: Words['deskHome'], now: Date) {
  return { text: agoText(at, now, words.ago), datetime: at.toISOString() }
}
