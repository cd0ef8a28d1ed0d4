import type { Journal, JournalEntry, Kept } from './journal.ts'

/** What JustiFi does not publish, or does one way or the other. */
export type Settings = {
  /** How refunds begin. `succeed`: those to a card at once, those to a bank account pending. */
  refunds: 'succeed' | 'pending' | 'fail'
  /** Whether a pending refund is only held back from `amount_refundable`, or refunded already. */
  pending_refunds: 'reserved' | 'refunded'
}

const AT_FIRST: Settings = { refunds: 'succeed', pending_refunds: 'reserved' }

/** The settings in force, as the control plane changes them. */
export class SandboxSettings implements Kept {
  #current = AT_FIRST
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  get current(): Settings {
    return this.#current
  }

  change(changes: Partial<Settings>): void {
    this.#current = { ...this.#current, ...changes }
    this.#journal.record('settings', this.#current)
  }

  clear(): void {
    this.#current = AT_FIRST
  }

  restore(kind: string, value: unknown): void {
    if (kind === 'settings') this.#current = value as Settings
  }

  *entries(): Iterable<JournalEntry> {
    yield ['settings', this.#current]
  }
}
