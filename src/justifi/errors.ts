/**
 * How a call to JustiFi ended without a usable answer. `outcome` says what is known of the work:
 * `refused` was not done; `unknown` may have been done, and may only be repeated under the same
 * key with the same bytes; `unreachable` never left (refused connection, open breaker).
 */
export abstract class JustifiError extends Error {
  abstract readonly outcome: 'refused' | 'unknown' | 'unreachable'
  /** Whether sending the same call again can help. */
  abstract readonly retryable: boolean
}

/** No connection, no token, a breaker that is open: the call did not reach JustiFi. */
export class JustifiUnreachableError extends JustifiError {
  override name = 'JustifiUnreachableError'
  readonly outcome = 'unreachable'
  readonly retryable = true
}

/** The call was sent and no whole answer was read: time-out, cut connection, 5xx, 409, 429. */
export class JustifiUnansweredError extends JustifiError {
  override name = 'JustifiUnansweredError'
  readonly outcome = 'unknown'
  readonly retryable = true
  readonly status: number | undefined
  /** Milliseconds JustiFi asked for before a repeat, where it did. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    details: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause })
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
  }
}

/** A definite no: JustiFi's code and message say why. Nothing was done. */
export class JustifiRefusedError extends JustifiError {
  override name = 'JustifiRefusedError'
  readonly outcome = 'refused'
  readonly retryable = false
  readonly status: number
  /** JustiFi's own code, such as `payment_intent_not_found`; empty where it gave none. */
  readonly code: string

  constructor(message: string, details: { status: number; code: string }) {
    super(message)
    this.status = details.status
    this.code = details.code
  }
}

/** The credentials are not taken (401 twice, or no token). An operator has to look. */
export class JustifiCredentialsError extends JustifiError {
  override name = 'JustifiCredentialsError'
  readonly outcome = 'unreachable'
  readonly retryable = false
}

/**
 * An answer came whole but broke the contract: another shape, another object, an amount that is no
 * whole number. Nothing may be concluded from it, and an operator has to look.
 */
export class JustifiContractError extends JustifiError {
  override name = 'JustifiContractError'
  readonly outcome = 'unknown'
  readonly retryable = false
}
