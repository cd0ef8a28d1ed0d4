import { createHash } from 'node:crypto'
import { BoundedMap } from './bounded-map.ts'
import type { Journal, JournalEntry, Kept } from './journal.ts'

/** A key, within its account, and what it stands for. */
export type KeyUse = { scope: string; fingerprint: string }

/** An answer kept for its key: a repeat gets these bytes again. */
export type KeptAnswer = KeyUse & { status: number; text: string }

export type Claim =
  | { kind: 'first' }
  | { kind: 'repeat'; answer: KeptAnswer }
  | { kind: 'in_progress' }
  | { kind: 'mismatch' }

const LIMIT = 20_000

/** Which keys were used for what. */
export class IdempotencyKeys implements Kept {
  readonly #answers = new BoundedMap<KeptAnswer>(LIMIT)
  /** Fingerprints of the calls being worked on, by scope. */
  readonly #running = new Map<string, string>()
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Whoever gets `first` does the work, and ends with `keep` or `release`. */
  claim({ scope, fingerprint }: KeyUse): Claim {
    const answer = this.#answers.get(scope)
    const known = answer?.fingerprint ?? this.#running.get(scope)
    if (known !== undefined && known !== fingerprint) return { kind: 'mismatch' }
    if (answer) return { kind: 'repeat', answer }
    if (known !== undefined) return { kind: 'in_progress' }

    this.#running.set(scope, fingerprint)
    return { kind: 'first' }
  }

  keep(answer: KeptAnswer): void {
    this.#running.delete(answer.scope)
    this.#answers.set(answer.scope, answer)
    this.#journal.record('idempotency', answer)
  }

  release({ scope }: KeyUse): void {
    this.#running.delete(scope)
  }

  /** JustiFi does not say how long it knows a key. */
  forget(): void {
    this.#answers.clear()
    this.#journal.record('no_idempotency', null)
  }

  clear(): void {
    this.#answers.clear()
    this.#running.clear()
  }

  restore(kind: string, value: unknown): void {
    if (kind === 'no_idempotency') this.#answers.clear()
    if (kind === 'idempotency') this.#answers.set((value as KeptAnswer).scope, value as KeptAnswer)
  }

  *entries(): Iterable<JournalEntry> {
    for (const answer of this.#answers.values()) yield ['idempotency', answer]
  }
}

/** Two calls are the same if method, path and every byte of the body are. */
export function fingerprintOf(method: string, path: string, body: Buffer): string {
  return createHash('sha256').update(`${method} ${path}\n`).update(body).digest('base64url')
}
