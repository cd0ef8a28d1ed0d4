import type { ErrorCode } from '../../errors.ts'
import { type Words, wordsFor } from '../../words/words.ts'
import { type Layout, type LayoutContext, layoutFor } from '../layout.ts'
import { FIND_ORDER_PATH } from '../orders/find-order-page.ts'

export type ErrorPageInput = {
  ctx: LayoutContext
  /** HTTP status. */
  status: number
  code: ErrorCode
  requestId: string
  /** When trying again makes sense, where that is known. */
  retryAfterSeconds?: number | undefined
  /** Path of the order that was being used, where it is known. */
  orderUrl?: string | undefined
}

export type ErrorPage = {
  layout: Layout
  status: number
  requestId: string
  heading: string
  body: string[]
  link: { href: string; label: string }
}

/** Says in words what went wrong and what to do, and nothing about how the shop is made. */
export function errorPage(input: ErrorPageInput): ErrorPage {
  const { ctx, status, code, requestId, retryAfterSeconds, orderUrl } = input
  const words = wordsFor('en').errors
  const { heading, body } = words.byCode[code]

  return {
    layout: layoutFor({ ctx, page: 'error', title: heading, noindex: true }),
    status,
    requestId,
    heading,
    body: [...body, ...waitText(retryAfterSeconds, words)],
    link: linkFor(code, orderUrl, words),
  }
}

function linkFor(
  code: ErrorCode,
  orderUrl: string | undefined,
  words: Words['errors'],
): ErrorPage['link'] {
  if (orderUrl) return { href: orderUrl, label: words.toOrder }
  if (code === 'order_not_found') return { href: FIND_ORDER_PATH, label: words.findOrder }
  return { href: '/', label: words.toShops }
}

function waitText(seconds: number | undefined, words: Words['errors']): string[] {
  if (seconds === undefined) return []
  const wait =
    seconds <= 90
      ? words.seconds(Math.max(1, Math.ceil(seconds)))
      : words.minutes(Math.ceil(seconds / 60))
  return [words.wait(wait)]
}
