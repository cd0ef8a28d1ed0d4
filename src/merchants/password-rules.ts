/** In characters. No rule about which ones: length is what helps. */
export const SHORTEST_PASSWORD = 8
/** Longer ones would only be work for whoever hashes them. */
export const LONGEST_PASSWORD = 128

export type PasswordProblem = 'missing' | 'short' | 'long' | 'common' | 'personal'

/**
 * Why a password cannot be taken; undefined where it can.
 *
 * @param about what somebody who guesses tries first: the user's name and e-mail, the shop's name
 */
export async function passwordProblem(
  password: string,
  about: readonly string[],
): Promise<PasswordProblem | undefined> {
  if (password === '') return 'missing'
  const { length } = [...password.normalize('NFC')]
  if (length < SHORTEST_PASSWORD) return 'short'
  if (length > LONGEST_PASSWORD) return 'long'
  const folded = password.normalize('NFC').toLowerCase()
  if (isOneCharacter(folded) || (await commonPasswords()).has(folded)) return 'common'
  if (about.some((text) => isAbout(folded, text))) return 'personal'
  return undefined
}

let common: Promise<ReadonlySet<string>> | undefined

/** The commonest ones of many leaks. Loaded with the first password that is set. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common']),
  )
  return common
}

function isOneCharacter(text: string): boolean {
  return new Set(text).size === 1
}

/** The text, with nothing but a few digits or signs around it. */
function isAbout(password: string, text: string): boolean {
  const bare = (of: string) => of.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const core = bare(password).replace(/^\d{0,4}|\d{0,4}$/g, '')
  const names = [text, ...text.split(/[@\s]/)].map(bare)
  return names.some((name) => name.length >= 4 && (bare(password) === name || core === name))
}
