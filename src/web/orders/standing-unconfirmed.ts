import { HOUR, later, MINUTE } from '../../clock.ts'
import { contactLink, type Seen, type Standing } from './standing.ts'
import { moment, type Part, type Text } from './text.ts'

/** A customer who came back from paying is told to wait this long before it counts as unusual. */
const USUAL_WAIT_MS = 2 * MINUTE
/** Open orders are asked about at least every 15 minutes; an older answer means JustiFi is silent. */
const USUAL_SILENCE_MS = 20 * MINUTE
const PATIENCE_MS = HOUR

/** An order that could be paid, while JustiFi has not said that it still is unpaid. */
export function confirming(seen: Seen): Standing {
  const { order, words } = seen
  const waitingSince = order.returnedAt ?? order.answeredAt ?? order.createdAt
  const usualMs = order.returnedAt ? USUAL_WAIT_MS : USUAL_SILENCE_MS
  if (seen.now.getTime() - waitingSince.getTime() > usualMs) {
    return stillConfirming(seen, later(waitingSince, PATIENCE_MS))
  }

  const { heading, usually, unanswered } = words.confirming
  return {
    tone: 'waiting',
    heading,
    text: [[order.returnedAt ? usually : unanswered]],
    warning: words.doNotPayAgain,
    offers: ['checkAgain'],
  }
}

function stillConfirming(seen: Seen, patienceEndsAt: Date): Standing {
  const { order, shop, now, words } = seen
  const said = words.stillConfirming
  const contact = contactLink(seen)
  const text: Text[] = [[said.longer]]
  if (order.answeredAt) text.push(words.lastChecked(moment(order.answeredAt, shop.timeZone, now)))
  text.push(
    patienceEndsAt > now
      ? said.contactBy<Part>(moment(patienceEndsAt, shop.timeZone, now), contact, order.number)
      : said.contactNow<Part>(contact, order.number),
  )
  return {
    tone: 'waiting',
    heading: said.heading,
    text,
    warning: words.doNotPayAgain,
    offers: ['checkAgain'],
  }
}

/** The last that JustiFi said, marked as such, without what only its present word could back. */
export function unconfirmed(standing: Standing, { order, shop, now, words }: Seen): Standing {
  const known: Text = order.answeredAt
    ? words.knownAt<Part>(moment(order.answeredAt, shop.timeZone, now))
    : [words.knownBefore]
  return {
    ...standing,
    text: [...standing.text, known],
    warning: standing.warning ?? words.doNotPayAgainShort,
    offers: ['checkAgain', ...standing.offers.filter((offer) => offer !== 'checkAgain')],
  }
}
