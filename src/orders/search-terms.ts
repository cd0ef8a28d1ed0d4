import { searchText } from '../search-text.ts'

/** Texts that begin alike, for columns that are compared byte by byte: from, up to before. */
export type Prefix = { from: string; to: string }

/** What a text that was typed may be the beginning of, or the whole of. */
export type SearchTerms = {
  name: Prefix | null
  email: Prefix | null
  number: Prefix | null
  lastFour: string | null
  paymentId: string | null
  intentId: string | null
}

const NUMBER = /^[0-9A-Z]{1,8}$/
const LAST_FOUR = /^[•*.x\s]*(\d{4})$/i

/** Follows, byte by byte, whatever a text goes on with. */
const LAST = '\u{10FFFF}'

export function searchTerms(typed: string): SearchTerms {
  const text = searchText(typed)
  // Numbers are read out and typed in groups.
  const number = typed.replace(/[\s#-]/g, '').toUpperCase()
  const isId = /^p[yi]_[\w-]+$/.test(typed)

  return {
    name: isId ? null : prefix(text),
    email: isId || text.includes(' ') ? null : prefix(text),
    number: NUMBER.test(number) ? prefix(number) : null,
    lastFour: LAST_FOUR.exec(typed)?.[1] ?? null,
    paymentId: isId && typed.startsWith('py_') ? typed : null,
    intentId: isId && typed.startsWith('pi_') ? typed : null,
  }
}

/** Null for an empty text, with which every text begins. */
function prefix(text: string): Prefix | null {
  if (text === '') return null
  return { from: text, to: text + LAST }
}
