import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express, RequestHandler } from 'express'
import { sql } from 'kysely'
import request from 'supertest'
import {
  BadRequestError,
  ForbiddenError,
  OrderNotFoundError,
  PageNotFoundError,
  TooManyRequestsError,
} from '../src/errors.ts'
import { knownMethodsOnly } from '../src/web/not-found.ts'
import { siteRouter } from '../src/web/router.ts'
import { openWebContext, siteWith, type WebContext } from './support/web-context.ts'

const TOKEN = 'k'.repeat(43)

describe('a failure', () => {
  let ctx: WebContext

  beforeEach(async () => {
    ctx = await openWebContext()
  })
  afterEach(() => ctx.close())

  function siteThat(fails: RequestHandler, path = '/page'): Express {
    return siteWith(ctx, (app) => app.get(path, fails))
  }

  it.each([
    [400, new BadRequestError('x')],
    [403, new ForbiddenError('x')],
    [404, new PageNotFoundError('x')],
    [404, new OrderNotFoundError('x')],
    [429, new TooManyRequestsError('x', 7)],
  ])('that was foreseen is a page of status %i', async (status, error) => {
    const answer = await request(
      siteThat(() => {
        throw error
      }),
    ).get('/page')

    expect(answer.status).toBe(status)
    expect(answer.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(answer.get('Cache-Control')).toBe('no-store')
    expect(answer.get('Retry-After')).toBe(status === 429 ? '7' : undefined)
    expect(answer.text).toContain('data-page="error"')
    expect(answer.text).toContain(`data-status="${status}"`)
    expect(answer.text).toContain(`data-request-id="${answer.get('X-Request-Id')}"`)
    expect(ctx.logged().filter((line) => Number(line.level) >= 50)).toEqual([])
  })

  it('X02: that was not foreseen says nothing of itself, and is logged once', async () => {
    const answer = await request(
      siteThat(async () => {
        throw Object.assign(new Error('the secret inside'), { body: 'a secret body', status: 404 })
      }),
    )
      .get('/page?q=secret')
      .expect(500)

    expect(answer.text).not.toMatch(/secret|Error|at .*\.ts/)
    const lines = ctx.logged().filter((line) => line.err !== undefined)
    expect(lines).toEqual([
      expect.objectContaining({
        level: 50,
        requestId: answer.get('X-Request-Id'),
        method: 'GET',
        path: '/page',
        err: expect.objectContaining({ message: 'the secret inside' }),
      }),
    ])
    expect(JSON.stringify(lines)).not.toContain('secret body')
  })

  it('keeps nothing of the answer that was begun', async () => {
    const answer = await request(
      siteThat((_req, res) => {
        res.set({ Location: '/x', ETag: '"1"', 'Content-Encoding': 'gzip', 'Content-Length': '3' })
        throw new ForbiddenError('x')
      }),
    ).get('/page')

    expect(answer.status).toBe(403)
    expect(answer.get('Location')).toBeUndefined()
    expect(answer.get('ETag')).toBeUndefined()
    expect(answer.text).toContain('</html>')
  })

  it('after the answer has begun cuts it off', async () => {
    const site = siteThat((_req, res, next) => {
      res.write('half a page')
      setTimeout(() => next(new Error('late')), 20)
    })

    await expect(request(site).get('/page')).rejects.toThrow('aborted')
  })

  it('is told to a machine as JSON', async () => {
    const fails: RequestHandler = () => {
      throw new OrderNotFoundError('x')
    }

    const answer = await request(siteThat(fails, '/orders/x/status.json')).get(
      '/orders/x/status.json',
    )

    expect(answer.status).toBe(404)
    expect(answer.body).toEqual({
      error: 'order_not_found',
      request_id: answer.get('X-Request-Id'),
    })
  })

  it('of ours on the way to paying leads back to the order', async () => {
    const fails: RequestHandler = () => {
      throw new Error('x')
    }

    const answer = await request(siteThat(fails, '/orders/:token/after-payment')).get(
      `/orders/${TOKEN}/after-payment`,
    )

    expect(answer.text).toContain(`href="/orders/${TOKEN}"`)
    expect(JSON.stringify(ctx.logged())).not.toContain(TOKEN)
  })

  it('of the database is 503, and passes', async () => {
    const site = siteThat(async (_req, res) => {
      await ctx.db.insertInto('sessions').values({ id: 'x', data: '', expires_at: '' }).execute()
      res.end('stored')
    })

    await sql`pragma query_only = on`.execute(ctx.db)
    const answer = await request(site).get('/page').expect(503)
    expect(answer.get('Retry-After')).toBe('10')

    await sql`pragma query_only = off`.execute(ctx.db)
    await request(site).get('/page').expect(200)
    await request(site).get('/page').expect(500)
  })

  it('of the error page itself still has an answer', async () => {
    const site = siteWith(ctx, (app) => {
      app.locals.renderPage = () => {
        throw new Error('no such template')
      }
    })

    await request(site).get('/page').expect(404, 'Not Found')
  })
})

describe('a path', () => {
  let ctx: WebContext
  let site: Express

  beforeEach(async () => {
    ctx = await openWebContext()
    const nested = siteRouter()
    nested.use('/orders/:token', (_req, _res, next) => next())
    nested.get('/orders/:token', (_req, res) => {
      res.end('shown')
    })
    nested.post('/orders/:token/pay', (_req, res) => {
      res.end('paid')
    })
    nested.get('/cart', (_req, res) => {
      res.end('cart')
    })
    nested.post('/cart', (_req, res) => {
      res.end('added')
    })
    site = siteWith(ctx, (app) => app.use(knownMethodsOnly).use(nested))
  })
  afterEach(() => ctx.close())

  it.each([
    ['post', '/orders/x', 'GET, HEAD'],
    ['get', '/orders/x/pay', 'POST'],
    ['head', '/orders/x/pay', 'POST'],
    ['put', '/cart', 'GET, HEAD, POST'],
    ['delete', '/orders/x', 'GET, HEAD'],
    ['options', '/cart', 'GET, HEAD, POST'],
    ['patch', '/orders/x/pay', 'POST'],
  ] as const)('W13: is 405 to %s %s, which allows %s', async (method, path, allow) => {
    const answer = await request(site)[method](path)

    expect(answer.status).toBe(405)
    expect(answer.get('Allow')).toBe(allow)
  })

  it.each([
    ['get', '/nowhere'],
    ['post', '/nowhere'],
    ['put', '/nowhere'],
    ['options', '/nowhere'],
    ['get', '/cart/'],
    ['get', '/Cart'],
    ['get', '//cart'],
    ['get', '/cart%2f'],
    ['get', '/orders/x.css/'],
  ] as const)('W13: is 404 to %s %s', async (method, path) => {
    const answer = await request(site)[method](path)

    expect(answer.status).toBe(404)
    expect(answer.get('Allow')).toBeUndefined()
  })

  it('X09: that cannot be decoded is 400', async () => {
    await request(site).get('/orders/%ff').expect(400)
    await request(site).post('/orders/%ff').expect(400)
    await request(site).get('/orders/%').expect(400)
  })
})

describe('the log of requests', () => {
  let ctx: WebContext

  beforeEach(async () => {
    ctx = await openWebContext()
  })
  afterEach(() => ctx.close())

  it('has a line for each, with nothing in it that is secret', async () => {
    const site = siteWith(ctx, (app) => {
      app.get('/orders/:token', (_req, res) => {
        res.cookie('c', 'secret-out').end('ok')
      })
    })

    const answer = await request(site)
      .get(`/orders/${TOKEN}?notice=secret`)
      .set({ Cookie: 'session=secret', Authorization: 'secret', 'X-Request-Id': 'secret' })

    const [line, ...others] = ctx.logged()
    expect(others).toEqual([])
    expect(line).toEqual({
      level: 30,
      time: expect.any(String),
      req: { id: answer.get('X-Request-Id'), method: 'GET', path: '/orders/[token]' },
      res: { status: 200 },
      responseTime: expect.any(Number),
      msg: 'request completed',
    })
    expect(answer.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('whispers of probes and public files', async () => {
    const site = siteWith(ctx, () => {})

    for (const path of ['/healthz', '/readyz', '/metrics', '/assets/x.css', '/healthy']) {
      await request(site).get(path)
    }

    expect(ctx.logged().map((line) => line.level)).toEqual([20, 20, 20, 20, 30])
  })

  it('X12: is one line, whatever the path', async () => {
    const site = siteWith(ctx, () => {})

    await request(site).get(`/a%0ab%1b[31m${'x'.repeat(2_000)}`)

    const [line] = ctx.logged() as { req: { path: string } }[]
    expect(line?.req.path).toHaveLength(300)
    expect(line?.req.path).toMatch(/^\/a%0ab%1b/)
  })
})
