import { createHash, randomBytes } from 'node:crypto'

/** Makes the ids of records. */
export type IdSource = {
  /** Such as `pi_4Kd0zPq8sVb2Yt6NwEr1Xm`. */
  next(prefix: IdPrefix): string
  /** 64 lower-case hex characters, as checkout sessions have. */
  nextHex(): string
}

export type IdPrefix =
  | 'pi'
  | 'py'
  | 'pm'
  | 're'
  | 'dp'
  | 'ft'
  | 'pyfee'
  | 'evt'
  | 'del'
  | 'req'
  | 'fault'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const LENGTH = 22

/**
 * With a seed, the nth id of each prefix is always the same one; without, ids are random.
 *
 * @param start how often the same journal was opened before: a restarted sandbox goes on to new ids
 */
export function createIdSource(seed: string | number | undefined, start = 0): IdSource {
  const drawn = new Map<string, number>()

  const bytes = (kind: string): Buffer => {
    if (seed === undefined) return randomBytes(32)
    const count = (drawn.get(kind) ?? 0) + 1
    drawn.set(kind, count)
    return createHash('sha256').update(`${seed}/${start}/${kind}/${count}`).digest()
  }

  return {
    next: (prefix) => `${prefix}_${toLetters(bytes(prefix))}`,
    nextHex: () => bytes('hex').toString('hex'),
  }
}

function toLetters(bytes: Buffer): string {
  return Array.from(bytes.subarray(0, LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('')
}
