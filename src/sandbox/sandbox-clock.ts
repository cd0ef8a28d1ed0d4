import { type Clock, later, SECOND, systemClock } from '../clock.ts'
import type { Journal, JournalEntry, Kept } from './journal.ts'

/** The sandbox's time: real time, plus what the control plane has let pass. */
export class SandboxClock implements Clock, Kept {
  #advancedMs = 0
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  now(): Date {
    return later(systemClock.now(), this.#advancedMs)
  }

  /** @param seconds not negative: time does not turn back */
  advance(seconds: number): void {
    this.#set(this.#advancedMs + Math.round(seconds * SECOND))
  }

  clear(): void {
    this.#set(0)
  }

  restore(kind: string, value: unknown): void {
    if (kind === 'clock') this.#advancedMs = value as number
  }

  *entries(): Iterable<JournalEntry> {
    yield ['clock', this.#advancedMs]
  }

  #set(advancedMs: number): void {
    this.#advancedMs = advancedMs
    this.#journal.record('clock', advancedMs)
  }
}
