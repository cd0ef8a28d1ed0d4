import { CURRENCIES, type Currency, MAX_TOTAL_CENTS, MIN_TOTAL_CENTS } from '../../money.ts'
import type { Metadata } from '../records.ts'
import { ApiError } from './api-error.ts'

export type Parameters = Record<string, unknown>

/** Every problem is a 422 that names the parameter; only what is no JSON object is a 400. */
export function parseParameters(body: Buffer, known: readonly string[]): Parameters {
  const parameters = parseObject(body)
  const unexpected = Object.keys(parameters).find((name) => !known.includes(name))
  if (unexpected !== undefined) {
    throw invalid('unexpected_parameter', `Unexpected parameter: ${unexpected}`, unexpected)
  }
  return parameters
}

/** More than 50 and less than 100,000,000 cents, as JustiFi's error texts have it. */
export function amountOf(parameters: Parameters): number {
  const amount = wholeCentsOf(parameters)
  if (amount < MIN_TOTAL_CENTS) {
    throw invalid('amount_below_minimum', 'Amount must be greater than 50', 'amount')
  }
  if (amount > MAX_TOTAL_CENTS) {
    throw invalid('amount_above_maximum', 'Amount must be less than 100000000', 'amount')
  }
  return amount
}

/** Of any size and sign. */
export function wholeCentsOf({ amount }: Parameters): number {
  if (amount === undefined || amount === null) {
    throw invalid('amount_required', 'Amount is required', 'amount')
  }
  if (!Number.isInteger(amount)) {
    throw invalid('amount_must_be_an_integer', 'Amount must be an integer', 'amount')
  }
  return amount as number
}

export function currencyOf({ currency }: Parameters): Currency {
  if (currency === undefined || currency === null) {
    throw invalid('currency_required', 'Currency is required', 'currency')
  }
  const known = CURRENCIES.find((word) => word === currency)
  if (!known) {
    throw invalid(
      'currency_invalid',
      `Currency must be one of ${CURRENCIES.join(', ')}`,
      'currency',
    )
  }
  return known
}

/** What a caller may note on a record: as much of it as was sent. Null takes a note away. */
export function notesOf(parameters: Parameters): Notes {
  const description = textOf(parameters, 'description')
  const metadata = metadataOf(parameters)
  return {
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata }),
  }
}

export type Notes = { description?: string | null; metadata?: Metadata | null }

/** Undefined where it was not sent. */
function textOf(parameters: Parameters, name: string): string | null | undefined {
  const value = parameters[name]
  if (value === undefined || value === null || typeof value === 'string') return value
  throw invalid('parameter_invalid', `${name} must be a string`, name)
}

function metadataOf({ metadata }: Parameters): Metadata | null | undefined {
  if (metadata === undefined || metadata === null) return metadata
  if (typeof metadata === 'object' && !Array.isArray(metadata)) return metadata as Metadata
  throw invalid('parameter_invalid', 'metadata must be an object', 'metadata')
}

export function requiredTextOf(parameters: Parameters, name: string): string {
  const value = textOf(parameters, name)
  if (!value) throw invalid('parameter_missing', `${name} is required`, name)
  return value
}

/** An absolute URL of the web, kept as it was sent. */
export function webUrlOf(parameters: Parameters, name: string): string {
  const value = requiredTextOf(parameters, name)
  if (/^https?:\/\/[^/\\]/i.test(value) && URL.canParse(value)) return value
  throw invalid('parameter_invalid', `${name} must be an absolute http or https URL`, name)
}

export function invalid(code: string, message: string, param: string): ApiError {
  return new ApiError(422, code, message, param)
}

function parseObject(body: Buffer): Parameters {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Parameters
    }
  } catch {
    // Falls through to the one answer for everything that is no JSON object.
  }
  throw new ApiError(400, 'bad_request', 'The body must be a JSON object')
}
