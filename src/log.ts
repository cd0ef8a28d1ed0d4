import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

// Whoever has an order's link has the order, and whoever has a user's link sets that user's
// password, so its token is as secret as a password.
const TOKEN = /\/(orders|password)\/[A-Za-z0-9_-]{20,}/gi

/** The path of a request or link, fit for a log: no token and no query string. */
export function loggablePath(url: string): string {
  return url.replace(/\?.*$/s, '').replace(TOKEN, '/$1/[token]').slice(0, 300)
}

/**
 * What an error may say in a log. An allow-list: errors carry request bodies (body-parser),
 * headers (axios) and parameters (pg) that must not be kept.
 */
export function loggableError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: loggableText(String(error)) }
  const { code, status } = error as Error & { code?: unknown; status?: unknown }
  return {
    name: error.name,
    message: loggableText(error.message),
    ...(typeof code === 'string' && { code }),
    ...(typeof status === 'number' && { status }),
    stack: error.stack && loggableText(error.stack, 4_000),
    ...(error.cause !== undefined && { cause: loggableError(error.cause) }),
  }
}

function loggableText(text: string, maxLength = 1_000): string {
  return text.replace(TOKEN, '/$1/[token]').slice(0, maxLength)
}

/** One JSON object a line, to standard output unless told otherwise. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: loggableError },
  }
  return destination ? pino(options, destination) : pino(options)
}
