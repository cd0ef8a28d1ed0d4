import { types } from 'node:util'

/** SQLITE_BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL and CANTOPEN: the low byte of `errcode`. */
const SQLITE_CODES = [5, 6, 8, 10, 11, 13, 14]

/**
 * SQLSTATEs of a server that cannot serve now: lost connection, no resources, shut down or timed
 * out, system error, lock time-out, read only. Beside them, what the network says of it.
 */
const POSTGRES_CODES = /^(08...|53...|57...|58...|55P03|25006)$/
const NETWORK_CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN)$/

/** pg gives these no code. */
const POSTGRES_MESSAGES = /^(Connection terminated|timeout exceeded when trying to connect)/

/** SQLSTATEs of a server that does not let us in: wrong password, or no such user or database. */
const REFUSED_CODES = /^(28...|3D000)$/

/** A sentence for the operator where the database cannot be used; undefined for another fault. */
export function databaseTrouble(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const isRefused = typeof code === 'string' && REFUSED_CODES.test(code)
  if (!isRefused && !isDatabaseUnavailable(error)) return undefined
  return `The database cannot be used (${message || code}): check DATABASE_URL and DATA_DIR.`
}

/** Whether a query failed because the database cannot work now, rather than for what was asked. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!types.isNativeError(error)) return false
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }

  if (code === 'ERR_SQLITE_ERROR') return SQLITE_CODES.includes(Number(errcode) & 0xff)
  if (typeof code !== 'string') return POSTGRES_MESSAGES.test(error.message)
  return POSTGRES_CODES.test(code) || NETWORK_CODES.test(code)
}
