import type { z } from 'zod'
import {
  JustifiContractError,
  type JustifiError,
  JustifiRefusedError,
  JustifiUnansweredError,
} from './errors.ts'
import { ErrorBody } from './wire.ts'

/** A whole HTTP answer, not yet judged. */
export type Answer = {
  status: number
  text: string
  /** JustiFi's clock: the Date header, where it is there and can be read. */
  at: Date | undefined
  retryAfter: string | undefined
  shouldRetry: string | undefined
  /** JustiFi's own id of the request, for a question to its support. */
  requestId: string | undefined
}

const MAX_RETRY_AFTER_MS = 15 * 60_000
const MAX_WORDS = 300

// JustiFi's codes say more than its statuses, which are mostly undocumented. These come before
// the work was done, or while the same key is at work, and are to be sent again as they were.
const TRANSIENT_CODES = new Set([
  'idempotency_concurrent_request',
  'idempotency_request_in_progress',
  'gateway_idempotency_error',
  'gateway_rate_limit_error',
  'gateway_error',
  'gateway_error_please_retry',
  'gateway_timeout_error',
  'issuer_not_available',
  'internal_server_error',
])
// This key has served another body, and never serves this one.
const FINAL_CODE = 'idempotency_params_mismatch'

/**
 * The JSON of a 2xx answer. Of any other, the error that it stands for, thrown.
 *
 * @param what the call, for the message: method and path
 * @throws JustifiUnansweredError for 408, 409, 429, 5xx and bodies that are no JSON
 * @throws JustifiRefusedError for other 4xx, and a key used for another body
 * @throws JustifiContractError for a redirect or another status that the API does not have
 */
export function jsonOf(answer: Answer, what: string): unknown {
  if (answer.status < 200 || answer.status > 299) throw errorOf(answer, what)
  try {
    return JSON.parse(answer.text)
  } catch {
    // Cut short, or a page of some proxy's: JustiFi's answer was not read.
    throw new JustifiUnansweredError(`${what} answered ${answer.status} without valid JSON`, {
      status: answer.status,
    })
  }
}

/**
 * A reader of JSON: the value in our shape.
 *
 * @param what for the message, such as `a payment intent`
 * @returns a function that throws JustifiContractError, naming fields and never values
 */
export function shaped<Schema extends z.ZodType>(
  schema: Schema,
  what: string,
): (json: unknown) => z.output<Schema> {
  return (json) => {
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    const problems = parsed.error.issues
      .slice(0, 3)
      .map(({ path, message }) => [...path, message].join(' '))
    throw new JustifiContractError(`JustiFi's answer is not ${what}: ${problems.join('; ')}`)
  }
}

function errorOf(answer: Answer, what: string): JustifiError {
  const { status } = answer
  const { code, message } = wordsOf(answer)
  const request = answer.requestId && `request ${answer.requestId.slice(0, MAX_WORDS)}`
  const said = [`${what} answered ${status}`, code, message, request].filter(Boolean).join(': ')

  if (status < 400) return new JustifiContractError(`${said}: redirects are not followed`)
  if (code === FINAL_CODE) return new JustifiRefusedError(said, { status, code })
  if (isTransient(answer, code)) {
    return new JustifiUnansweredError(said, {
      status,
      retryAfterMs: retryAfterMs(answer),
      retryable: answer.shouldRetry !== 'false',
    })
  }
  return new JustifiRefusedError(said, { status, code })
}

function isTransient({ status, shouldRetry }: Answer, code: string): boolean {
  if (status >= 500 || status === 408 || status === 409 || status === 429) return true
  return shouldRetry === 'true' || TRANSIENT_CODES.has(code)
}

/** JustiFi's code and message. Of a page, nothing: it is never shown nor logged. */
function wordsOf(answer: Answer): { code: string; message: string } {
  let body: unknown
  try {
    body = JSON.parse(answer.text)
  } catch {
    body = undefined
  }
  const { code, message } = ErrorBody.parse(body)
  return { code: code.slice(0, MAX_WORDS), message: message.slice(0, MAX_WORDS) }
}

/** Seconds, or a date, which only JustiFi's own clock can be set against. */
function retryAfterMs({ retryAfter, at }: Answer): number | undefined {
  if (!retryAfter) return undefined
  const wait = /^\d+$/.test(retryAfter)
    ? Number(retryAfter) * 1_000
    : Date.parse(retryAfter) - (at?.getTime() ?? Number.NaN)
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS)
}
