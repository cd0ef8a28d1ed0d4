import { hash, randomBytes, randomInt } from 'node:crypto'
import { v7 } from 'uuid'

/** A row's id: a UUID of version 7, so ids made later sort later, also within a millisecond. */
export function newId(): string {
  return v7()
}

/** 256 random bits, URL-safe: link tokens, form keys, secrets made at a start. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256 in lower-case hex: what is stored of a secret that is only ever looked up. */
export function fingerprint(secret: string): string {
  return hash('sha256', secret, 'hex')
}

// No 0/O, 1/I/L, U/V: an order number is read out over the telephone.
const NUMBER_ALPHABET = '23456789ABCDEFGHJKMNPQRSTWXYZ'
const NUMBER_LENGTH = 8

/** An order number for people, such as K7QM2XR4: 29^8 of them, so numbers are not in sequence. */
export function newOrderNumber(): string {
  return Array.from(
    { length: NUMBER_LENGTH },
    () => NUMBER_ALPHABET[randomInt(NUMBER_ALPHABET.length)],
  ).join('')
}
