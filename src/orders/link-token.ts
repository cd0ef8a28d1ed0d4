import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { fingerprint, newSecret } from '../ids.ts'

/**
 * The secret in an order's link. Whoever has it has the order, so the database holds only its
 * SHA-256, to find the order, and a sealed copy, so that the link can be mailed again.
 */
export type LinkTokens = {
  issue(): { token: string; hash: string; sealed: string }
  /** The token of a sealed copy. Throws when no secret of the installation opens it. */
  unseal(sealed: string): string
}

const IV_BYTES = 12
const TAG_BYTES = 16

/** What a token looks like: 256 bits in base64url. Anything else need not be looked up. */
export const LINK_TOKEN = /^[A-Za-z0-9_-]{43}$/

export function hashLinkToken(token: string): string {
  return fingerprint(token)
}

/** Seals under the first secret, unseals under any of them: two while one is being replaced. */
export function createLinkTokens(secrets: readonly string[]): LinkTokens {
  // As kept keys: of bytes, each use would make one anew, which costs ten times the sealing.
  const keys = secrets.map((secret) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'order link token', 32))),
  )
  const [newest] = keys
  if (!newest) throw new Error('link tokens need a secret')

  return {
    issue() {
      const token = newSecret()
      return { token, hash: hashLinkToken(token), sealed: seal(newest, token) }
    },
    unseal(sealed) {
      for (const key of keys) {
        const token = open(key, sealed)
        if (token !== undefined) return token
      }
      throw new Error('no session secret opens this link token')
    },
  }
}

/** AES-256-GCM: iv, tag and ciphertext, in base64url. */
function seal(key: KeyObject, token: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const ciphertext = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64url')
}

function open(key: KeyObject, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  try {
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    const opened = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8')
    return opened + decipher.final('utf8')
  } catch {
    return undefined
  }
}
