import { TOOK_MONEY } from '../../justifi/hosted-checkout.ts'
import type { ListName } from '../../orders/queries/passes.ts'

export type { ListName }

/** What a reconciliation is begun with. Kept, so that each step means the same period and account. */
export type ReconcileParams = {
  /** First and last day in the shop's time zone, YYYY-MM-DD. */
  from: string
  to: string
  timeZone: string
  accountId: string
  /** The days as moments, ISO-8601 UTC; the end is cut off at when the job was begun. */
  since: string
  until: string
}

/** A payment, refund or dispute, in the form in which two books of it can be compared. */
export type Entry = {
  status: string
  cents: number
  currency: string | null
  feeCents: number | null
  refundedCents: number | null
}

export type Compared = {
  list: ListName
  /** JustiFi's id; the shop's for a refund whose id at JustiFi is not known. */
  subjectId: string
  /** The payment that a refund or dispute is of. */
  paymentId: string | null
  /** The shop's order, where it has one for this. */
  orderId: string | null
  at: string
  there: Entry | null
  here: Entry | null
}

/**
 * `no_order`: JustiFi has money that no order explains. `not_here`: JustiFi has it, the shop has
 * not booked it. `not_there`: the other way round. The others: both have it, and disagree.
 */
export const DIFFERENCES = [
  'no_order',
  'not_here',
  'not_there',
  'outcome_unknown',
  'amount',
  'status',
  'fee',
  'refunded',
] as const
export type Difference = (typeof DIFFERENCES)[number]

/**
 * How the books of one thing differ; undefined where they agree, or where no money has moved by
 * either. Decides; does nothing.
 */
export function differenceOf(compared: Compared): Difference | undefined {
  switch (compared.list) {
    case 'payments':
      return ofPayment(compared)
    case 'refunds':
      return ofRefund(compared)
    case 'disputes':
      return ofDispute(compared)
  }
}

/** What is given back and disputed has lists of its own: of a payment, what counts is the money. */
function ofPayment({ orderId, there, here }: Compared): Difference | undefined {
  const [isThere, isHere] = [tookMoney(there), tookMoney(here)]
  if (!isThere && !isHere) return undefined
  if (there && !isHere) return orderId === null ? 'no_order' : 'not_here'
  if (!there || !here) return 'not_there'
  if (!isThere) return 'status'
  if (there.cents !== here.cents || there.currency !== here.currency) return 'amount'
  if (there.refundedCents !== here.refundedCents) return 'refunded'
  return there.feeCents === here.feeCents ? undefined : 'fee'
}

function ofRefund({ orderId, there, here }: Compared): Difference | undefined {
  if (!there) {
    if (here?.status === 'unknown') return 'outcome_unknown'
    return here && isRefund(here) ? 'not_there' : undefined
  }
  if (!here) {
    if (!isRefund(there)) return undefined
    return orderId === null ? 'no_order' : 'not_here'
  }
  if (there.cents !== here.cents) return 'amount'
  return there.status === here.status ? undefined : 'status'
}

function ofDispute({ orderId, there, here }: Compared): Difference | undefined {
  if (!there) return 'not_there'
  if (!here) return orderId === null ? 'no_order' : 'not_here'
  if (there.cents !== here.cents) return 'amount'
  return there.status === here.status ? undefined : 'status'
}

export function tookMoney(entry: Entry | null): boolean {
  return entry !== null && (TOOK_MONEY as readonly string[]).includes(entry.status)
}

/** Money that went back, or is on its way. */
function isRefund({ status }: Entry): boolean {
  return status === 'succeeded' || status === 'pending'
}
