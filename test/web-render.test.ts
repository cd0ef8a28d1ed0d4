import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express, RequestHandler } from 'express'
import request from 'supertest'
import { noStore } from '../src/web/headers.ts'
import type { Pages } from '../src/web/pages.ts'
import { createRenderer, render } from '../src/web/render.ts'
import { openWebContext, siteWith, type WebContext } from './support/web-context.ts'

const LONG = 'Mugs, bowls and jugs. '.repeat(200)
const VIEWS: Record<string, string> = {
  'shared/part.ejs': '<i><%= page.name %></i>',
  'shop/long.ejs': '<p><%= page.name %></p><%- include("../shared/part", page) %>',
  'shop/short.ejs':
    '<p><%= page.name %></p><a href="<%= page.asset("shop.css") %>"><%= page.csrf %></a>',
  'shop/broken.ejs': '<p>one</p>\n<%= page.missing.name %>',
}

describe('a page', () => {
  let ctx: WebContext
  let views: string
  let name: string

  beforeEach(async () => {
    ctx = await openWebContext()
    name = LONG
    views = mkdtempSync(join(tmpdir(), 'views-'))
    mkdirSync(join(views, 'shop'))
    mkdirSync(join(views, 'shared'))
    for (const [path, text] of Object.entries(VIEWS)) writeFileSync(join(views, path), text)
  })
  afterEach(async () => {
    rmSync(views, { recursive: true })
    await ctx.close()
  })

  /** A site with the page of a view at /page. */
  function siteShowing(view: string, status?: number, ...before: RequestHandler[]): Express {
    const show: RequestHandler = (_req, res) => {
      render(res, view as keyof Pages, { name } as never, status)
    }
    return siteWith(ctx, (app) => app.get('/page', ...before, show), views)
  }

  it('is HTML of the length that it says, with what it includes', async () => {
    name = 'Tea & <mugs>é'

    const answer = await request(siteShowing('shop/long')).get('/page').expect(200)

    expect(answer.text).toBe('<p>Tea &amp; &lt;mugs&gt;é</p><i>Tea &amp; &lt;mugs&gt;é</i>')
    expect(answer.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(Number(answer.get('Content-Length'))).toBe(Buffer.byteLength(answer.text))
  })

  it('has the URLs of public files, and the token where the route issues one', async () => {
    const issue: RequestHandler = (_req, res, next) => {
      res.locals.csrf = 'a-token'
      next()
    }
    name = 'Mug'

    await request(siteShowing('shop/short', 422, issue))
      .get('/page')
      .expect(422, '<p>Mug</p><a href="/assets/shop.css">a-token</a>')
    await request(siteShowing('shop/short'))
      .get('/page')
      .expect(200, '<p>Mug</p><a href="/assets/shop.css"></a>')
  })

  it('is compressed for who takes it, and only then', async () => {
    const site = siteShowing('shop/long')
    const lengthFor = async (encoding: string) => {
      const answer = await request(site).get('/page').set('Accept-Encoding', encoding).expect(200)
      expect(answer.text).toContain(LONG)
      expect(answer.get('Vary')).toContain('Accept-Encoding')
      return [answer.get('Content-Encoding'), Number(answer.get('Content-Length'))]
    }

    const [encoding, length] = await lengthFor('gzip, br')

    expect(encoding).toBe('gzip')
    expect(length).toBeLessThan(1_000)
    expect(await lengthFor('identity')).toEqual([undefined, LONG.length * 2 + 14])
    expect(await lengthFor('gzip;q=0')).toEqual([undefined, LONG.length * 2 + 14])
  })

  it('is not compressed where that saves nothing', async () => {
    name = 'Mug'
    const site = siteShowing('shop/long')

    const answer = await request(site).get('/page').set('Accept-Encoding', 'gzip')

    expect(answer.get('Content-Encoding')).toBeUndefined()
  })

  it('is kept by the browser that asks whether it still holds', async () => {
    const site = siteShowing('shop/long')
    const first = await request(site).get('/page').expect(200)
    const etag = first.get('ETag') ?? ''

    expect(first.get('Cache-Control')).toBe('private, no-cache')
    const again = await request(site).get('/page').set('If-None-Match', etag).expect(304)
    expect(again.text).toBe('')

    name = `${LONG} And plates.`
    await request(site).get('/page').set('If-None-Match', etag).expect(200)
  })

  it('A22: of one person is kept nowhere', async () => {
    const site = siteShowing('shop/long', 200, noStore)

    const answer = await request(site).get('/page').set('If-None-Match', '*').expect(200)

    expect(answer.get('Cache-Control')).toBe('no-store')
    expect(answer.get('X-Robots-Tag')).toBe('noindex')
    expect(answer.get('ETag')).toBeUndefined()
  })

  it('is answered to HEAD without its text', async () => {
    const answer = await request(siteShowing('shop/long')).head('/page').expect(200)

    expect(answer.text ?? '').toBe('')
    expect(Number(answer.get('Content-Length'))).toBeGreaterThan(0)
  })

  it('that fails names its line, and in production costs nothing to know it', () => {
    const options = { viewsDir: views, asset: (path: string) => path }
    const failing = (debug: boolean) => () =>
      createRenderer({ ...options, debug })('shop/broken', {}, undefined)

    expect(failing(true)).toThrow('>> 2|')
    expect(failing(false)).toThrow("Cannot read properties of undefined (reading 'name')")
    expect(failing(false)).not.toThrow('>> 2|')
  })
})
