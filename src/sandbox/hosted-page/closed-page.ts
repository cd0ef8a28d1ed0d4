import { formatMoneyWithCode } from '../../money.ts'
import type { CheckoutSession, Payment, PaymentIntent } from '../records.ts'

/** What the view `closed-page` shows where nothing can be paid (any more). */
export type ClosedPage = {
  title: string
  kind: 'paid' | 'processing' | 'expired' | 'unknown'
  text: string
  total: string | null
  description: string | null
  link: { href: string; label: string } | null
}

export type Closed = { status: number; page: ClosedPage }

/** Whose money is there, or on its way, so that no more is asked for. */
export type Taken = 'paid' | 'processing' | undefined

/** What has been taken for an intent through any of its sessions. */
export function takenFor({ status }: PaymentIntent): Taken {
  if (status === 'succeeded') return 'paid'
  return status === 'pending' ? 'processing' : undefined
}

/** What has been taken by the payment that a session was used for. */
export function takenBy(payment: Payment | undefined): Taken {
  if (!payment || payment.status === 'failed') return undefined
  return payment.status === 'pending' ? 'processing' : 'paid'
}

/** Why a session takes no payment; undefined while it does. */
export function closedPage(
  session: CheckoutSession,
  intent: PaymentIntent,
  taken: Taken,
  now: Date,
): Closed | undefined {
  const common = {
    total: formatMoneyWithCode(intent.amount, intent.currency),
    description: intent.description,
  }
  const onwards = { href: session.after_payment_url, label: 'Continue to the shop' }

  if (taken === 'paid') {
    const text = 'Nothing more is due, and no further payment is taken.'
    return {
      status: 200,
      page: { ...common, title: 'This is already paid', kind: 'paid', text, link: onwards },
    }
  }
  if (taken === 'processing') {
    const text = 'The bank has been asked for the money, which takes a few days. Do not pay again.'
    const title = 'A bank payment is on its way'
    return { status: 200, page: { ...common, title, kind: 'processing', text, link: onwards } }
  }
  if (Date.parse(session.expires_at) <= now.getTime()) {
    const text = 'A payment page can be used for 24 hours. Go back to the shop to get a new one.'
    const title = 'This payment page has expired'
    const link = session.back_url === null ? null : { href: session.back_url, label: BACK }
    return { status: 410, page: { ...common, title, kind: 'expired', text, link } }
  }
  return undefined
}

export const UNKNOWN_SESSION: Closed = {
  status: 404,
  page: {
    title: 'This payment page does not exist',
    kind: 'unknown',
    text: 'Check the whole address, or go back to the shop and start the payment again.',
    total: null,
    description: null,
    link: null,
  },
}

const BACK = 'Back to the shop'
