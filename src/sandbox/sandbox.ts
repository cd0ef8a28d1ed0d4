import { AccessTokens } from './access-tokens.ts'
import { Deliveries } from './events/deliveries.ts'
import { Events, type Origin } from './events/events.ts'
import { Publishers } from './events/publishers.ts'
import { Faults } from './faults/faults.ts'
import { createIdSource, type IdSource } from './id-source.ts'
import { IdempotencyKeys } from './idempotency.ts'
import { Journal, type JournalEntry, type Kept, readJournal } from './journal.ts'
import { Ledger, type LedgerRecord } from './ledger.ts'
import type { EventName } from './records.ts'
import { RequestLog } from './request-log.ts'
import { SandboxClock } from './sandbox-clock.ts'
import { SandboxSettings } from './settings.ts'

export type SandboxOptions = {
  /** A file that keeps the records between starts. Without it they live in memory. */
  journalPath?: string | undefined
  /** Makes the ids the same each time. */
  seed?: string | number | undefined
}

/** JustiFi's side of the world, without its doors. */
export class Sandbox {
  readonly clock: SandboxClock
  readonly settings: SandboxSettings
  readonly ids: IdSource
  readonly ledger: Ledger
  readonly events: Events
  readonly publishers: Publishers
  readonly deliveries: Deliveries
  readonly idempotencyKeys: IdempotencyKeys
  readonly accessTokens: AccessTokens
  readonly faults: Faults
  readonly requests: RequestLog
  readonly #journal = new Journal()
  readonly #records: Kept[]

  constructor({ journalPath, seed }: SandboxOptions = {}) {
    const kept = journalPath === undefined ? [] : readJournal(journalPath)
    const starts = startsOf(kept)

    const journal = this.#journal
    this.clock = new SandboxClock(journal)
    this.settings = new SandboxSettings(journal)
    this.ids = createIdSource(seed, starts)
    this.ledger = new Ledger(journal, this.clock)
    this.events = new Events(journal, this.ids)
    this.publishers = new Publishers(journal)
    this.deliveries = new Deliveries(
      { journal, clock: this.clock, ids: this.ids },
      this.events,
      this.publishers,
    )
    this.idempotencyKeys = new IdempotencyKeys(journal)
    this.accessTokens = new AccessTokens(this.clock)
    this.faults = new Faults(this.ids)
    this.requests = new RequestLog(this.clock)

    const { clock, settings, ledger, events, deliveries, idempotencyKeys } = this
    this.#records = [clock, settings, ledger, events, deliveries, idempotencyKeys]
    this.#restore(kept)
    if (journalPath !== undefined) journal.open(journalPath, this.#entries(starts + 1))
  }

  /**
   * Does work that changes the books. When it returns, the changes are kept and the events are on
   * their way; only then may the caller answer.
   */
  transact<Result>(work: () => Result): Result {
    const result = work()
    this.#journal.flush()
    this.deliveries.sendDue()
    return result
  }

  /** Makes an event known to whoever subscribed to it. Belongs inside `transact`. */
  publish(name: EventName, data: LedgerRecord, origin: Origin): void {
    this.deliveries.add(this.events.add(name, data, this.ledger.accountOf(data), origin))
  }

  /** Forgets everything but where events go: records, keys, faults, settings and passed time. */
  reset(): void {
    this.#forget()
    this.faults.clear()
    this.requests.clear()
    this.#journal.record('reset', null)
  }

  close(): void {
    this.deliveries.close()
    this.#journal.close()
  }

  #forget(): void {
    for (const part of this.#records) part.clear()
  }

  #restore(entries: JournalEntry[]): void {
    for (const [kind, value] of entries) {
      if (kind === 'reset') this.#forget()
      for (const part of [...this.#records, this.publishers]) part.restore(kind, value)
    }
  }

  *#entries(starts: number): Iterable<JournalEntry> {
    yield ['starts', starts]
    for (const part of [...this.#records, this.publishers]) yield* part.entries()
  }
}

/** How often a journal was opened. */
function startsOf(entries: JournalEntry[]): number {
  const [, starts = 0] = entries.find(([kind]) => kind === 'starts') ?? []
  return Number(starts)
}
