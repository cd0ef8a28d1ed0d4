import type { Router } from 'express'
import { findImage } from '../catalog/product-images.ts'
import type { AppContext } from '../context.ts'
import { PageNotFoundError } from '../errors.ts'
import { siteRouter } from './router.ts'

const HASH = /^[0-9a-f]{64}$/

/** The pictures that merchants brought: what a hash names never changes, so it is kept for ever. */
export function uploadedImageRoutes(ctx: Pick<AppContext, 'db'>): Router {
  const router = siteRouter()

  router.get('/assets/uploads/:hash', async (req, res) => {
    const { hash } = req.params
    const etag = `"${hash}"`
    if (req.headers['if-none-match'] === etag) {
      res.status(304).end()
      return
    }
    const image = HASH.test(hash) ? await findImage(ctx.db, hash) : undefined
    if (!image) throw new PageNotFoundError('no such picture')

    res.setHeader('Content-Type', image.type)
    res.setHeader('Content-Length', image.bytes.byteLength)
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
    res.setHeader('ETag', etag)
    // Whatever it may hold beside the picture: opened by itself it can do nothing.
    res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox; frame-ancestors 'none'")
    res.end(image.bytes)
  })
  return router
}
