import { wordsFor } from '../words/words.ts'

/** What views/shared/error-summary shows above the heading. Each links to its field's id. */
export type FormErrors = {
  title: string
  list: { field: string; text: string }[]
}

/** Undefined where nothing is wrong. The fields come in the order of the form. */
export function formErrors(
  language: string,
  problems: Record<string, string | undefined>,
): FormErrors | undefined {
  const list = Object.entries(problems).flatMap(([field, text]) => (text ? [{ field, text }] : []))
  return list.length > 0 ? { title: wordsFor(language).layout.problem, list } : undefined
}
