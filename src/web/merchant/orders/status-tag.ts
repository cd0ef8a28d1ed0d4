import type { OrderStatus } from '../../../orders/order.ts'
import type { Words } from '../../../words/words.ts'

/** A status in words and colour; `style` holds classes of public/desk.css. */
export type StatusTag = { text: string; style: string }

const TONES: Record<OrderStatus, 'good' | 'waiting' | 'bad' | 'calm'> = {
  awaiting_payment: 'waiting',
  processing: 'waiting',
  paid: 'good',
  failed: 'calm',
  cancelled: 'calm',
  expired: 'calm',
  partially_refunded: 'good',
  refunded: 'calm',
  disputed: 'bad',
  needs_review: 'bad',
}

export function statusTag(status: OrderStatus, words: Words['deskOrders']): StatusTag {
  return { text: words.statuses[status], style: `tag tag--${TONES[status]}` }
}
