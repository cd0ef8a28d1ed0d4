import { maskCardNumbers } from '../../../card-numbers.ts'

/** In UTF-16 code units, as browsers count. */
export const LONGEST_NOTE = 500

export type NoteProblem = 'missing' | 'too_long'

/**
 * What a person wrote about a decision, fit to be kept where it has no problem. What is too long
 * stays whole, to be shortened by whoever wrote it.
 */
export function readNote(typed = ''): { note: string; problem?: NoteProblem } {
  // Browsers send a line break as two characters, and count it as one.
  const text = typed.toWellFormed().replaceAll('\r\n', '\n').trim()
  const note = maskCardNumbers(text)
  if (text === '') return { note, problem: 'missing' }
  return text.length > LONGEST_NOTE ? { note, problem: 'too_long' } : { note }
}
