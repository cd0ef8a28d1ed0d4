import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import type { AppContext } from '../src/context.ts'
import { csrfProtection, sameOriginOnly } from '../src/web/csrf.ts'
import { formBody, formFields } from '../src/web/form-fields.ts'
import { sessions } from '../src/web/sessions.ts'
import { openWebContext, siteWith, type WebContext } from './support/web-context.ts'

const FORM = 'application/x-www-form-urlencoded'

/** GET /form answers the token for a form; POST /form takes it. */
function siteWithForm(ctx: AppContext): Express {
  return siteWith(ctx, (app) => {
    const { issue, check } = csrfProtection(ctx)
    app.get('/form', issue, (_req, res) => {
      res.json({ token: res.locals.csrf })
    })
    app.post('/form', formBody, check, sessions(ctx), (req, res) => {
      req.session.carts = {}
      res.json({ fields: formFields(req), token: res.locals.csrf })
    })
    app.post('/orders/x/pay', sameOriginOnly(ctx), (_req, res) => {
      res.json('paid')
    })
    app.post('/fields', formBody, (req, res) => {
      res.json(formFields(req))
    })
  })
}

describe('a form that changes a session', () => {
  let ctx: WebContext
  let site: Express

  beforeEach(async () => {
    ctx = await openWebContext()
    site = siteWithForm(ctx)
  })
  afterEach(() => ctx.close())

  async function openForm(of = site): Promise<{ token: string; cookie: string }> {
    const answer = await request(of).get('/form').expect(200)
    const [cookie = ''] = answer.get('Set-Cookie') ?? []
    return { token: answer.body.token, cookie: cookie.split(';')[0] ?? '' }
  }

  function send(cookie: string, fields: Record<string, string>, headers = {}) {
    return request(site).post('/form').set('Cookie', cookie).set(headers).type('form').send(fields)
  }

  it('passes with the token of its page, and keeps it for the page shown again', async () => {
    const { token, cookie } = await openForm()

    const { body } = await send(cookie, { _csrf: token, name: 'Ann' }).expect(200)

    expect(body).toEqual({ fields: { _csrf: token, name: 'Ann' }, token })
  })

  it.each(['missing', 'wrong', 'of another visitor', 'without its cookie'])(
    'A15: is refused where the token is %s',
    async (fault) => {
      const mine = await openForm()
      const theirs = await openForm()
      const sent = {
        missing: send(mine.cookie, { name: 'Ann' }),
        wrong: send(mine.cookie, { _csrf: `${mine.token}x` }),
        'of another visitor': send(mine.cookie, { _csrf: theirs.token }),
        'without its cookie': send('', { _csrf: mine.token }),
      }[fault]

      const answer = await sent?.expect(403)

      expect(answer?.text).toContain('data-status="403"')
    },
  )

  it('A15: is refused where both halves were made up', async () => {
    await send('csrf=aa.bb', { _csrf: 'aa.bb' }).expect(403)
    await send('csrf=j:{"a":1}', { _csrf: 'x' }).expect(403)
    await request(site).get('/form').set('Cookie', 'csrf=j:{"a":1}').expect(200)
  })

  it("A15: is refused from another site's page, even with the right token", async () => {
    const { token, cookie } = await openForm()

    await send(cookie, { _csrf: token }, { 'Sec-Fetch-Site': 'cross-site' }).expect(403)
    await send(cookie, { _csrf: token }, { 'Sec-Fetch-Site': 'same-origin' }).expect(200)
  })

  it('A15: passes with `Origin: null` and the right token', async () => {
    const { token, cookie } = await openForm()

    await send(cookie, { _csrf: token }, { Origin: 'null' }).expect(200)
    await send(cookie, { _csrf: 'wrong' }, { Origin: 'null' }).expect(403)
  })

  it.each(['application/json', 'text/plain'])('A15: is refused when sent as %s', async (type) => {
    const { token, cookie } = await openForm()

    await request(site)
      .post('/form')
      .set('Cookie', cookie)
      .type(type)
      .send(JSON.stringify({ _csrf: token }))
      .expect(403)
  })

  it('stores nothing for visitors who only look at it', async () => {
    await Promise.all(Array.from({ length: 20 }, () => openForm()))

    expect(await ctx.db.selectFrom('sessions').selectAll().execute()).toEqual([])
  })

  it('still passes when a session began after its page was opened', async () => {
    const { token, cookie } = await openForm()
    const first = await send(cookie, { _csrf: token }).expect(200)
    const [session = ''] = first.get('Set-Cookie') ?? []
    expect(session).toMatch(/^session=/)

    await send(`${cookie}; ${session.split(';')[0]}`, { _csrf: token }).expect(200)
  })

  it('keeps the token of a page that is opened again', async () => {
    const { token, cookie } = await openForm()

    const again = await request(site).get('/form').set('Cookie', cookie)

    expect(again.body.token).toBe(token)
  })

  it('passes while a secret is being replaced, and not after', async () => {
    const old = siteWithForm({ ...ctx, sessionSecrets: ['the old one'] })
    const { token, cookie } = await openForm(old)

    site = siteWithForm({ ...ctx, sessionSecrets: ['the new one', 'the old one'] })
    await send(cookie, { _csrf: token }).expect(200)
    site = siteWithForm({ ...ctx, sessionSecrets: ['the new one'] })
    await send(cookie, { _csrf: token }).expect(403)
  })

  it('A14: has a cookie for this host alone, over https', async () => {
    const answer = await request(siteWithForm({ ...ctx, publicUrl: 'https://shop.test' })).get(
      '/form',
    )

    const [cookie = ''] = answer.get('Set-Cookie') ?? []
    expect(cookie).toMatch(/^__Host-csrf=/)
    expect(cookie.split('; ').slice(1).sort()).toEqual(
      ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'].sort(),
    )
  })
})

