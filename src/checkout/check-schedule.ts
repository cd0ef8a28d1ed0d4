import { DAY, HOUR, later, MINUTE, SECOND } from '../clock.ts'
import type { Order } from '../orders/order.ts'

/** First look after a page was opened; each look doubles the gap, up to the longest. */
const FIRST_GAP = 15 * SECOND
const LONGEST_GAP = 15 * MINUTE
/** A page's end is JustiFi's business; for so long after it, late money is looked for each hour. */
const LATE_MONEY_LIKELY = 2 * DAY
/** Nothing is looked at for longer: disputes and returns are not raised after it. */
const WATCHED_FOR = 180 * DAY

export function firstCheckAt(now: Date): Date {
  return later(now, FIRST_GAP)
}

type Looked = Pick<Order, 'status' | 'createdAt' | 'pageEndsAt' | 'deniedAt' | 'checkCount'>

/**
 * When the watcher looks at an order next, after a look at `now`; null for never again. The gaps
 * grow, and are shortened by up to a fifth at random so that orders placed together spread out.
 */
export function nextCheckAt(
  order: Looked,
  now: Date,
  random: () => number = Math.random,
): Date | null {
  if (now.getTime() - order.createdAt.getTime() > WATCHED_FOR) return null
  return later(now, gapAfter(order, now) * (1 - random() / 5))
}

/** After a look that JustiFi did not answer: soon, whatever the order's status. */
export function retryAt(looks: number, now: Date, random: () => number = Math.random): Date {
  return later(now, growing(looks) * (1 - random() / 5))
}

function gapAfter(order: Looked, now: Date): number {
  // Whether JustiFi goes on denying money decides what the order becomes.
  if (order.deniedAt) return growing(order.checkCount)

  switch (order.status) {
    case 'awaiting_payment':
    case 'failed':
    case 'processing':
      return growing(order.checkCount)
    case 'cancelled':
    case 'expired': {
      const pageEnd = (order.pageEndsAt ?? order.createdAt).getTime()
      if (now.getTime() < pageEnd) return growing(order.checkCount)
      return now.getTime() < pageEnd + LATE_MONEY_LIKELY ? HOUR : DAY
    }
    case 'paid':
    case 'partially_refunded':
    case 'refunded':
    case 'needs_review':
      return DAY
    case 'disputed':
      return HOUR
  }
}

function growing(checkCount: number): number {
  return Math.min(FIRST_GAP * 2 ** Math.min(checkCount, 10), LONGEST_GAP)
}
