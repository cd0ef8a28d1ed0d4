import { type Request, type RequestHandler, urlencoded } from 'express'
import { AppError, BadRequestError } from '../errors.ts'

export class FormTooLargeError extends AppError {
  override name = 'FormTooLargeError'
  readonly status = 413
  readonly code = 'too_large'
}

const MAX_BYTES = 32 * 1024
const MAX_FIELDS = 100

const parse = urlencoded({
  extended: false,
  limit: MAX_BYTES,
  parameterLimit: MAX_FIELDS,
  inflate: false,
})

/** Reads the body of a form. Only for routes that take one. */
export const formBody: RequestHandler = (req, res, next) => {
  // The parser would read all of it before it answers.
  if (Number(req.headers['content-length']) > MAX_BYTES) {
    throw new FormTooLargeError('the form announces more than 32 kB')
  }
  parse(req, res, next)
}

/**
 * The fields of a form that `formBody` has read, each given once.
 *
 * @throws BadRequestError for a field given twice, or with a NUL, which PostgreSQL does not store
 */
export function formFields(req: Request): Record<string, string> {
  const fields = Object.entries<unknown>(req.body ?? {})
  const bad = fields.find(([, value]) => typeof value !== 'string' || value.includes('\0'))
  if (bad) throw new BadRequestError('a field is given twice, or holds a NUL')
  return Object.fromEntries(fields as [string, string][])
}

/** The version of a row that a form was made for; 0, which no row has, for what is none. */
export function versionIn({ version = '' }: Record<string, string>): number {
  return /^\d{1,9}$/.test(version) ? Number(version) : 0
}
