import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { RequestHandler } from 'express'
import { PageNotFoundError } from '../errors.ts'

export type Assets = {
  /** The URL of a file below public/, with its version: `shop.css` → `/assets/shop.css?v=…`. */
  url(path: string): string
  /** Answers GET /assets/*. */
  serve: RequestHandler
}

type Encoding = 'br' | 'gzip' | 'identity'

type Asset = {
  version: string
  type: string
  bodies: Record<Encoding, Buffer>
}

const TYPES: Record<string, { type: string; text: boolean }> = {
  '.css': { type: 'text/css; charset=utf-8', text: true },
  '.js': { type: 'text/javascript; charset=utf-8', text: true },
  '.svg': { type: 'image/svg+xml', text: true },
  '.txt': { type: 'text/plain; charset=utf-8', text: true },
  '.png': { type: 'image/png', text: false },
  '.jpg': { type: 'image/jpeg', text: false },
  '.webp': { type: 'image/webp', text: false },
  '.ico': { type: 'image/x-icon', text: false },
}

const PREFIX = '/assets/'
const MAX_BYTES = 512 * 1024
/** Brotli's highest takes ten times as long for a twentieth less, and the shop waits for it. */
const BROTLI_QUALITY = 9

const FOR_EVER = 'public, max-age=31536000, immutable'
const FOR_A_MINUTE = 'public, max-age=60'

/**
 * Reads `publicDir` into memory, but for the folders named in `except`, and compresses what is
 * text. A request is only looked up in what was read: no path is made of what it says.
 *
 * @throws Error for a file that is too large or of a kind that is not served
 */
export function loadAssets(publicDir: string, except: readonly string[] = []): Assets {
  const assets = new Map(
    filesIn(publicDir)
      .filter((path) => !except.includes(path.split('/')[0] ?? ''))
      .map((path) => [PREFIX + path, loadAsset(publicDir, path)]),
  )

  return {
    url(path) {
      const url = PREFIX + path.replace(/^\//, '')
      const version = assets.get(url)?.version
      return version ? `${url}?v=${version}` : url
    },
    serve(req, res) {
      const asset = assets.get(req.path)
      if (!asset) throw new PageNotFoundError('no such asset')

      const encoding = (req.acceptsEncodings(['br', 'gzip', 'identity']) || 'identity') as Encoding
      const body = asset.bodies[encoding]
      res.setHeader('Cache-Control', req.query.v === asset.version ? FOR_EVER : FOR_A_MINUTE)
      res.setHeader('ETag', `W/"${asset.version}"`)
      res.vary('Accept-Encoding')
      if (req.fresh) {
        res.statusCode = 304
        res.end()
        return
      }
      if (body !== asset.bodies.identity) res.setHeader('Content-Encoding', encoding)
      res.setHeader('Content-Type', asset.type)
      res.setHeader('Content-Length', body.length)
      res.end(body)
    },
  }
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
}

function loadAsset(dir: string, path: string): Asset {
  const identity = readFileSync(join(dir, path))
  const kind = TYPES[extname(path)]
  if (!kind) throw new Error(`public/${path} is of a kind that is not served`)
  if (identity.length > MAX_BYTES) throw new Error(`public/${path} is larger than 512 kB`)

  return {
    version: createHash('sha256').update(identity).digest('base64url').slice(0, 12),
    type: kind.type,
    bodies: kind.text
      ? { identity, gzip: gzipSync(identity, { level: 9 }), br: brotli(identity) }
      : { identity, gzip: identity, br: identity },
  }
}

function brotli(content: Buffer): Buffer {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  })
}
