import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import { sql } from 'kysely'
import request from 'supertest'
import { DAY, MINUTE, SECOND } from '../src/clock.ts'
import { pruneExpired } from '../src/db/prune.ts'
import { existingSession, sessions } from '../src/web/sessions.ts'
import { ENGINES, openWebContext, siteWith, type WebContext } from './support/web-context.ts'

const CART = { items: [], key: 'k' }

/** A site whose visitors get a cart by POST /cart. */
function siteWithCart(ctx: WebContext): Express {
  return siteWith(ctx, (app) => {
    app.post('/cart', sessions(ctx), (req, res) => {
      req.session.carts = { mugs: { ...CART, key: String(req.query.key ?? 'k') } }
      res.redirect(303, '/cart')
    })
    app.get('/cart', sessions(ctx), (req, res) => {
      res.json(req.session.carts ?? null)
    })
    app.get('/glance', existingSession(ctx), (req, res) => {
      res.json({ hasSession: req.session !== undefined, carts: req.session?.carts })
    })
    app.post('/leave', sessions(ctx), (req, res) => {
      req.session = null as never
      res.end('gone')
    })
  })
}

function cookieOf(response: request.Response): string {
  const [cookie = ''] = response.get('Set-Cookie') ?? []
  return cookie.split(';')[0] ?? ''
}

describe.each(ENGINES)('sessions on %s', (engine) => {
  let ctx: WebContext
  let site: Express

  beforeEach(async () => {
    ctx = await openWebContext({ engine })
    site = siteWithCart(ctx)
  })
  afterEach(() => ctx.close())

  const rows = () => ctx.db.selectFrom('sessions').selectAll().execute()

  it('keep what was put into them', async () => {
    const cookie = cookieOf(await request(site).post('/cart').expect(303))

    const { body } = await request(site).get('/cart').set('Cookie', cookie).expect(200)

    expect(body).toEqual({ mugs: CART })
    expect(await rows()).toHaveLength(1)
  })

  it('change where they were changed', async () => {
    const cookie = cookieOf(await request(site).post('/cart'))

    await request(site).post('/cart?key=second').set('Cookie', cookie).expect(303)

    const { body } = await request(site).get('/cart').set('Cookie', cookie)
    expect(body.mugs.key).toBe('second')
    expect(await rows()).toHaveLength(1)
  })

  it('are neither stored nor named to a visitor who put nothing in', async () => {
    const answers = await Promise.all([
      request(site).get('/cart').expect(200),
      request(site).get('/glance').expect(200),
    ])

    expect(answers.map((answer) => answer.get('Set-Cookie'))).toEqual([undefined, undefined])
    expect(await rows()).toEqual([])
  })

  it('end 14 days after they were last used', async () => {
    const cookie = cookieOf(await request(site).post('/cart'))

    ctx.pass(13 * DAY)
    await request(site).get('/cart').set('Cookie', cookie).expect(200, { mugs: CART })
    ctx.pass(13 * DAY)
    await request(site).get('/cart').set('Cookie', cookie).expect(200, { mugs: CART })
    ctx.pass(14 * DAY + SECOND)
    await request(site).get('/cart').set('Cookie', cookie).expect(200, 'null')
  })

  it('are touched at most once a minute', async () => {
    const cookie = cookieOf(await request(site).post('/cart'))
    const [made] = await rows()

    ctx.pass(50 * SECOND)
    await request(site).get('/cart').set('Cookie', cookie).expect(200)
    expect(await rows()).toEqual([made])

    ctx.pass(MINUTE)
    await request(site).get('/cart').set('Cookie', cookie).expect(200)
    const [touched] = await rows()
    expect(Date.parse(touched?.expires_at ?? '')).toBeGreaterThan(
      Date.parse(made?.expires_at ?? '') + MINUTE,
    )
  })

  it('are gone when they are given up', async () => {
    const cookie = cookieOf(await request(site).post('/cart'))

    await request(site).post('/leave').set('Cookie', cookie).expect(200)

    expect(await rows()).toEqual([])
  })

  it('are pruned when they are over, some at a time', async () => {
    const cookie = cookieOf(await request(site).post('/cart'))
    const old = Array.from({ length: 600 }, (_, n) => ({
      id: `old-${n}`,
      data: '{}',
      expires_at: '2001-01-01T00:00:00.000Z',
    }))
    await ctx.db.insertInto('sessions').values(old).execute()

    expect(await pruneExpired(ctx.db, ctx.clock.now())).toBe(500)
    expect(await pruneExpired(ctx.db, ctx.clock.now())).toBe(100)
    expect(await pruneExpired(ctx.db, ctx.clock.now())).toBe(0)
    await request(site).get('/cart').set('Cookie', cookie).expect(200, { mugs: CART })
  })
})

