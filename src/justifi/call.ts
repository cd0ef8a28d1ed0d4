import {
  JustifiContractError,
  JustifiCredentialsError,
  type JustifiError,
  JustifiRefusedError,
  JustifiUnreachableError,
} from './errors.ts'

/** One call of JustiFi's API. Those that change something carry a key. */
export type Call<T> = (Read | Write) & {
  /** For logs and metrics, such as `payment_intents.create`. */
  operation: string
  /** Begins with /v1, ids percent-encoded. */
  path: string
  /** The merchant's sub account, `acc_…`. */
  accountId: string
  /** Milliseconds for all tries together; else those of the limits. */
  budgetMs?: number | undefined
  /** Reads the JSON of a 2xx answer. Throws JustifiContractError. */
  read: (json: unknown) => T
}
type Read = { method: 'GET' }
type Write = { method: 'POST' | 'PATCH'; idempotencyKey: string; body: unknown }

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PATCH'
  /** Begins with a slash, ids percent-encoded, with its query. */
  path: string
  headers: Record<string, string>
  body?: Buffer
  /** Gives up at once, wherever the request is. */
  signal: AbortSignal
}

export type CallOutcome =
  | 'ok'
  | 'refused'
  | 'unanswered'
  | 'unreachable'
  | 'credentials'
  | 'contract'

export const JSON_BODY = { 'Content-Type': 'application/json' }

/** JustiFi's limit. */
const MAX_KEY_LENGTH = 100

/** Method and path without query: what messages and logs call it. */
export function nameOf({ method, path }: { method: string; path: string }): string {
  return `${method} ${path.split('?')[0]}`
}

/**
 * The bytes that every try of the call sends.
 *
 * @throws RangeError for a key that JustiFi would not take
 */
export function bodyOf<T>(call: Call<T>): Buffer | undefined {
  if (call.method === 'GET') return undefined
  if (call.idempotencyKey.length > MAX_KEY_LENGTH) {
    throw new RangeError(`an idempotency key has at most ${MAX_KEY_LENGTH} characters`)
  }
  return Buffer.from(JSON.stringify(call.body))
}

export function requestOf<T>(
  call: Call<T>,
  token: { value: string },
  body: Buffer | undefined,
  signal: AbortSignal,
): HttpRequest {
  const { method, path } = call
  const headers = { Authorization: `Bearer ${token.value}`, 'Sub-Account': call.accountId }
  if (method === 'GET' || !body) return { method, path, headers, signal }
  return {
    method,
    path,
    headers: { ...headers, ...JSON_BODY, 'Idempotency-Key': call.idempotencyKey },
    body,
    signal,
  }
}

export function outcomeOf(error: unknown): CallOutcome {
  if (error instanceof JustifiRefusedError) return 'refused'
  if (error instanceof JustifiContractError) return 'contract'
  if (error instanceof JustifiCredentialsError) return 'credentials'
  return error instanceof JustifiUnreachableError ? 'unreachable' : 'unanswered'
}

/** What a log line says of it beside its message. */
export function factsOf(error: JustifiError): Record<string, unknown> {
  const { status, code } = error as { status?: number; code?: string }
  return { outcome: outcomeOf(error), ...(status && { status }), ...(code && { code }) }
}
