import { z } from 'zod'
import type { ObservedPayment, PaymentStatus, PurchaseState } from './hosted-checkout.ts'

/*
 * JustiFi's words, read into ours. Its documents, samples and SDKs contradict each other in known
 * places, and each tolerance here is for one of those; everything else fails. Fields that this
 * version does not know are ignored.
 */

/** Placed into URL paths, so it holds no space or control character and is no dot segment. */
export const Id = z.string().regex(/^(?!\.+$)[!-~]{1,255}$/, 'is no id')

/** Whole minor units. Some samples write them as strings. */
export const Cents = z.union(
  [
    z.int().nonnegative(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ],
  'is no whole number of cents',
)

/** `USD` or `usd`. */
export const CurrencyCode = z.string().min(1).toLowerCase()

export const Moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

const INTENT_STATES: ReadonlyMap<string, PurchaseState> = new Map([
  ['requires_payment_method', 'open'],
  // Only JustiFi's prose names these two; both come before any money.
  ['requires_confirmation', 'open'],
  ['requires_action', 'open'],
  ['pending', 'processing'],
  ['requires_capture', 'authorized'],
  ['succeeded', 'succeeded'],
  ['canceled', 'canceled'],
])

const PAYMENT_STATES: ReadonlyMap<string, PaymentStatus> = new Map([
  ['pending', 'pending'],
  ['authorized', 'authorized'],
  ['canceled', 'canceled'],
  ['succeeded', 'succeeded'],
  ['succeed', 'succeeded'],
  ['failed', 'failed'],
  ['partially_refunded', 'partially_refunded'],
  ['fully_refunded', 'fully_refunded'],
  ['disputed', 'disputed'],
])

/** Also `Succeeded`, as a sample has it. A word that is not in the table is `unknown`. */
export const word = <State extends string>(states: ReadonlyMap<string, State>) =>
  z.string().transform((status) => states.get(status.toLowerCase()) ?? ('unknown' as const))

/** Single records come in an envelope, or bare as the specification has them. */
export const record = <Schema extends z.ZodType>(schema: Schema) => z.preprocess(unwrapped, schema)

/** Answer of POST /oauth/token; it has no envelope. `expiresInSeconds` is seldom there. */
export const TokenAnswer = z
  .object({
    access_token: z.string().regex(/^[!-~]+$/, 'is no token'),
    expires_in: z.coerce.number().positive().max(1e9).optional().catch(undefined),
  })
  .transform((token) => ({ value: token.access_token, expiresInSeconds: token.expires_in }))

export type PaymentIntent = z.output<typeof PaymentIntent>
export const PaymentIntent = record(
  z
    .object({
      id: Id,
      account_id: Id,
      amount: Cents,
      currency: CurrencyCode,
      status: word(INTENT_STATES),
      successful_payment_id: Id.nullish(),
    })
    .transform((intent) => ({
      id: intent.id,
      accountId: intent.account_id,
      amountCents: intent.amount,
      currency: intent.currency,
      state: intent.status,
      successfulPaymentId: intent.successful_payment_id ?? null,
    })),
)

/** The id of the answer to POST /v1/checkout_sessions, from whichever of its places it is in. */
export const CheckoutSessionId = z.preprocess((body) => {
  if (!isRecord(body)) return undefined
  const data = isRecord(body.data) ? body.data : {}
  return [data.checkout_session_id, data.id, body.id].find((id) => typeof id === 'string')
}, Id)

const LastFour = z
  .union([z.string(), z.int().nonnegative()])
  .nullish()
  .transform((digits) => (digits == null ? null : String(digits).slice(-4).padStart(4, '0')))

const Card = z
  .object({ brand: z.string().nullish(), acct_last_four: LastFour })
  .transform((card) => ({ brand: card.brand ?? null, lastFour: card.acct_last_four }))

/** The schema's field names and the examples' differ. */
const BankAccount = z
  .object({
    bank_name: z.string().nullish(),
    brand: z.string().nullish(),
    account_number_last4: LastFour,
    acct_last_four: LastFour,
  })
  .transform((account) => ({
    brand: account.bank_name ?? account.brand ?? null,
    lastFour: account.account_number_last4 ?? account.acct_last_four,
  }))

const PaymentMethod = z
  .object({ card: Card.nullish(), bank_account: BankAccount.nullish() })
  .nullish()
  .transform((method) => ({
    method: method?.card
      ? ('card' as const)
      : method?.bank_account
        ? ('bank_account' as const)
        : null,
    brand: method?.card?.brand ?? method?.bank_account?.brand ?? null,
    lastFour: method?.card?.lastFour ?? method?.bank_account?.lastFour ?? null,
  }))

/** A payment, and the payment intent that it was made on, where it was made on one. */
export type Payment = ObservedPayment & { reference: string | null }
export const Payment = record(
  z
    .object({
      id: Id,
      account_id: Id,
      payment_intent_id: Id.nullish(),
      is_test: z.boolean(),
      status: word(PAYMENT_STATES),
      amount: Cents,
      amount_refunded: Cents,
      amount_disputed: Cents,
      fee_amount: Cents.nullish(),
      currency: CurrencyCode,
      payment_method: PaymentMethod,
      error_code: z.string().nullish(),
      decline_code: z.string().nullish(),
      error_description: z.string().nullish(),
      created_at: Moment,
      updated_at: Moment,
    })
    .transform(
      (payment): Payment => ({
        id: payment.id,
        reference: payment.payment_intent_id ?? null,
        accountId: payment.account_id,
        isTest: payment.is_test,
        status: payment.status,
        amountCents: payment.amount,
        currency: payment.currency,
        refundedCents: payment.amount_refunded,
        disputedCents: payment.amount_disputed,
        feeCents: payment.fee_amount ?? null,
        ...payment.payment_method,
        errorCode: payment.decline_code ?? payment.error_code ?? null,
        errorMessage: payment.error_description ?? null,
        createdAt: payment.created_at,
        updatedAt: payment.updated_at,
      }),
    ),
)

/** `page_info` is also seen as null and as a string; then there is no further page. */
export const NextCursor = z.preprocess(
  (pageInfo) => (isRecord(pageInfo) ? pageInfo : null),
  z
    .object({ has_next: z.boolean().default(false), end_cursor: z.string().nullish() })
    .nullable()
    .refine((page) => !page?.has_next || page.end_cursor, 'has a next page and no cursor to it')
    .transform((page) => (page?.has_next ? (page.end_cursor ?? null) : null)),
)

export type PaymentList = z.output<typeof PaymentList>
export const PaymentList = z
  .object({ data: z.array(Payment), page_info: NextCursor })
  .transform((list) => ({ payments: list.data, nextCursor: list.page_info }))

/** An error's body is an object with code and message, a text, or nothing of use. */
export type ErrorBody = z.output<typeof ErrorBody>
export const ErrorBody = z
  .object({
    error: z.union([
      z.string().transform((message) => ({ code: '', message })),
      z.object({ code: z.string().catch(''), message: z.string().catch('') }),
    ]),
  })
  .transform((body) => body.error)
  .catch({ code: '', message: '' })

function unwrapped(body: unknown): unknown {
  return isRecord(body) && isRecord(body.data) && 'id' in body.data ? body.data : body
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
