import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Why a delivery is refused. `missing` and `malformed` are the sender's form, `mismatch` its secret.
 */
export type SignatureProblem = 'missing' | 'malformed' | 'mismatch'

// The MAC covers `timestamp + "." + body` with no length in it, so a header that swallowed the
// body's beginning would give the same MAC. A timestamp can therefore hold no dot but the one of
// an ISO string's fraction, and only these two forms are read.
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$/
const UNIX = /^\d{10}(\d{3})?$/
const HEX_SHA256 = /^[0-9a-f]{64}$/

/** Lower-case hex HMAC-SHA256 over the timestamp as sent, a dot, and the raw body. */
export function signWebhook(
  secret: string,
  timestampHeader: string,
  body: Buffer | string,
): string {
  return createHmac('sha256', secret).update(`${timestampHeader}.`).update(body).digest('hex')
}

/**
 * Checks the headers JUSTIFI-SIGNATURE and JUSTIFI-TIMESTAMP against the raw bytes of a delivery,
 * in constant time, under each of the secrets (two while one is being replaced). No secret at all
 * refuses everything. The timestamp's age is not judged: retries run for 24 hours.
 */
export function webhookSignatureProblem(delivery: {
  secrets: readonly string[]
  timestamp: string | undefined
  signature: string | undefined
  body: Buffer
}): SignatureProblem | undefined {
  const { secrets, timestamp, signature, body } = delivery

  if (!timestamp || !signature) return 'missing'
  if (!ISO.test(timestamp) && !UNIX.test(timestamp)) return 'malformed'
  if (!HEX_SHA256.test(signature)) return 'mismatch'

  const received = Buffer.from(signature, 'hex')
  const matches = secrets.map((secret) =>
    timingSafeEqual(Buffer.from(signWebhook(secret, timestamp, body), 'hex'), received),
  )
  return matches.includes(true) ? undefined : 'mismatch'
}
