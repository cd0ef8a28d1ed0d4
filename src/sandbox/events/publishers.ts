import type { Journal, JournalEntry, Kept } from '../journal.ts'
import type { EventName } from '../records.ts'

/**
 * How undelivered events are tried again: as those of test accounts, or of live ones; or not even
 * once, unless the control plane is told to.
 */
export const DELIVERY_MODES = ['test', 'live', 'manual'] as const
export type DeliveryMode = (typeof DELIVERY_MODES)[number]

/** Where events go. `events` empty means all of them. */
export type Publisher = { url: string; secret: string; events: string[]; mode: DeliveryMode }

/** At JustiFi these are set up in the dashboard, each with a secret of its own. */
export class Publishers implements Kept {
  readonly #publishers = new Map<string, Publisher>()
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** A second one with the same URL takes the place of the first. */
  add(publisher: Publisher): void {
    this.#publishers.set(publisher.url, publisher)
    this.#journal.record('publisher', publisher)
  }

  at(url: string): Publisher | undefined {
    return this.#publishers.get(url)
  }

  wanting(eventName: EventName): Publisher[] {
    return this.all().filter(({ events }) => events.length === 0 || events.includes(eventName))
  }

  all(): Publisher[] {
    return [...this.#publishers.values()]
  }

  clear(): void {
    this.#publishers.clear()
    this.#journal.record('no_publishers', null)
  }

  restore(kind: string, value: unknown): void {
    if (kind === 'no_publishers') this.#publishers.clear()
    if (kind === 'publisher') this.#publishers.set((value as Publisher).url, value as Publisher)
  }

  *entries(): Iterable<JournalEntry> {
    for (const publisher of this.#publishers.values()) yield ['publisher', publisher]
  }
}
