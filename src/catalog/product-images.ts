import { createHash } from 'node:crypto'
import { timestamp } from '../clock.ts'
import type { Db } from '../db/database.ts'

export const MAX_IMAGE_BYTES = 1024 * 1024
/** On each side. What unpacks to more costs those who look at it. */
export const MAX_IMAGE_PIXELS = 6_000

export type ImageProblem = 'kind' | 'size' | 'dimensions'
type Image = { type: string; width: number; height: number }

/**
 * What a picture is, by its bytes alone: neither its name nor what a browser calls it counts.
 * Undefined for everything but PNG, JPEG and WebP; SVG is a document that can run scripts.
 */
export function readImage(bytes: Uint8Array): Image | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return readPng(view) ?? readWebp(view) ?? readJpeg(view)
}

export function imageProblem(bytes: Uint8Array): ImageProblem | undefined {
  if (bytes.byteLength > MAX_IMAGE_BYTES) return 'size'
  const image = readImage(bytes)
  if (!image) return 'kind'
  const { width, height } = image
  const isSane = (side: number) => side > 0 && side <= MAX_IMAGE_PIXELS
  return isSane(width) && isSane(height) ? undefined : 'dimensions'
}

/** Where a picture is served once it is stored, below /assets; the same bytes have the same path. */
export function imagePath(bytes: Uint8Array): string {
  return `uploads/${hashOf(bytes)}`
}

export async function storeImage(
  db: Db,
  merchantId: string,
  bytes: Uint8Array,
  at: Date,
): Promise<void> {
  const type = readImage(bytes)?.type
  if (!type) throw new Error('not a picture')
  const hash = hashOf(bytes)
  await db
    .insertInto('product_images')
    .values({ merchant_id: merchantId, hash, type, bytes, created_at: timestamp(at) })
    .onConflict((conflict) => conflict.columns(['merchant_id', 'hash']).doNothing())
    .execute()
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Whoever brought it: what has the hash is the same to the byte. */
export async function findImage(
  db: Db,
  hash: string,
): Promise<{ type: string; bytes: Uint8Array } | undefined> {
  return db
    .selectFrom('product_images')
    .select(['type', 'bytes'])
    .where('hash', '=', hash)
    .limit(1)
    .executeTakeFirst()
}

/** IHDR is the first chunk: its length, its name, width and height. */
function readPng(bytes: Buffer): Image | undefined {
  const isPng = bytes.length >= 33 && bytes.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n'
  if (!isPng || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** Three forms: lossy, lossless, and extended, which says the size of its canvas. */
function readWebp(bytes: Buffer): Image | undefined {
  const text = (from: number) => bytes.toString('latin1', from, from + 4)
  if (bytes.length < 30 || text(0) !== 'RIFF' || text(8) !== 'WEBP') return undefined

  const type = 'image/webp'
  switch (text(12)) {
    case 'VP8 ':
      return {
        type,
        width: bytes.readUInt16LE(26) & 0x3fff,
        height: bytes.readUInt16LE(28) & 0x3fff,
      }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { type, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}

/** Segments one after the other, until one that begins a frame. */
function readJpeg(bytes: Buffer): Image | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined

  let at = 2
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) {
      return {
        type: 'image/jpeg',
        height: bytes.readUInt16BE(at + 5),
        width: bytes.readUInt16BE(at + 7),
      }
    }
    // A filler before a marker is a byte of its own.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
