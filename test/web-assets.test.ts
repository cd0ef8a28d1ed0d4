import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { loadAssets } from '../src/web/assets.ts'
import { openWebContext, siteWith, type WebContext } from './support/web-context.ts'

const STYLE = '.shop { color: teal }\n'.repeat(100)
const PICTURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255])

describe('a public file', () => {
  let ctx: WebContext
  let dir: string

  beforeEach(async () => {
    ctx = await openWebContext()
    dir = mkdtempSync(join(tmpdir(), 'public-'))
    for (const folder of ['images', 'sandbox']) mkdirSync(join(dir, folder))
    writeFileSync(join(dir, 'shop.css'), STYLE)
    writeFileSync(join(dir, 'images/mug.png'), PICTURE)
    writeFileSync(join(dir, 'sandbox/pay.css'), STYLE)
    writeFileSync(join(dir, '.hidden'), 'secret')
  })
  afterEach(async () => {
    rmSync(dir, { recursive: true })
    await ctx.close()
  })

  const load = () => loadAssets(dir, ['sandbox'])

  function site(assets = load()): Express {
    return siteWith(ctx, (app) => app.get('/assets/*path', assets.serve))
  }

  it('is kept for ever under the URL of its content', async () => {
    const assets = load()
    const url = assets.url('shop.css')

    const answer = await request(site(assets)).get(url).expect(200)

    expect(url).toMatch(/^\/assets\/shop\.css\?v=[\w-]{12}$/)
    expect(answer.text).toBe(STYLE)
    expect(answer.get('Content-Type')).toBe('text/css; charset=utf-8')
    expect(answer.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    expect(assets.url('/shop.css')).toBe(url)

    writeFileSync(join(dir, 'shop.css'), '.shop { color: plum }')
    expect(load().url('shop.css')).not.toBe(url)
  })

  it('is kept for a moment under another URL', async () => {
    for (const url of [
      '/assets/shop.css',
      '/assets/shop.css?v=older',
      '/assets/shop.css?v=1&v=2',
    ]) {
      const answer = await request(site()).get(url).expect(200)

      expect(answer.get('Cache-Control')).toBe('public, max-age=60')
    }
  })

  it('is not sent again to who has it', async () => {
    const first = await request(site()).get('/assets/shop.css')

    await request(site())
      .get('/assets/shop.css')
      .set('If-None-Match', first.get('ETag') ?? '')
      .expect(304, '')
  })

  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
    ['', undefined],
  ])('is sent to who accepts "%s" as %s', async (accepted, encoding) => {
    const answer = await request(site())
      .get('/assets/shop.css')
      .set('Accept-Encoding', accepted)
      .buffer()
      .parse((res, done) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk) => chunks.push(chunk))
        res.on('end', () => done(null, Buffer.concat(chunks)))
      })

    expect(answer.get('Content-Encoding')).toBe(encoding)
    expect(answer.get('Vary')).toBe('Accept-Encoding')
    if (encoding) expect(Number(answer.get('Content-Length'))).toBeLessThan(STYLE.length / 10)
  })

  it('that is a picture is sent as it is', async () => {
    const answer = await request(site())
      .get('/assets/images/mug.png')
      .set('Accept-Encoding', 'br, gzip')
      .expect(200)

    expect(answer.get('Content-Type')).toBe('image/png')
    expect(answer.get('Content-Encoding')).toBeUndefined()
    expect(answer.body).toEqual(PICTURE)
  })

  it.each([
    '/assets/none.css',
    '/assets/.hidden',
    '/assets/sandbox/pay.css',
    '/assets/../src/config.ts',
    '/assets/%2e%2e/src/config.ts',
    '/assets/..%2f..%2fetc%2fpasswd',
    '/assets/..%5c..%5cetc%5cpasswd',
    '/assets//shop.css',
    '/assets/shop.css/',
    '/assets/SHOP.css',
    '/assets/shop%2ecss',
    '/assets/__proto__',
    '/assets/',
  ])('X09: is not found at %s', async (path) => {
    await request(site()).get(path).expect(404)
  })

  it('X09: cannot be asked for by a name that is no UTF-8', async () => {
    await request(site()).get('/assets/%ff').expect(400)
  })

  it('is refused at the start where it is too large or of an unknown kind', () => {
    writeFileSync(join(dir, 'page.html'), '<p>')
    expect(load).toThrow('page.html is of a kind that is not served')

    rmSync(join(dir, 'page.html'))
    writeFileSync(join(dir, 'film.svg'), 'x'.repeat(513 * 1024))
    expect(load).toThrow('film.svg is larger than 512 kB')
  })
})
