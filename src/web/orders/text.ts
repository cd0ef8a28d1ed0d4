import { formatFullMoment, formatMoment } from '../../local-time.ts'

/** A sentence for views/orders/text.ejs: plain words, with times and links marked up between them. */
export type Text = Part[]
export type Part = string | TimePart | LinkPart
export type TimePart = { text: string; datetime: string }
export type LinkPart = { text: string; href: string }

/** A moment as people of the shop's zone write it, and as machines do. */
export function moment(at: Date, zone: string, now: Date): TimePart {
  return { text: formatMoment(at, zone, now), datetime: at.toISOString() }
}

/** The same with its day and year, for what is kept. */
export function fullMoment(at: Date, zone: string): TimePart {
  return { text: formatFullMoment(at, zone), datetime: at.toISOString() }
}

/** A link that opens a mail to the shop, with the order already named in its subject. */
export function mailLink(address: string, subject: string): LinkPart {
  const recipient = encodeURIComponent(address).replace('%40', '@')
  return { text: address, href: `mailto:${recipient}?subject=${encodeURIComponent(subject)}` }
}
