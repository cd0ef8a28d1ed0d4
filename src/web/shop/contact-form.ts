import { maskCardNumbers } from '../../card-numbers.ts'
import { isEmail, MAX_EMAIL_LENGTH } from '../../email-address.ts'

export const MAX_NAME_LENGTH = 100

export type Contact = { name: string; email: string }
export type ContactProblem = 'missing' | 'too_long' | 'wrong'
export type ContactForm = {
  /** Trimmed, in NFC, without card numbers: fit to be stored, and to be shown again. */
  contact: Contact
  problems: { [Field in keyof Contact]?: ContactProblem }
}

// Line breaks and other controls, which could add a header to a mail, and the marks that turn the
// direction of the text after them.
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Reads name and e-mail of a form. Length comes first, so that no check works on more than that. */
export function readContact(fields: Record<string, string>): ContactForm {
  const name = readField(fields.name, MAX_NAME_LENGTH)
  const email = readField(fields.email, MAX_EMAIL_LENGTH)
  const emailProblem = email.problem ?? (isEmail(email.value) ? undefined : 'wrong')

  return {
    contact: { name: maskCardNumbers(name.value), email: maskCardNumbers(email.value) },
    problems: {
      ...(name.problem && { name: name.problem }),
      ...(emailProblem && { email: emailProblem }),
    },
  }
}

/** One line of text: trimmed, in NFC, with nothing in it that could act on what is around it. */
export function readField(
  given = '',
  maxLength: number,
): { value: string; problem?: ContactProblem } {
  // NFC makes text shorter, if anything; what is far too long need not be composed to know.
  const text = given.slice(0, maxLength * 4)
  const value = text.toWellFormed().normalize('NFC').trim()
  const inert = value.replace(CONTROLS, '')

  if (value === '') return { value, problem: 'missing' }
  if (value.length > maxLength || text !== given) {
    return { value: inert.slice(0, maxLength), problem: 'too_long' }
  }
  if (inert !== value || !text.isWellFormed()) return { value: inert, problem: 'wrong' }
  return { value }
}
