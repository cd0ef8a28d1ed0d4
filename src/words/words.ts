import { en } from './en/index.ts'

/** Every word that a page shows, in one language. English is the form that others must fill. */
export type Words = typeof en

const LANGUAGES = new Map<string, Words>([['en', en]])

/** Those that there is a message file for. */
export const LANGUAGE_NAMES: ReadonlyMap<string, string> = new Map([['en', 'English']])

/** The words of a shop's language; English where there is no message file for it. */
export function wordsFor(language: string): Words {
  return LANGUAGES.get(language) ?? en
}
