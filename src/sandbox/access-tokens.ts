import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Clock, HOUR } from '../clock.ts'

export const TOKEN_LIFE_MS = 24 * HOUR

/** Access tokens that carry their own end, so that none has to be remembered. */
export class AccessTokens {
  readonly #key = randomBytes(32)
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(): string {
    const expiresAt = this.#clock.now().getTime() + TOKEN_LIFE_MS
    const claims = `${expiresAt}.${randomBytes(12).toString('base64url')}`
    return `${claims}.${this.#signature(claims)}`
  }

  isValid(token: string): boolean {
    const [expiresAt, nonce, signature = '', ...rest] = token.split('.')
    const expected = Buffer.from(this.#signature(`${expiresAt}.${nonce}`))
    const given = Buffer.from(signature)
    return (
      rest.length === 0 &&
      given.length === expected.length &&
      timingSafeEqual(given, expected) &&
      Number(expiresAt) > this.#clock.now().getTime()
    )
  }

  #signature(claims: string): string {
    return createHmac('sha256', this.#key).update(claims).digest('base64url')
  }
}
