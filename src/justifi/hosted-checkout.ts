import type { Currency } from '../money.ts'

/**
 * The port between the shop and JustiFi's hosted checkout. JustiFi has had two generations of it:
 * `sessions` (payment intent, then checkout session) and `checkouts` (one object). A flow is one
 * file behind this port, and nothing outside this folder knows which is in use.
 */
export type HostedCheckout = {
  /** Whether the credentials move real money. JustiFi tells by the prefix of the client id. */
  readonly mode: PaymentMode
  /** Origin of the page that takes the money, for the Content-Security-Policy. */
  readonly pageOrigin: string

  /**
   * Registers what is to be paid, and answers its reference at JustiFi (`pi_…`). The same key and
   * purchase always lead to the same reference, so it can be asked for again after a lost answer.
   *
   * @throws JustifiError
   */
  prepare(purchase: Purchase, options?: CallOptions): Promise<{ reference: string }>

  /**
   * Opens a page on which the prepared purchase can be paid.
   *
   * @throws JustifiError
   */
  open(page: PageRequest, options?: CallOptions): Promise<HostedPage>

  /** The address of a page opened earlier. Makes no call. */
  pageUrl(pageId: string): string

  /**
   * What JustiFi says of a prepared purchase now: it and every payment made on it. It reads only,
   * and answers only what it could read whole and that is about this reference.
   *
   * @throws JustifiError
   */
  observe(
    prepared: { reference: string; accountId: string },
    options?: CallOptions,
  ): Promise<Observation>
}

export type CallOptions = {
  /**
   * Milliseconds for the whole operation with every repeat in it, in place of what is usual in
   * front of a customer (8 s to observe, 9.5 s to prepare or open). A page that does two of them
   * hands on what is left; a loop in the background may be more patient.
   */
  budgetMs?: number | undefined
}

export type PaymentMode = 'test' | 'live'

/** Stored before the call that it describes, so that a repeat sends the same bytes. */
export type Purchase = {
  /** At most 100 characters. */
  idempotencyKey: string
  /** The merchant's sub account, `acc_…`. */
  accountId: string
  amountCents: number
  currency: Currency
  /** Shown to the customer by JustiFi. Holds no personal data. */
  description: string
  metadata: Record<string, string>
}

export type PageRequest = {
  idempotencyKey: string
  accountId: string
  reference: string
  /** Where JustiFi sends the customer after paying, and when they turn back. Absolute URLs. */
  afterPaymentUrl: string
  backUrl: string
}

export type HostedPage = {
  /** Names the page at JustiFi; `pageUrl` makes the address of it. */
  pageId: string
  url: string
  /** By JustiFi's clock (the Date of its answer), not by ours. */
  expiresAt: Date
}

/** JustiFi's account of one purchase, in the shop's words. */
export type Observation = {
  reference: string
  accountId: string
  amountCents: number
  /** Lower case. A currency outside the shop's is passed on, for the mismatch to be seen. */
  currency: string
  state: PurchaseState
  /** Every try known to JustiFi, oldest first. */
  payments: ObservedPayment[]
  /** JustiFi's clock when it answered (its Date header). */
  at: Date
}

/**
 * `open`: can be paid. `processing`: a bank payment is under way. `authorized`: money is held and
 * not yet taken. `unknown`: a word that this version does not know; nothing may be concluded.
 */
export type PurchaseState =
  | 'open'
  | 'processing'
  | 'authorized'
  | 'succeeded'
  | 'canceled'
  | 'unknown'

export type ObservedPayment = {
  /** `py_…` */
  id: string
  accountId: string
  isTest: boolean
  status: PaymentStatus
  amountCents: number
  currency: string
  refundedCents: number
  disputedCents: number
  /** Absent until JustiFi has worked it out. */
  feeCents: number | null
  method: 'card' | 'bank_account' | null
  /** Card brand or bank name, as JustiFi writes it. */
  brand: string | null
  lastFour: string | null
  /** JustiFi's code for a decline; the finer `decline_code` where both are given. */
  errorCode: string | null
  errorMessage: string | null
  createdAt: Date
  updatedAt: Date
}

export const PAYMENT_STATUSES = [
  'pending',
  'authorized',
  'canceled',
  'succeeded',
  'failed',
  'partially_refunded',
  'fully_refunded',
  'disputed',
  'unknown',
] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

/** A payment in one of these took money at some time, whatever became of it. */
export const TOOK_MONEY: readonly PaymentStatus[] = [
  'succeeded',
  'partially_refunded',
  'fully_refunded',
  'disputed',
]
