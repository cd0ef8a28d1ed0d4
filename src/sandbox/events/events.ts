import { BoundedMap } from '../bounded-map.ts'
import type { IdSource } from '../id-source.ts'
import type { Journal, JournalEntry, Kept } from '../journal.ts'
import type { LedgerRecord } from '../ledger.ts'
import type { EventEnvelope, EventName } from '../records.ts'

/** The account that the credentials themselves stand for. */
export const PLATFORM_ACCOUNT_ID = 'acc_sandboxplatform'

/** The request that made an event happen. */
export type Origin = { requestId: string | null; idempotencyKey: string | null }

const LIMIT = 10_000

/** What happened, oldest first. */
export class Events implements Kept {
  readonly #events = new BoundedMap<EventEnvelope>(LIMIT)
  readonly #journal: Journal
  readonly #ids: IdSource

  constructor(journal: Journal, ids: IdSource) {
    this.#journal = journal
    this.#ids = ids
  }

  add(name: EventName, data: LedgerRecord, accountId: string, origin: Origin): EventEnvelope {
    const event: EventEnvelope = {
      id: this.#ids.next('evt'),
      event_name: name,
      account_id: accountId,
      account_type: 'test',
      platform_account_id: PLATFORM_ACCOUNT_ID,
      idempotency_key: origin.idempotencyKey,
      request_id: origin.requestId,
      version: 'v1',
      data,
    }
    this.#events.set(event.id, event)
    this.#journal.record('event', event)
    return event
  }

  get(id: string): EventEnvelope | undefined {
    return this.#events.get(id)
  }

  all(): EventEnvelope[] {
    return [...this.#events.values()]
  }

  clear(): void {
    this.#events.clear()
  }

  restore(kind: string, value: unknown): void {
    if (kind === 'event') this.#events.set((value as EventEnvelope).id, value as EventEnvelope)
  }

  *entries(): Iterable<JournalEntry> {
    for (const event of this.#events.values()) yield ['event', event]
  }
}
