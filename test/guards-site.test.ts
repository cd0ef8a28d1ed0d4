import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { createApp } from '../src/app.ts'
import type { AppContext } from '../src/context.ts'
import { seedDemo } from '../src/demo/seed-demo.ts'
import { openWebContext, type WebContext } from './support/web-context.ts'

const SHOP = '/shops/fernhill-pottery'

describe('the site', () => {
  let ctx: WebContext

  beforeEach(async () => {
    ctx = await openWebContext()
    await seedDemo(ctx.db, ctx.clock)
  })
  afterEach(() => ctx.close())

  const siteWith = (changed: Partial<AppContext> = {}): Express => createApp({ ...ctx, ...changed })

  it.each<['get' | 'post' | 'put', string, number]>([
    ['get', '/', 200],
    ['get', SHOP, 200],
    ['get', `${SHOP}/products/blue-mug`, 200],
    ['get', `${SHOP}/cart`, 200],
    ['get', '/assets/shop.css', 200],
    ['get', '/healthz', 200],
    ['get', '/metrics', 200],
    ['get', '/nowhere', 404],
    ['put', '/', 405],
    ['post', `${SHOP}/cart`, 403],
    ['post', '/webhooks/justifi', 400],
    ['get', '/shops/%ff', 400],
    ['get', '/shops/%00', 400],
    ['get', '/assets/none.css', 404],
  ])(
    'X15: answers %s %s, as everything, with its security headers',
    async (method, path, status) => {
      const { headers } = await request(siteWith())[method](path).expect(status)

      expect(headers).toMatchObject({
        'content-security-policy': [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "img-src 'self'",
          "connect-src 'self'",
          "form-action 'self' https://checkout.test",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "object-src 'none'",
        ].join(';'),
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      })
      expect(headers).not.toHaveProperty('x-powered-by')
      expect(headers).not.toHaveProperty('strict-transport-security')
    },
  )

  it('keeps browsers on https where it has it', async () => {
    const { headers } = await request(siteWith({ publicUrl: 'https://shop.test' })).get('/')

    expect(headers['strict-transport-security']).toBe('max-age=31536000')
  })

  it('D10: has nothing from another site on its pages', async () => {
    for (const path of ['/', SHOP, `${SHOP}/products/blue-mug`, `${SHOP}/cart`, '/nowhere']) {
      const { text } = await request(siteWith()).get(path)

      const sources = [...text.matchAll(/(?:src|action|<link[^>]*href)="([^"]*)"/g)].map(
        ([, url]) => url,
      )
      expect(sources.length).toBeGreaterThan(0)
      expect(sources.filter((url) => !url?.startsWith('/') || url.startsWith('//'))).toEqual([])
      expect(text).not.toMatch(/autocomplete="cc-|<iframe|<style|style="| on\w+="|javascript:/)
    }
  })

  it('links its pages only to public files that there are', async () => {
    const { text } = await request(siteWith()).get(SHOP)

    const assets = [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, url]) => String(url))
    expect(assets.length).toBeGreaterThan(5)
    for (const url of assets) {
      const answer = await request(siteWith()).get(url).expect(200)
      expect(answer.get('Cache-Control')).toContain('immutable')
    }
  })

  it('asks nothing of the sessions for visitors who only look', async () => {
    const site = siteWith()
    await ctx.db.schema.dropTable('sessions').execute()

    for (const path of ['/', SHOP, `${SHOP}/products/blue-mug`, '/assets/shop.css']) {
      const answer = await request(site).get(path).expect(200)
      const cookies = answer.get('Set-Cookie') ?? []
      expect(cookies.filter((cookie) => cookie.includes('session'))).toEqual([])
    }
  })

  it('needs no cookie and no session for an order', async () => {
    await ctx.db.schema.dropTable('sessions').execute()

    const answer = await request(siteWith())
      .get(`/orders/${'t'.repeat(43)}`)
      .set('Cookie', 'session=s%3Ax.y')
      .expect(404)

    expect(answer.get('Set-Cookie')).toBeUndefined()
    expect(answer.get('Cache-Control')).toBe('no-store')
  })

  it('limits what one address asks for, but not its webhooks and probes', async () => {
    const limits = { requestsPerMinute: 3, checkoutsPerMinute: 1 }
    const site = siteWith({ limits })
    for (let n = 0; n < 3; n++) await request(site).get('/').expect(200)

    const refused = await request(site).get('/').expect(429)

    expect(Number(refused.get('Retry-After'))).toBeGreaterThan(0)
    await request(site).get(SHOP).expect(429)
    await request(site).get('/healthz').expect(200)
    await request(site).get('/readyz').expect(200)
    await request(site).get('/metrics').expect(200)
    await request(site).post('/webhooks/justifi').expect(400)
  })

  it('A22: tells caches whose each page is', async () => {
    const cacheOf = async (path: string) => {
      const { headers } = await request(siteWith()).get(path)
      return headers['cache-control']
    }

    expect(await cacheOf(SHOP)).toBe('private, no-cache')
    expect(await cacheOf(`${SHOP}/cart`)).toBe('no-store')
    expect(await cacheOf('/nowhere')).toBe('no-store')
    expect(await cacheOf(`/orders/${'t'.repeat(43)}/x.css`)).toBe('no-store')
  })

  it('W13: does not send a webhook elsewhere', async () => {
    const variants = [
      '/webhooks/justifi/',
      '//webhooks/justifi',
      '/webhooks//justifi',
      '/webhooks%2fjustifi',
      '/Webhooks/justifi',
    ]

    for (const path of variants) {
      const { status } = await request(siteWith()).post(path)
      expect([path, status]).toEqual([path, 404])
    }
    for (const method of ['get', 'put', 'head', 'options', 'delete'] as const) {
      await request(siteWith())[method]('/webhooks/justifi').expect(405)
    }
  })
})
