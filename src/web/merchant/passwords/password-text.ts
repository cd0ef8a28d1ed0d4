import {
  LONGEST_PASSWORD,
  type PasswordProblem,
  SHORTEST_PASSWORD,
} from '../../../merchants/password-rules.ts'
import { wordsFor } from '../../../words/words.ts'

export function passwordProblemText(language: string, problem: PasswordProblem): string {
  const words = wordsFor(language).deskUsers.password.problems
  if (problem === 'short') return words.short(SHORTEST_PASSWORD)
  if (problem === 'long') return words.long(LONGEST_PASSWORD)
  return words[problem]
}
