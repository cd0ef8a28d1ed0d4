import { createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { signWebhook, webhookSignatureProblem } from '../src/justifi/webhook-signature.ts'

// Worked out with openssl over these very bytes; `\\u0026` is a literal escape in the body.
const SECRET = 'sigk_demo_7c1f0a'
const BODY = Buffer.from(
  '{"id":"evt_4nQx7LmP2","account_id":"acc_9TzKfW1","account_type":"test",' +
    '"platform_account_id":"acc_2PlatRm8","idempotency_key":null,"request_id":"req_6HbVn3",' +
    '"version":"v1","data":{"id":"pi_8sLkQ2","amount":2599,"currency":"usd",' +
    '"description":"Tea \\u0026 cups","status":"succeeded"},' +
    '"event_name":"payment_intent.succeeded"}',
)
const ISO = {
  timestamp: '2025-03-14T09:26:53Z',
  signature: 'bb72f57364534461f168a865a18088a217a723dbb4aadd310ebd132bdf63bb6c',
}
const UNIX = {
  timestamp: '1741944413',
  signature: 'f77d081a029d40c0268947b47271ade08d0be3607108490ba0d14413e09ec659',
}
const RESERIALISED = 'e74213a1e9a079e248f3d59a90b495013bb5593c149d1fa3ac156069d4276692'

const { event_name, ...rest } = JSON.parse(BODY.toString())
const reordered = Buffer.from(JSON.stringify({ event_name, ...rest }))

type Delivery = Parameters<typeof webhookSignatureProblem>[0]

function problem(changes: Partial<Delivery> = {}) {
  return webhookSignatureProblem({ secrets: [SECRET], body: BODY, ...ISO, ...changes })
}

describe('the signature of a webhook', () => {
  it('is that of the two known vectors, over the timestamp as sent', () => {
    expect(BODY).toHaveLength(322)
    for (const { timestamp, signature } of [ISO, UNIX]) {
      expect(signWebhook(SECRET, timestamp, BODY)).toBe(signature)
      expect(problem({ timestamp, signature })).toBeUndefined()
    }
  })

  it('takes milliseconds, fractions and offsets in the timestamp', () => {
    for (const timestamp of [
      '1741944413123',
      '2025-03-14T09:26:53.123Z',
      '2025-03-14T09:26:53+02:00',
      '2025-03-14T09:26:53-0500',
    ]) {
      expect(
        problem({ timestamp, signature: signWebhook(SECRET, timestamp, BODY) }),
      ).toBeUndefined()
    }
  })

  it('takes a right signature on an old timestamp: retries run for a day', () => {
    const timestamp = '2001-01-01T00:00:00Z'
    expect(problem({ timestamp, signature: signWebhook(SECRET, timestamp, BODY) })).toBeUndefined()
  })

  it('W08: takes either secret while one is being replaced, and the old one no longer after', () => {
    expect(problem({ secrets: ['sigk_new', SECRET] })).toBeUndefined()
    expect(problem({ secrets: [SECRET, 'sigk_new'] })).toBeUndefined()
    expect(problem({ secrets: ['sigk_new'] })).toBe('mismatch')
  })

  it('refuses everything where no secret is set', () => {
    expect(problem({ secrets: [] })).toBe('mismatch')
  })

  it('refuses the body parsed and written again', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())))

    expect(signWebhook(SECRET, ISO.timestamp, again)).toBe(RESERIALISED)
    expect(problem({ signature: RESERIALISED })).toBe('mismatch')
    expect(problem({ body: again })).toBe('mismatch')
  })

  it.each([
    ['no signature', { signature: undefined }],
    ['an empty signature', { signature: '' }],
    ['no timestamp', { timestamp: undefined }],
    ['an empty timestamp', { timestamp: '' }],
  ])('W01: refuses %s as missing', (_, change) => {
    expect(problem(change)).toBe('missing')
  })

  it.each([
    ['of zeros', '0'.repeat(64)],
    ['too short', ISO.signature.slice(1)],
    ['too long', `${ISO.signature}0`],
    ['in capitals', ISO.signature.toUpperCase()],
    ['not hexadecimal', 'z'.repeat(64)],
    ['with a prefix', `sha256=${ISO.signature}`],
    ['twice over', `${ISO.signature}, ${ISO.signature}`],
    ['with a line break', `${ISO.signature}\n`],
    ['in characters of several bytes', 'é'.repeat(64)],
    ['of a megabyte', 'a'.repeat(1_000_000)],
  ])('W02: refuses a signature %s, and does not throw', (_, signature) => {
    expect(problem({ signature })).toBe('mismatch')
  })

  it.each([
    ['another timestamp', { timestamp: UNIX.timestamp }],
    ['the same moment written otherwise', { timestamp: '2025-03-14T09:26:53.000Z' }],
    ['keys in another order', { body: reordered }],
    ['added white space', { body: Buffer.from(`${BODY} `) }],
    ['a byte order mark', { body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), BODY]) }],
    ['an escape resolved', { body: Buffer.from(BODY.toString().replace('\\u0026', '&')) }],
    ['no body', { body: Buffer.alloc(0) }],
  ])('W04: refuses %s', (_, change) => {
    expect(problem(change)).toBe('mismatch')
  })

  it('W05: refuses a timestamp that has lent its end to the body, though the MAC is right', () => {
    const signature = createHmac('sha256', SECRET)
      .update('2024-01-01T00:00:00.123Z.{"a":1}')
      .digest('hex')
    const shifted = {
      timestamp: '2024-01-01T00:00:00',
      body: Buffer.from('123Z.{"a":1}'),
      signature,
    }

    expect(problem(shifted)).toBe('malformed')
    expect(
      problem({ ...shifted, timestamp: '2024-01-01T00:00:00.123Z', body: Buffer.from('{"a":1}') }),
    ).toBeUndefined()
  })

  it('W05: refuses every other place at which the message could be cut', () => {
    const message = `${ISO.timestamp}.${BODY}`
    for (let cut = 0; cut < message.length; cut++) {
      if (message[cut] !== '.' || cut === ISO.timestamp.length) continue
      const shifted = {
        timestamp: message.slice(0, cut),
        body: Buffer.from(message.slice(cut + 1)),
      }
      expect(problem(shifted)).toBe('malformed')
    }
  })

  it.each([
    'yesterday',
    '2025-03-14',
    '174194441',
    '17419444130',
    '2025-03-14T09:26:53',
    ' 1741944413',
  ])('refuses the timestamp %p as malformed, however well it is signed', (timestamp) => {
    const signature = signWebhook(SECRET, timestamp, BODY)
    expect(problem({ timestamp, signature })).toBe('malformed')
  })

  it('holds for any secret and any bytes, and for no single changed bit', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        (secret, bytes, at) => {
          const body = Buffer.from(bytes)
          const signature = signWebhook(secret, ISO.timestamp, body)
          const delivery = { secrets: [secret], timestamp: ISO.timestamp, signature, body }
          expect(webhookSignatureProblem(delivery)).toBeUndefined()

          const changedBody = flipped(body, at % (body.length * 8))
          expect(webhookSignatureProblem({ ...delivery, body: changedBody })).toBe('mismatch')

          const mac = flipped(Buffer.from(signature, 'hex'), at % 256).toString('hex')
          expect(webhookSignatureProblem({ ...delivery, signature: mac })).toBe('mismatch')
        },
      ),
    )
  })
})

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
