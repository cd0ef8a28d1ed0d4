/**
 * A failure that was foreseen and can be explained. Anything else is a bug and renders as a 500.
 * `message` is for the log; the person reads the words that the message file has for `code`.
 */
export abstract class AppError extends Error {
  abstract readonly status: number
  abstract readonly code: ErrorCode
  /** Seconds after which trying again makes sense; sent as Retry-After. */
  readonly retryAfterSeconds: number | undefined = undefined
}

/** Each has its words in the message files. */
export type ErrorCode =
  | 'bad_request'
  | 'forbidden'
  | 'not_allowed'
  | 'page_not_found'
  | 'order_not_found'
  | 'method_not_allowed'
  | 'too_large'
  | 'too_many_requests'
  | 'payment_page_unavailable'
  | 'unavailable'
  | 'internal'

export class BadRequestError extends AppError {
  override name = 'BadRequestError'
  readonly status = 400
  readonly code = 'bad_request'
}

export class ForbiddenError extends AppError {
  override name = 'ForbiddenError'
  readonly status = 403
  readonly code = 'forbidden'
}

/** Somebody who is signed in lacks the right. */
export class NotAllowedError extends AppError {
  override name = 'NotAllowedError'
  readonly status = 403
  readonly code = 'not_allowed'
}

export class PageNotFoundError extends AppError {
  override name = 'PageNotFoundError'
  readonly status = 404
  readonly code = 'page_not_found'
}

export class OrderNotFoundError extends AppError {
  override name = 'OrderNotFoundError'
  readonly status = 404
  readonly code = 'order_not_found'
}

export class MethodNotAllowedError extends AppError {
  override name = 'MethodNotAllowedError'
  readonly status = 405
  readonly code = 'method_not_allowed'
}

export class TooManyRequestsError extends AppError {
  override name = 'TooManyRequestsError'
  readonly status = 429
  readonly code = 'too_many_requests'

  override readonly retryAfterSeconds: number

  constructor(message: string, retryAfterSeconds: number) {
    super(message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}
