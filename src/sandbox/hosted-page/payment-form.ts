import type { BankAccountDetails, CardDetails } from '../paying/new-payment.ts'
import { findTestBankAccount, TEST_ROUTING_NUMBER } from '../paying/test-bank-accounts.ts'
import { findTestCard, hasValidCheckDigit } from '../paying/test-cards.ts'

/** What came in, as it came in. Every field may be missing. */
export type FormFields = Record<FieldName, string>

export const FIELD_NAMES = [
  'method',
  'number',
  'month',
  'year',
  'verification',
  'name',
  'postal_code',
  'routing_number',
  'account_number',
  'account_owner_name',
] as const
export type FieldName = (typeof FIELD_NAMES)[number]

/** Why a form was not sent on. `code` is JustiFi's. */
export type FieldProblem = { field: FieldName; code: string; message: string }

export type FormResult =
  | { kind: 'card'; card: CardDetails }
  | { kind: 'bank_account'; account: BankAccountDetails }
  | { kind: 'invalid'; problems: FieldProblem[] }

export function fieldsOf(form: unknown): FormFields {
  const sent = (form ?? {}) as Record<string, unknown>
  const entries = FIELD_NAMES.map((name) => {
    const value = sent[name]
    return [name, typeof value === 'string' ? value.trim().slice(0, 200) : '']
  })
  return Object.fromEntries(entries)
}

/** Checks a form as far as it can be checked before a bank is asked. */
export function checkForm(fields: FormFields, now: Date, takesBankAccounts: boolean): FormResult {
  if (fields.method === 'bank_account' && takesBankAccounts) return checkBankAccount(fields)
  if (fields.method === 'card' || fields.method === '') return checkCard(fields, now)
  return invalid([problem('method', 'payment_method_required', 'Choose how to pay.')])
}

function checkCard(fields: FormFields, now: Date): FormResult {
  const number = fields.number.replace(/[ -]/g, '')
  const month = Number(fields.month)
  const year = Number(fields.year.length === 2 ? `20${fields.year}` : fields.year)
  const testCard = findTestCard(number)
  const problems = [
    numberProblem(number),
    expiryProblem(fields, month, year, now),
    verificationProblem(fields.verification, testCard?.brand === 'American Express' ? 4 : 3),
  ].filter((found) => found !== undefined)

  if (problems.length > 0 || !testCard) return invalid(problems)
  const name = fields.name || null
  const postalCode = fields.postal_code || null
  return { kind: 'card', card: { testCard, month, year, name, postalCode } }
}

function numberProblem(number: string): FieldProblem | undefined {
  if (number === '') return problem('number', 'card_number_required', 'Enter a card number.')
  if (!/^\d{13,19}$/.test(number) || !hasValidCheckDigit(number)) {
    return problem('number', 'card_number_invalid', 'The card number is not valid.')
  }
  // A sandbox must never take a card that someone could be charged for.
  if (!findTestCard(number)) {
    return problem('number', 'card_number_invalid', 'Only test cards are taken here.')
  }
  return undefined
}

function expiryProblem(
  fields: FormFields,
  month: number,
  year: number,
  now: Date,
): FieldProblem | undefined {
  if (!/^\d{1,2}$/.test(fields.month) || month < 1 || month > 12) {
    return problem('month', 'invalid_expiry_month', 'Enter the expiry month, from 01 to 12.')
  }
  if (!/^(\d{2}|\d{4})$/.test(fields.year)) {
    return problem('year', 'invalid_expiry_year', 'Enter the expiry year, such as 2030.')
  }
  // A card is good until the last moment of its month.
  if (Date.UTC(year, month, 1) <= now.getTime()) {
    return problem('month', 'expired_card', 'The card has expired.')
  }
  return undefined
}

function verificationProblem(verification: string, digits: number): FieldProblem | undefined {
  if (verification.length === digits && /^\d+$/.test(verification)) return undefined
  return problem('verification', 'invalid_cvc', `The security code has ${digits} digits.`)
}

function checkBankAccount(fields: FormFields): FormResult {
  const number = fields.account_number.replace(/[ -]/g, '')
  const ownerName = fields.account_owner_name
  const problems = [
    fields.routing_number !== TEST_ROUTING_NUMBER &&
      problem('routing_number', 'routing_number_invalid', `Enter ${TEST_ROUTING_NUMBER}.`),
    !findTestBankAccount(number) &&
      problem('account_number', 'account_number_invalid', 'Only test accounts are taken here.'),
    ownerName === '' &&
      problem('account_owner_name', 'account_owner_name_required', 'Enter the owner’s name.'),
  ].filter((found) => found !== false)

  return problems.length > 0
    ? invalid(problems)
    : { kind: 'bank_account', account: { number, ownerName } }
}

function problem(field: FieldName, code: string, message: string): FieldProblem {
  return { field, code, message }
}

function invalid(problems: FieldProblem[]): FormResult {
  return { kind: 'invalid', problems }
}
