import { timestamp } from '../../clock.ts'
import type { ObservedPayment } from '../../justifi/hosted-checkout.ts'
import type { ObservedDispute, ObservedRefund } from '../../justifi/observed.ts'
import type { Entry } from './books.ts'

// JustiFi's records in the form in which they are compared.

export function paymentEntry(payment: ObservedPayment): Entry {
  const { status, amountCents: cents, currency, feeCents, refundedCents } = payment
  return { status, cents, currency, feeCents, refundedCents }
}

/** Its currency is the payment's. */
export function refundEntry({ status, amountCents: cents }: ObservedRefund): Entry {
  return { status, cents, currency: null, feeCents: null, refundedCents: null }
}

export function disputeEntry({ status, amountCents: cents }: ObservedDispute): Entry {
  return { status, cents, currency: null, feeCents: null, refundedCents: null }
}

export function madeAt({ createdAt }: { createdAt: Date }): string {
  return timestamp(createdAt)
}
