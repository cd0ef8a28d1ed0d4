import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Request, RequestHandler } from 'express'
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
  isText: boolean
  /** Each form is made when it is first asked for: all at once would hold up the start. */
  bodies: { identity: Buffer } & Partial<Record<Encoding, Buffer>>
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
/** Brotli's highest takes ten times as long for a twentieth less, and the first visitor waits. */
const BROTLI_QUALITY = 9

const COMPRESS: Record<Encoding, (content: Buffer) => Buffer> = {
  br: (content) =>
    brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  gzip: (content) => gzipSync(content, { level: 9 }),
  identity: (content) => content,
}

const FOR_EVER = 'public, max-age=31536000, immutable'
const FOR_A_MINUTE = 'public, max-age=60'

/**
 * Reads `publicDir` into memory, but for the folders named in `except`. A request is only looked up
 * in what was read: no path is made of what it says.
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

      const encoding = encodingFor(req, asset)
      res.setHeader('Cache-Control', req.query.v === asset.version ? FOR_EVER : FOR_A_MINUTE)
      res.setHeader('ETag', `W/"${asset.version}"`)
      res.vary('Accept-Encoding')
      if (req.fresh) {
        res.statusCode = 304
        res.end()
        return
      }
      const body = bodyIn(asset, encoding)
      if (encoding !== 'identity') res.setHeader('Content-Encoding', encoding)
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
    isText: kind.text,
    bodies: { identity },
  }
}

function encodingFor(req: Request, { isText }: Asset): Encoding {
  // Asked one by one: browsers name gzip first, and would be given it.
  return (
    (isText && (['br', 'gzip'] as const).find((name) => req.acceptsEncodings(name))) || 'identity'
  )
}

function bodyIn({ bodies }: Asset, encoding: Encoding): Buffer {
  const body = bodies[encoding] ?? COMPRESS[encoding](bodies.identity)
  bodies[encoding] = body
  return body
}
