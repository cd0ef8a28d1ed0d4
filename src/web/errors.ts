import { STATUS_CODES } from 'node:http'
import { types } from 'node:util'
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { AppContext } from '../context.ts'
import { isDatabaseUnavailable } from '../db/unavailable.ts'
import { AppError, type ErrorCode } from '../errors.ts'
import { loggablePath } from '../log.ts'
import { errorPage } from './errors/error-page.ts'
import { render } from './render.ts'

type Failure = { status: number; code: ErrorCode; retryAfterSeconds?: number | undefined }

const UNEXPECTED: Failure = { status: 500, code: 'internal' }
const DATABASE_DOWN: Failure = { status: 503, code: 'unavailable', retryAfterSeconds: 10 }

/** What the answer that failed may have set already, and what this one must not keep of it. */
const HEADERS_OF_AN_ANSWER = [
  'Content-Type',
  'Content-Length',
  'Content-Encoding',
  'Content-Disposition',
  'ETag',
  'Location',
]

const MACHINE_PATH = /^\/(webhooks\/|healthz$|readyz$|metrics$)|\.json$/
const ORDER_PATH = /^\/orders\/[A-Za-z0-9_-]{43}(?=\/|$)/

/** The one place where a failure becomes an answer. */
export function errorHandler(ctx: Pick<AppContext, 'log' | 'justifi'>): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const failure = failureOf(error)
    const requestId = String(req.id)
    if (failure.status >= 500) {
      const path = loggablePath(req.originalUrl)
      ctx.log.error({ err: error, requestId, method: req.method, path }, 'a request failed')
    }

    if (res.headersSent) {
      res.destroy()
      return
    }
    for (const name of HEADERS_OF_AN_ANSWER) res.removeHeader(name)
    res.setHeader('Cache-Control', 'no-store')
    if (failure.retryAfterSeconds !== undefined) {
      res.setHeader('Retry-After', failure.retryAfterSeconds)
    }

    if (MACHINE_PATH.test(req.path)) answerMachine(res, failure, requestId)
    else answerPerson(ctx, req, res, failure, requestId)
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return error
  if (isDatabaseUnavailable(error)) return DATABASE_DOWN

  const status = clientFault(error)
  if (status === undefined) return UNEXPECTED
  if (status === 413) return { status, code: 'too_large' }
  return { status, code: 'bad_request' }
}

/**
 * The status of an error by which Express or its body parser blame the request: a URL or body that
 * cannot be decoded, is too long, or breaks off. Other errors may bear a status of another kind.
 */
function clientFault(error: unknown): number | undefined {
  if (!types.isNativeError(error)) return undefined
  const { status, expose } = error as { status?: unknown; expose?: unknown }
  const isBlame = expose === true || error.name === 'URIError'
  return isBlame && typeof status === 'number' && status < 500 ? status : undefined
}

function answerMachine(res: Response, { status, code }: Failure, requestId: string): void {
  res.status(status).json({ error: code, request_id: requestId })
}

function answerPerson(
  ctx: Pick<AppContext, 'log' | 'justifi'>,
  req: Request,
  res: Response,
  { status, code, retryAfterSeconds }: Failure,
  requestId: string,
): void {
  // Who was about to pay has to look at the order before paying again.
  const orderUrl = status >= 500 ? ORDER_PATH.exec(req.path)?.[0] : undefined
  try {
    const page = errorPage({ ctx, status, code, requestId, retryAfterSeconds, orderUrl })
    render(res, 'errors/error', page, status)
  } catch (err) {
    ctx.log.error({ err, requestId }, 'the error page itself failed')
    res.status(status).type('text').end(STATUS_CODES[status])
  }
}
