/** What a path in SMTP may hold, less its brackets: RFC 5321, 4.5.3.1.3. */
export const MAX_EMAIL_LENGTH = 254

const EMAIL = /^[^\s@"(),:;<>[\\\]]{1,64}@[^\s@"(),:;<>[\\\]]+$/u
const DOMAIN_LABEL = /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u

/** Whether mail can be addressed to it: one address, at a domain with a dot, and nothing beside it. */
export function isEmail(text: string): boolean {
  if (text.length > MAX_EMAIL_LENGTH || !EMAIL.test(text)) return false
  const labels = text.slice(text.indexOf('@') + 1).split('.')
  return labels.length >= 2 && labels.every((label) => DOMAIN_LABEL.test(label))
}