describe("a form under an order's link", () => {
  let ctx: WebContext

  beforeEach(async () => {
    ctx = await openWebContext()
  })
  afterEach(() => ctx.close())

  it.each<[number, Record<string, string>]>([
    [200, {}],
    [200, { 'Sec-Fetch-Site': 'same-origin' }],
    [200, { 'Sec-Fetch-Site': 'none' }],
    [200, { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }],
    [403, { 'Sec-Fetch-Site': 'cross-site' }],
    [403, { 'Sec-Fetch-Site': 'same-site' }],
    [403, { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://shop.test' }],
    [200, { Origin: 'http://shop.test' }],
    [200, { Origin: 'http://localhost:3000', Host: 'localhost:3000' }],
    [403, { Origin: 'http://evil.test' }],
    [403, { Origin: 'http://shop.test.evil.test' }],
    [403, { Origin: 'null' }],
    [403, { Origin: 'shop.test' }],
  ])('A15: is answered %i when sent with %j', async (status, headers) => {
    await request(siteWithForm(ctx)).post('/orders/x/pay').set(headers).expect(status)
  })
})

describe('the fields of a form', () => {
  let ctx: WebContext
  let site: Express

  beforeEach(async () => {
    ctx = await openWebContext()
    site = siteWithForm(ctx)
  })
  afterEach(() => ctx.close())

  const post = (body: string, type = FORM) =>
    request(site).post('/fields').set('Content-Type', type).send(body)

  it('come as text, each once', async () => {
    await post('name=Ann+Lee&e=%C3%A9&empty=').expect(200, { name: 'Ann Lee', e: 'é', empty: '' })
  })

  it.each(['a=1&a=2', 'a[]=1&a[]=2', 'name=x%00y'])('X08: are refused as %s', async (body) => {
    await post(body).expect(400)
  })

  it.each(['a[b]=1', '__proto__=1', '__proto__[x]=1', 'constructor[prototype][x]=1'])(
    'X08: change nothing beside themselves as %s',
    async (body) => {
      await post(body).expect(200)

      expect(Object.prototype).not.toHaveProperty('x')
      expect(Object.keys(Object.prototype)).toEqual([])
    },
  )

  it('X09: are taken as they are where they cannot be decoded', async () => {
    await post('a=%ff').expect(200)
    await post('a=%').expect(200, { a: '%' })
  })

  it('D03: are refused over 32 kB, whether or not their length is announced', async () => {
    await post(`a=${'x'.repeat(33_000)}`).expect(413)
    const chunked = request(site).post('/fields').set('Content-Type', FORM)
    chunked.write(`a=${'x'.repeat(33_000)}`)
    await chunked.expect(413)
    await post(`a=${'x'.repeat(31_000)}`).expect(200)
  })

  it('D03: are refused where there are 1,500', async () => {
    await post(Array.from({ length: 1_500 }, (_, n) => `f${n}=`).join('&')).expect(413)
  })

  it('are refused compressed or in a foreign character set', async () => {
    await post('a=1', `${FORM}; charset=utf-7`).expect(415)
    await request(site)
      .post('/fields')
      .set('Content-Type', FORM)
      .set('Content-Encoding', 'gzip')
      .send('a=1')
      .expect(415)
  })

  it('X12: leave no trace in the log when they are refused', async () => {
    await post(`name=4242424242424242&name=${'secret'.repeat(3)}`).expect(400)
    await post(Array.from({ length: 200 }, () => 'secret=secret').join('&')).expect(413)

    expect(JSON.stringify(ctx.logged())).not.toMatch(/secret|4242/)
  })
})
