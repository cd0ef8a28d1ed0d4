import { randomBytes } from 'node:crypto'
import { type Clock, HOUR } from '../clock.ts'
import { BoundedMap } from './bounded-map.ts'

export const TOKEN_LIFE_MS = 24 * HOUR

const LIMIT = 10_000

/** The access tokens given out, with the end of each. They do not survive a restart. */
export class AccessTokens {
  readonly #endsAtMs = new BoundedMap<number>(LIMIT)
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(): string {
    const token = randomBytes(32).toString('base64url')
    this.#endsAtMs.set(token, this.#clock.now().getTime() + TOKEN_LIFE_MS)
    return token
  }

  isValid(token: string): boolean {
    const endsAtMs = this.#endsAtMs.get(token)
    return endsAtMs !== undefined && endsAtMs > this.#clock.now().getTime()
  }
}
