/**
 * How a call to JustiFi ended without a usable answer. `outcome` says what is known of the work:
 * `refused` was not done; `unknown` may have been done, and may only be repeated under the same
 * key with the same bytes; `unreachable` never left (refused connection, open breaker).
 *
 * Messages hold JustiFi's own code and words, statuses and paths; never a secret, a token, a
 * header or a body, and no `cause` that carries one.
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
  /** False only where JustiFi said so (`Should-Retry: false`). */
  readonly retryable: boolean
  readonly status: number | undefined
  /** Milliseconds JustiFi asked for before a repeat, where it did. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    details: { status?: number; retryAfterMs?: number | undefined; retryable?: boolean } = {},
  ) {
    super(message)
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
    this.retryable = details.retryable ?? true
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
  /** `unknown` where an earlier try of the same call may have been done. */
  readonly outcome: 'unreachable' | 'unknown'
  readonly retryable = false

  constructor(message: string, outcome: 'unreachable' | 'unknown' = 'unreachable') {
    super(message)
    this.outcome = outcome
  }
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

/** Whether JustiFi did answer, if only to refuse: asking it about something else makes sense. */
export function isAnswer(error: JustifiError): boolean {
  return error instanceof JustifiRefusedError || error instanceof JustifiContractError
}
