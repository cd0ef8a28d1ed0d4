import type { TimelineRow } from '../../../orders/queries/desk-order.ts'
import type { TimePart } from '../../orders/text.ts'
import { amountOf, type OrderView, personName, timeOf } from './order-view.ts'

/** What happened, when, and how that became known or who did it. */
export type TimelineLine = { at: TimePart; text: string; source: string }

export function timelineLines(view: OrderView): TimelineLine[] {
  const sourceWords: Partial<Record<string, string>> = view.words.timeline.sources

  return view.seen.timeline.map((entry) => ({
    at: timeOf(view, entry.at),
    text: textOf(view, entry),
    source: sourceOf(entry, view, sourceWords),
  }))
}

function sourceOf(
  { source, actor }: TimelineRow,
  view: OrderView,
  sources: Partial<Record<string, string>>,
): string {
  if (source === 'merchant' && actor !== null) return personName(view, actor)
  return sources[source] ?? source
}

function textOf(view: OrderView, { kind, data }: TimelineRow): string {
  const said = view.words.timeline
  const currency = typeof data.currency === 'string' ? data.currency : undefined
  const amount = (of: unknown) => amountOf(view, Number(of), currency)

  switch (kind) {
    case 'placed':
      return said.placed(amount(data.totalCents))
    case 'contact_changed':
      return said.contactChanged
    case 'intent_created':
      return said.intentCreated
    case 'page_opened':
      return said.pageOpened
    case 'returned':
      return said.returned
    case 'payment': {
      const tell = said.payment[String(data.status)] ?? said.paymentOther
      return tell(amount(data.amountCents), amount(data.refundedCents))
    }
    case 'refund': {
      const tell = said.refund[String(data.outcome)] ?? said.refundOther
      return tell(amount(data.amountCents))
    }
    case 'dispute': {
      const status = String(data.status)
      const words = view.words.disputes.statuses[status] ?? status
      return said.dispute(amount(data.amountCents), words)
    }
    case 'review_accepted':
      return said.reviewAccepted(String(data.note))
    case 'status':
      return said.status(statusWords(view, String(data.to)))
    case 'fulfilled':
      return said.fulfilled
    case 'unfulfilled':
      return said.unfulfilled
    case 'checked':
      return data.confirmed === true ? said.checked : said.checkedInVain
    case 'cancel_tried':
      return data.outcome === 'unknown' ? said.cancelUnknown : said.notCancellable
    case 'mail_resent': {
      const kinds: Partial<Record<string, string>> = view.words.mails.kinds
      return said.mailResent(kinds[String(data.mail)] ?? String(data.mail))
    }
    case 'refund_dealt_with':
      return said.refundDealtWith(amount(data.amountCents), String(data.note))
    default:
      return said.other
  }
}

function statusWords({ listWords }: OrderView, status: string): string {
  const words: Partial<Record<string, string>> = listWords.statuses
  return words[status] ?? status
}
