import { MAX_EMAIL_LENGTH } from '../../../email-address.ts'
import { ROLES, type Role, type User, type UserRights } from '../../../merchants/user.ts'
import { wordsFor } from '../../../words/words.ts'
import {
  type Contact,
  type ContactProblem,
  MAX_NAME_LENGTH,
  readContact,
} from '../../shop/contact-form.ts'
import { type TextField, textField } from '../../text-field.ts'
import { type ChecksField, type ChoiceField, withError } from '../fields.ts'

/** What a form says that somebody may do. `role` is undefined where none was chosen. */
export type RightsForm = Omit<UserRights, 'role'> & { role: Role | undefined }

export type InviteForm = RightsForm & { contact: Contact; problems: InviteProblems }
type InviteProblems = { name?: ContactProblem; email?: ContactProblem | 'taken'; role?: 'missing' }

export const NOBODY_YET: InviteForm = {
  role: 'staff',
  mayRefund: false,
  mayExport: false,
  contact: { name: '', email: '' },
  problems: {},
}

export function readRights(fields: Record<string, string>): RightsForm {
  const role = ROLES.find((one) => one === fields.role)
  return {
    role,
    // A viewer never refunds, and an owner has both in any case.
    mayRefund: fields.may_refund === 'yes' && role !== 'viewer',
    mayExport: fields.may_export === 'yes',
  }
}

export function readInvite(fields: Record<string, string>): InviteForm {
  const { contact, problems } = readContact(fields)
  const rights = readRights(fields)
  return {
    ...rights,
    contact,
    problems: { ...problems, ...(rights.role === undefined && { role: 'missing' as const }) },
  }
}

/** Rights as a page names those that it was made from, in a field that comes back with the form. */
export function rightsMark({ role, mayRefund, mayExport }: UserRights): string {
  return [role, mayRefund && 'refund', mayExport && 'export'].filter(Boolean).join(' ')
}

/** The rights that a page was made from; undefined where the form does not say. */
export function rightsSeen({ seen = '' }: Record<string, string>): UserRights | undefined {
  const [role, ...rights] = seen.split(' ')
  const known = ROLES.find((one) => one === role)
  return (
    known && {
      role: known,
      mayRefund: rights.includes('refund'),
      mayExport: rights.includes('export'),
    }
  )
}

export function rightsOf({ role, mayRefund, mayExport }: User): RightsForm {
  return { role, mayRefund, mayExport }
}

export function contactFields(language: string, { contact, problems }: InviteForm): TextField[] {
  const words = wordsFor(language).deskUsers.form
  const said = words.problems
  const nameWords = {
    missing: said.noName,
    too_long: said.longName(MAX_NAME_LENGTH),
    wrong: said.wrongName,
  }
  const emailWords = {
    missing: said.noEmail,
    too_long: said.longEmail(MAX_EMAIL_LENGTH),
    wrong: said.wrongEmail,
    taken: said.taken,
  }
  // Somebody else's: the browser must not fill in those of whoever invites.
  const field = { autocomplete: 'off' } as const
  return [
    textField(
      { ...field, id: 'name', label: words.name, type: 'text', value: contact.name },
      problems.name && nameWords[problems.name],
    ),
    textField(
      { ...field, id: 'email', label: words.email, type: 'email', value: contact.email },
      problems.email && emailWords[problems.email],
    ),
  ]
}

export function roleField(language: string, { role }: RightsForm, error?: string): ChoiceField {
  const { form, roles } = wordsFor(language).deskUsers
  const options = ROLES.map((value) => ({
    value,
    label: roles[value],
    hint: form.roleHints[value],
    checked: value === role,
  }))
  return withError<ChoiceField>({ id: 'role', label: form.role, options }, error)
}

export function rightsField(language: string, { mayRefund, mayExport }: RightsForm): ChecksField {
  const words = wordsFor(language).deskUsers.form
  return withError<ChecksField>({
    id: 'rights',
    label: words.rights,
    hint: words.rightsHint,
    boxes: [
      { name: 'may_refund', label: words.refund, checked: mayRefund },
      { name: 'may_export', label: words.export, checked: mayExport },
    ],
  })
}
