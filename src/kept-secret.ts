import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { newSecret } from './ids.ts'

/**
 * A secret that is made once and kept in a file that only its owner may read, so that what it
 * signs outlives a restart. For installations that were given no secret of their own.
 *
 * @throws Error where the file is there and holds no secret
 */
export function keptSecret(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  makeOnce(path)

  const secret = readFileSync(path, 'utf8').trim()
  if (secret.length >= 32) return secret
  throw new Error(`${path} holds no secret: delete it, and a new one is made`)
}

/** Written whole under another name first: what has this name is never half a secret. */
function makeOnce(path: string): void {
  const draft = `${path}.${newSecret()}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, newSecret())
    fsyncSync(file)
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    closeSync(file)
    rmSync(draft)
  }
}
