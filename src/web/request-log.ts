import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import { pinoHttp } from 'pino-http'
import { type Logger, loggablePath } from '../log.ts'

/** Asked for often and told by few: a line of these is written only at level `debug`. */
const QUIET = /^\/(assets\/|healthz|readyz|metrics)/

/**
 * Gives each request an id, which its answer names in X-Request-Id, and writes a line when it is
 * over. Method, path without token and query, status, time: nothing that came with it is kept.
 */
export function requestLog(log: Logger): RequestHandler {
  return pinoHttp<IncomingMessage & { originalUrl?: string }>({
    logger: log,
    wrapSerializers: false,
    serializers: {
      req: (req) => ({
        id: req.id,
        method: req.method,
        path: loggablePath(req.originalUrl ?? req.url),
      }),
      res: (res: ServerResponse) => ({ status: res.statusCode }),
    },
    genReqId: (_req, res) => {
      const id = randomUUID()
      res.setHeader('X-Request-Id', id)
      return id
    },
    customLogLevel: (req, res) => {
      if (res.statusCode >= 500) return 'warn'
      return QUIET.test(req.originalUrl ?? '') ? 'debug' : 'info'
    },
    // The error itself is written once, by the error handler.
    customErrorObject: (_req, _res, _error, { res, responseTime }) => ({ res, responseTime }),
    customErrorMessage: () => 'request completed',
  })
}
