import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sabotage } from './sabotages.ts'

/**
 * The files of a tree as a sabotage would leave them; undefined where what it replaces is not there
 * once. It writes nothing.
 */
export function sabotaged(
  root: string,
  { edits }: Sabotage,
): { path: string; text: string }[] | undefined {
  const texts = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const path = join(root, file)
    const parts = (texts.get(path) ?? readFileSync(path, 'utf8')).split(find)
    if (parts.length !== 2) return undefined
    texts.set(path, parts.join(replace))
  }
  return [...texts].map(([path, text]) => ({ path, text }))
}
