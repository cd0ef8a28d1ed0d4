import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../errors.ts'

/** As OWASP's password storage cheat sheet gives for argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const TAG_BYTES = 32
const SALT_BYTES = 16

/**
 * Each hash takes a thread of the pool that files and DNS use too, and 19 MiB. So two at a time,
 * and a short queue: a flood of sign-ins must not hold up those who pay.
 */
const AT_ONCE = 2
const QUEUE = 20

export class TooManySignInsError extends AppError {
  override name = 'TooManySignInsError'
  readonly status = 503
  readonly code = 'unavailable'
  override readonly retryAfterSeconds = 5
}

const FORMAT = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

const derive = promisify(argon2)

/**
 * Hashes a password with a salt of its own, in the PHC string format.
 *
 * @throws TooManySignInsError where too many are waiting
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await tagOf(password, salt, COST)
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

/**
 * Whether a password is the one that was hashed. Takes as long where there is no hash to compare
 * with, so that nobody learns from the time whether an account is there.
 *
 * @throws TooManySignInsError where too many are waiting
 */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] = FORMAT.exec(hash ?? '') ?? []
  if (memory === undefined) {
    await tagOf(password, randomBytes(SALT_BYTES), COST)
    return false
  }
  const cost = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  }
  const expected = Buffer.from(tag, 'base64')
  return timingSafeEqual(await tagOf(password, Buffer.from(salt, 'base64'), cost), expected)
}

/** Whether a hash was made at another cost than today's, and is worth making anew. */
export function isOutdated(hash: string): boolean {
  return !hash.startsWith(`$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$`)
}

const waiting: (() => void)[] = []
let running = 0

async function tagOf(password: string, nonce: Buffer, cost: typeof COST): Promise<Buffer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= QUEUE) throw new TooManySignInsError('too many passwords to check')
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running++
  }
  try {
    const message = password.normalize('NFC')
    return await derive('argon2id', { ...cost, message, nonce, tagLength: TAG_BYTES })
  } finally {
    // The place goes to the next in the queue, if there is one.
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