describe('a session', () => {
  let ctx: WebContext
  let server: Server | undefined

  afterEach(async () => {
    server?.close()
    server?.closeAllConnections()
  })

  it('is stored before the redirect begins', async () => {
    ctx = await openWebContext({ engine: 'PostgreSQL' })
    server = siteWithCart(ctx).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo

    const { lock, release } = await lockSessions(ctx)
    // It resolves on the header alone, as a browser follows a redirect.
    const answer = fetch(`http://127.0.0.1:${port}/cart`, { method: 'POST', redirect: 'manual' })
    const first = await Promise.race([answer.then(() => 'redirected'), sleep(300, 'waiting')])
    release()
    await lock

    expect(first).toBe('waiting')
    expect((await answer).status).toBe(303)
    expect(await ctx.db.selectFrom('sessions').selectAll().execute()).toHaveLength(1)
  })

  it('that cannot be stored is answered 503, and claims nothing', async () => {
    ctx = await openWebContext()
    await sql`pragma query_only = on`.execute(ctx.db)

    const answer = await request(siteWithCart(ctx)).post('/cart').expect(503)

    expect(answer.get('Location')).toBeUndefined()
    expect(answer.get('Retry-After')).toBe('10')
    expect(answer.text).toContain('data-page="error"')
  })

  it('that cannot be touched is still read', async () => {
    ctx = await openWebContext()
    const site = siteWithCart(ctx)
    const cookie = cookieOf(await request(site).post('/cart'))
    await sql`pragma query_only = on`.execute(ctx.db)
    ctx.pass(2 * MINUTE)

    await request(site).get('/cart').set('Cookie', cookie).expect(200, { mugs: CART })

    expect(ctx.logged()).toContainEqual(
      expect.objectContaining({ msg: 'a session could not be touched' }),
    )
  })

  it('survives a change of the secret while the old one is still given', async () => {
    ctx = await openWebContext({ sessionSecrets: ['the old one'] })
    const cookie = cookieOf(await request(siteWithCart(ctx)).post('/cart'))
    const during = { ...ctx, sessionSecrets: ['the new one', 'the old one'] }
    const after = { ...ctx, sessionSecrets: ['the new one'] }

    await request(siteWithCart(during)).get('/cart').set('Cookie', cookie).expect({ mugs: CART })
    await request(siteWithCart(after)).get('/cart').set('Cookie', cookie).expect('null')
  })

  it('A14: has a cookie for this host alone, over https, wherever TLS ends', async () => {
    ctx = await openWebContext({ publicUrl: 'https://shop.test' })
    const site = siteWithCart(ctx)

    // Neither the request nor a proxy says that it came by https.
    const [cookie = ''] = (await request(site).post('/cart')).get('Set-Cookie') ?? []

    expect(cookie).toMatch(/^__Host-session=s%3A/)
    const attributes = cookie.split('; ').slice(1)
    expect(attributes).toEqual(
      expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']),
    )
    expect(cookie).not.toContain('Domain')
  })

  it('has a cookie that plain http can carry where the shop has no https', async () => {
    ctx = await openWebContext()

    const [cookie = ''] = (await request(siteWithCart(ctx)).post('/cart')).get('Set-Cookie') ?? []

    expect(cookie).toMatch(/^session=s%3A.*; HttpOnly; SameSite=Lax$/)
  })
})

/** Holds up every write to the sessions until `release`. */
async function lockSessions(ctx: WebContext) {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let locked = () => {}
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve
  })
  const lock = ctx.db.transaction().execute(async (trx) => {
    await sql`lock table sessions in exclusive mode`.execute(trx)
    locked()
    await released
  })
  await isLocked
  return { lock, release }
}
