import type { Clock } from '../clock.ts'
import type { Currency } from '../money.ts'
import type { Journal, JournalEntry, Kept } from './journal.ts'
import type { CheckoutSession, Dispute, Payment, PaymentIntent, Refund } from './records.ts'
import { Shelf } from './shelf.ts'

export type Records = {
  payment_intent: PaymentIntent
  payment: Payment
  refund: Refund
  dispute: Dispute
}
export type Kind = keyof Records
export type LedgerRecord = Records[Kind]

/** Who looks, and whether they see the books as before the last change. */
export type View = { accountId: string; stale: boolean }

/** Each kind after those that its records refer to. */
const KINDS: readonly Kind[] = ['payment_intent', 'payment', 'refund', 'dispute']

/**
 * The books: what was asked for, what was paid and what was given back. Everything is found by key;
 * nothing on the way of a request walks over all records.
 */
export class Ledger implements Kept {
  readonly #shelves: { readonly [K in Kind]: Shelf<Records[K]> } = {
    payment_intent: new Shelf(),
    payment: new Shelf(),
    refund: new Shelf(),
    dispute: new Shelf(),
  }
  readonly #sessions = new Map<string, CheckoutSession>()
  readonly #paymentIdsOfIntent = new Map<string, string[]>()
  /** What an intent's last change replaced, by the id of the intent and that of the record. */
  readonly #replaced = new Map<string, Map<string, LedgerRecord | undefined>>()
  /** The intent that an account's last change was about. */
  readonly #lastChanged = new Map<string, string>()
  readonly #journal: Journal
  readonly #clock: Clock

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal
    this.#clock = clock
  }

  /** For whoever stands outside the accounts: the hosted page and the control plane. */
  get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    return this.#shelves[kind].get(id)
  }

  /**
   * An account's records are invisible to every other account. A stale view is that from before
   * the last change of the record's intent, of its payments or of what became of them.
   */
  find<K extends Kind>(kind: K, id: string, { accountId, stale }: View): Records[K] | undefined {
    const record = this.get(kind, id)
    if (!record) return undefined
    const place = this.#placeOf(record)
    if (place.accountId !== accountId) return undefined
    return stale ? this.#before(record, place.intentId) : record
  }

  /** The same within a list, whose stale view is that from before the account's last change. */
  findListed<K extends Kind>(kind: K, id: string, view: View): Records[K] | undefined {
    const record = this.find(kind, id, { ...view, stale: false })
    if (!record || !view.stale) return record
    const { accountId, intentId } = this.#placeOf(record)
    return this.#lastChanged.get(accountId) === intentId ? this.#before(record, intentId) : record
  }

  /** Oldest first. */
  idsOfAccount(kind: Kind, accountId: string): readonly string[] {
    return this.#shelves[kind].idsOf(accountId)
  }

  /** Every try on an intent, oldest first. */
  paymentsOfIntent(intentId: string, { stale } = { stale: false }): Payment[] {
    const ids = this.#paymentIdsOfIntent.get(intentId) ?? []
    return ids
      .map((id) => this.get('payment', id))
      .map((payment) => (payment && stale ? this.#before(payment, intentId) : payment))
      .filter((payment) => payment !== undefined)
  }

  session(id: string): CheckoutSession | undefined {
    return this.#sessions.get(id)
  }

  accountIds(): Iterable<string> {
    return this.#shelves.payment_intent.accountIds()
  }

  /** Whose books a record is in. */
  accountOf(record: LedgerRecord): string {
    return this.#placeOf(record).accountId
  }

  /** An account's currency is that of its first intent; undefined before it. */
  currencyOf(accountId: string): Currency | undefined {
    const [first] = this.idsOfAccount('payment_intent', accountId)
    return first === undefined ? undefined : this.get('payment_intent', first)?.currency
  }

  /** Oldest first. */
  all<K extends Kind>(kind: K): Records[K][] {
    return this.#shelves[kind].all()
  }

  sessions(): CheckoutSession[] {
    return [...this.#sessions.values()]
  }

  /** Books records that belong to one intent, new ones and changed ones, as one change. */
  book(records: Partial<Records>): void {
    const replaced = new Map<string, LedgerRecord | undefined>()
    for (const kind of KINDS) {
      const record = records[kind]
      if (!record) continue
      replaced.set(record.id, this.get(kind, record.id))
      this.#put(kind, record)
      this.#journal.record(kind, record)

      const { accountId, intentId } = this.#placeOf(record)
      this.#replaced.set(intentId, replaced)
      this.#lastChanged.set(accountId, intentId)
    }
  }

  keepSession(session: CheckoutSession): void {
    this.#sessions.set(session.id, session)
    this.#journal.record('checkout_session', session)
  }

  /** A changed copy with a later `updated_at`, also where both changes fall into one millisecond. */
  changed<R extends LedgerRecord>(record: R, changes: Partial<R>): R {
    const now = Math.max(this.#clock.now().getTime(), Date.parse(record.updated_at) + 1)
    return { ...record, ...changes, updated_at: new Date(now).toISOString() }
  }

  clear(): void {
    for (const kind of KINDS) this.#shelves[kind].clear()
    this.#sessions.clear()
    this.#paymentIdsOfIntent.clear()
    this.#replaced.clear()
    this.#lastChanged.clear()
  }

  restore(kind: string, value: unknown): void {
    const known = KINDS.find((word) => word === kind)
    if (known) this.#put(known, value as LedgerRecord)
    if (kind === 'checkout_session') {
      const session = value as CheckoutSession
      this.#sessions.set(session.id, session)
    }
  }

  *entries(): Iterable<JournalEntry> {
    for (const kind of KINDS) {
      for (const record of this.all(kind)) yield [kind, record]
    }
    for (const session of this.#sessions.values()) yield ['checkout_session', session]
  }

  #put<K extends Kind>(kind: K, record: Records[K]): void {
    const { accountId, intentId } = this.#placeOf(record)
    if (kind === 'payment' && !this.get(kind, record.id)) {
      const ids = this.#paymentIdsOfIntent.get(intentId)
      if (ids) ids.push(record.id)
      else this.#paymentIdsOfIntent.set(intentId, [record.id])
    }
    this.#shelves[kind].put(record, accountId)
  }

  #before<R extends LedgerRecord>(record: R, intentId: string): R | undefined {
    const replaced = this.#replaced.get(intentId)
    return replaced?.has(record.id) ? (replaced.get(record.id) as R | undefined) : record
  }

  /** Refunds and disputes belong to a payment, and payments to an intent. */
  #placeOf(record: LedgerRecord): { accountId: string; intentId: string } {
    if ('payment_id' in record) {
      const payment = this.get('payment', record.payment_id)
      if (!payment) throw new Error(`no payment ${record.payment_id}`)
      return this.#placeOf(payment)
    }
    const accountId = record.account_id
    return 'payment_intent_id' in record
      ? { accountId, intentId: record.payment_intent_id }
      : { accountId, intentId: record.id }
  }
}
