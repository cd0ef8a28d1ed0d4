import type { Clock } from '../clock.ts'
import type { Currency } from '../money.ts'
import type { Journal, JournalEntry, Kept } from './journal.ts'
import type { CheckoutSession, Payment, PaymentIntent } from './records.ts'

/**
 * The books: what was asked for and what was paid. Everything is found by key; nothing on the way
 * of a request walks over all records.
 */
export class Ledger implements Kept {
  readonly #intents = new Map<string, PaymentIntent>()
  readonly #payments = new Map<string, Payment>()
  readonly #sessions = new Map<string, CheckoutSession>()
  readonly #paymentIdsOfIntent = new Map<string, string[]>()
  readonly #accounts = new Map<string, AccountBooks>()
  /** What stood in the books of an intent before they were last changed. */
  readonly #before = new Map<string, IntentBooks>()
  readonly #journal: Journal
  readonly #clock: Clock

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal
    this.#clock = clock
  }

  /** An account's records are invisible to every other account. */
  intent(id: string, accountId: string): PaymentIntent | undefined {
    return ofAccount(this.#intents.get(id), accountId)
  }

  payment(id: string, accountId: string): Payment | undefined {
    return ofAccount(this.#payments.get(id), accountId)
  }

  /** For whoever stands outside the accounts: the hosted page and the control plane. */
  intentOfAnyAccount(id: string): PaymentIntent | undefined {
    return this.#intents.get(id)
  }

  paymentOfAnyAccount(id: string): Payment | undefined {
    return this.#payments.get(id)
  }

  session(id: string): CheckoutSession | undefined {
    return this.#sessions.get(id)
  }

  /** Every try on an intent, oldest first. */
  paymentsOfIntent(intentId: string): Payment[] {
    const ids = this.#paymentIdsOfIntent.get(intentId) ?? []
    return ids.map((id) => this.#payments.get(id)).filter((payment) => payment !== undefined)
  }

  /** Before the last change of the intent or of its payments; empty before it was made. */
  before(intentId: string): IntentBooks {
    return this.#before.get(intentId) ?? { intent: undefined, payments: [] }
  }

  /** Oldest first. */
  idsOfAccount(accountId: string): Readonly<AccountBooks> {
    return (
      this.#accounts.get(accountId) ?? { intentIds: [], paymentIds: [], lastChanged: undefined }
    )
  }

  accountIds(): Iterable<string> {
    return this.#accounts.keys()
  }

  /** An account's currency is that of its first intent; undefined before it. */
  currencyOf(accountId: string): Currency | undefined {
    const [first] = this.#accounts.get(accountId)?.intentIds ?? []
    return first === undefined ? undefined : this.#intents.get(first)?.currency
  }

  all(): { intents: PaymentIntent[]; payments: Payment[]; sessions: CheckoutSession[] } {
    return {
      intents: [...this.#intents.values()],
      payments: [...this.#payments.values()],
      sessions: [...this.#sessions.values()],
    }
  }

  /** Books an intent, a payment made on it, or both as one change. */
  book({ intent, payment }: { intent?: PaymentIntent; payment?: Payment }): void {
    const { id, account_id } = intent ?? this.#intentOf(payment)
    this.#before.set(id, { intent: this.#intents.get(id), payments: this.paymentsOfIntent(id) })
    this.#accountBooks(account_id).lastChanged = id

    if (intent) {
      this.#putIntent(intent)
      this.#journal.record('payment_intent', intent)
    }
    if (payment) {
      this.#putPayment(payment)
      this.#journal.record('payment', payment)
    }
  }

  addSession(session: CheckoutSession): void {
    this.#sessions.set(session.id, session)
    this.#journal.record('checkout_session', session)
  }

  /** A changed copy with a later `updated_at`, also where both changes fall into one millisecond. */
  changed<R extends PaymentIntent | Payment>(record: R, changes: Partial<R>): R {
    const now = Math.max(this.#clock.now().getTime(), Date.parse(record.updated_at) + 1)
    return { ...record, ...changes, updated_at: new Date(now).toISOString() }
  }

  clear(): void {
    this.#intents.clear()
    this.#payments.clear()
    this.#sessions.clear()
    this.#paymentIdsOfIntent.clear()
    this.#accounts.clear()
    this.#before.clear()
  }

  restore(kind: string, value: unknown): void {
    if (kind === 'payment_intent') this.#putIntent(value as PaymentIntent)
    if (kind === 'payment') this.#putPayment(value as Payment)
    if (kind === 'checkout_session') {
      const session = value as CheckoutSession
      this.#sessions.set(session.id, session)
    }
  }

  *entries(): Iterable<JournalEntry> {
    for (const intent of this.#intents.values()) yield ['payment_intent', intent]
    for (const session of this.#sessions.values()) yield ['checkout_session', session]
    for (const payment of this.#payments.values()) yield ['payment', payment]
  }

  #intentOf(payment: Payment | undefined): PaymentIntent {
    const intent = payment && this.#intents.get(payment.payment_intent_id)
    if (!intent) throw new Error('a payment is booked on an intent')
    return intent
  }

  #putIntent(intent: PaymentIntent): void {
    if (!this.#intents.has(intent.id)) {
      this.#accountBooks(intent.account_id).intentIds.push(intent.id)
    }
    this.#intents.set(intent.id, intent)
  }

  #putPayment(payment: Payment): void {
    if (!this.#payments.has(payment.id)) {
      const ids = this.#paymentIdsOfIntent.get(payment.payment_intent_id)
      if (ids) ids.push(payment.id)
      else this.#paymentIdsOfIntent.set(payment.payment_intent_id, [payment.id])
      this.#accountBooks(payment.account_id).paymentIds.push(payment.id)
    }
    this.#payments.set(payment.id, payment)
  }

  #accountBooks(accountId: string): AccountBooks {
    const known = this.#accounts.get(accountId)
    if (known) return known
    const fresh: AccountBooks = { intentIds: [], paymentIds: [], lastChanged: undefined }
    this.#accounts.set(accountId, fresh)
    return fresh
  }
}

/** An intent and the payments made on it. */
export type IntentBooks = { intent: PaymentIntent | undefined; payments: Payment[] }

/** Ids in the order in which the records were made, and the intent last changed. */
export type AccountBooks = {
  intentIds: string[]
  paymentIds: string[]
  lastChanged: string | undefined
}

function ofAccount<R extends { account_id: string }>(
  record: R | undefined,
  accountId: string,
): R | undefined {
  return record?.account_id === accountId ? record : undefined
}
