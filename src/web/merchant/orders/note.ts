import { maskCardNumbers } from '../../../card-numbers.ts'

const LONGEST_NOTE = 500

/** What a person wrote about a decision, fit to be kept. */
export function noteOf(typed: string | undefined): string {
  return maskCardNumbers((typed ?? '').trim().slice(0, LONGEST_NOTE)).toWellFormed()
}
