import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Response } from 'supertest'
import request from 'supertest'
import { createApp } from '../src/app.ts'
import { hasRight, type Right, type Role, type User } from '../src/merchants/user.ts'
import { findUserByEmail } from '../src/merchants/user-queries.ts'
import { Clerk, type ClerkFacts } from './support/clerk.ts'
import { type DeskObjects, deskObjects, missingObjects, rowsOf } from './support/desk-objects.ts'
import { wordsOf } from './support/shopper.ts'
import { ENGINES, Store } from './support/store.ts'

const SHOP = 'fernhill-pottery'
const OTHER_SHOP = 'northline-paper'

/**
 * `right`: what a route asks for; null where nobody is signed in yet. `own`: what an owner is
 * answered on an object of the own shop, with an empty form. `ids`: which object a parameter names,
 * where that is not its own name.
 */
type Row = { right: Right | null; own: number; ids?: Partial<Record<string, keyof DeskObjects>> }

const JOB = { id: 'job' } as const
const RECONCILIATION = { id: 'reconciliation' } as const

/** Every route of the desk. One that is missing here fails the test. */
const ROUTES: Record<string, Row> = {
  'GET /merchant/sign-in': { right: null, own: 200 },
  'POST /merchant/sign-in': { right: null, own: 422 },
  'GET /merchant/forgotten-password': { right: null, own: 200 },
  'POST /merchant/forgotten-password': { right: null, own: 422 },
  'GET /merchant/password/:token': { right: null, own: 404 },
  'POST /merchant/password/:token': { right: null, own: 404 },

  'GET /merchant': { right: 'view', own: 200 },
  'GET /merchant/account': { right: 'view', own: 200 },
  'POST /merchant/account': { right: 'view', own: 422 },
  'POST /merchant/account/password': { right: 'view', own: 422 },

  'GET /merchant/orders': { right: 'view', own: 200 },
  'GET /merchant/orders.csv': { right: 'export', own: 200 },
  'GET /merchant/orders/:number': { right: 'view', own: 200 },
  'GET /merchant/orders/:number/refund': { right: 'refund', own: 200 },
  'POST /merchant/orders/:number/refund': { right: 'refund', own: 422 },
  'POST /merchant/orders/:number/refunds': { right: 'refund', own: 422 },
  'POST /merchant/orders/:number/refunds/:refund/dealt-with': { right: 'work', own: 422 },
  'POST /merchant/orders/:number/check': { right: 'work', own: 303 },
  'POST /merchant/orders/:number/cancel': { right: 'work', own: 303 },
  'POST /merchant/orders/:number/fulfil': { right: 'work', own: 303 },
  'POST /merchant/orders/:number/review': { right: 'work', own: 422 },
  'POST /merchant/orders/:number/mails/:mail/resend': { right: 'work', own: 303 },
  'POST /merchant/open-items/:item/resolve': { right: 'work', own: 422 },

  'GET /merchant/jobs/check-orders': { right: 'work', own: 200 },
  'POST /merchant/jobs/check-orders': { right: 'work', own: 303 },
  'GET /merchant/jobs/:id': { right: 'view', own: 200, ids: JOB },
  'POST /merchant/jobs/:id/stop': { right: 'work', own: 303, ids: JOB },

  'GET /merchant/events': { right: 'view', own: 200 },
  'GET /merchant/events/:event': { right: 'view', own: 200 },
  'POST /merchant/events/:event/process': { right: 'work', own: 303 },

  'GET /merchant/reconciliation': { right: 'view', own: 200 },
  'POST /merchant/reconciliation': { right: 'work', own: 422 },
  'GET /merchant/reconciliation/:id': { right: 'view', own: 200, ids: RECONCILIATION },
  'GET /merchant/reconciliation/:id.csv': { right: 'export', own: 200, ids: RECONCILIATION },

  'GET /merchant/products': { right: 'view', own: 200 },
  'POST /merchant/products': { right: 'work', own: 422 },
  'GET /merchant/products/new': { right: 'work', own: 200 },
  'GET /merchant/products/:product': { right: 'view', own: 200 },
  'POST /merchant/products/:product': { right: 'work', own: 422 },
  'POST /merchant/products/:product/move': { right: 'work', own: 303 },
  'POST /merchant/products/:product/archive': { right: 'work', own: 303 },
  'POST /merchant/products/:product/restore': { right: 'work', own: 303 },

  'GET /merchant/users': { right: 'manage', own: 200 },
  'POST /merchant/users': { right: 'manage', own: 422 },
  'GET /merchant/users/new': { right: 'manage', own: 200 },
  'GET /merchant/users/:user': { right: 'manage', own: 200 },
  'POST /merchant/users/:user': { right: 'manage', own: 422 },
  'POST /merchant/users/:user/invite': { right: 'manage', own: 303 },
  'POST /merchant/users/:user/disable': { right: 'manage', own: 303 },
  'POST /merchant/users/:user/enable': { right: 'manage', own: 303 },

  'GET /merchant/settings': { right: 'view', own: 200 },
  'POST /merchant/settings': { right: 'manage', own: 422 },
  'GET /merchant/settings/log': { right: 'manage', own: 200 },

  // The last one: whoever sends it is out.
  'POST /merchant/sign-out': { right: 'view', own: 303 },
}
/** Their bodies hold a file, and are read as such. */
const UPLOADS = ['POST /merchant/products', 'POST /merchant/products/:product']

const ACTORS: Record<string, ClerkFacts> = {
  'the owner': { role: 'owner' },
  'staff with all rights': { role: 'staff', mayRefund: true, mayExport: true },
  'staff without further rights': { role: 'staff', mayRefund: false, mayExport: false },
  'a viewer who exports': { role: 'viewer', mayRefund: true, mayExport: true },
  'a viewer': { role: 'viewer', mayRefund: false, mayExport: false },
  'the owner of another shop': { role: 'owner', shop: OTHER_SHOP },
}

describe.each(ENGINES)('A03, A04: who may do what at the desk, on %s', (engine) => {
  let store: Store
  let objects: DeskObjects
  const missing = missingObjects()
  const clerks = new Map<string, Clerk>()

  beforeAll(async () => {
    store = await Store.open({
      engine,
      webhooks: true,
      limits: { requestsPerMinute: 100_000, checkoutsPerMinute: 100_000 },
    })
    objects = await deskObjects(store)
    for (const [name, facts] of Object.entries(ACTORS)) {
      const clerk = await Clerk.signIn(store, facts)
      await clerk.see('/merchant/account')
      clerks.set(name, clerk)
    }
  })
  afterAll(() => store.close())

  it('has a row for every route', () => {
    const routes = routesOf(createApp(store.ctx).router.stack as unknown as Layer[])
    const desk = routes.filter((route) => / \/merchant(\/|$|\.)/.test(route))
    expect(desk.toSorted()).toEqual(Object.keys(ROUTES).toSorted())
  })

  const signedInRoutes = Object.entries(ROUTES).filter(([, { right }]) => right !== null)
  const withObject = signedInRoutes.filter(([route]) => route.includes(':'))
  const safe = signedInRoutes.filter(([route]) => !route.endsWith('/sign-out'))

  it.each(signedInRoutes)('sends to sign in, and shows nothing of, %s', async (route, row) => {
    const [method = '', path = ''] = filled(route, row, objects)
    const answer =
      method === 'GET'
        ? await request(store.url).get(path)
        : await request(store.url).post(path).send('a=b')
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toMatch(/^\/merchant\/sign-in(\?|$)/)
    expect(answer.text).toMatch(/^See Other\. Redirecting to \/merchant\/sign-in\S*$/)
  })

  // Before anybody who may changes something.
  it.each(Object.keys(ACTORS).filter((name) => name !== 'the owner of another shop'))(
    'refuses what %s has no right to, and changes nothing but the log',
    async (name) => {
      const user = await userOf(name)
      const refused = safe.filter(([, { right }]) => right && !hasRight(user, right))
      const before = await rowsOf(store.ctx, SHOP)
      for (const [route, row] of refused) {
        for (const named of [objects, missing]) {
          const answer = await ask(name, route, row, named)
          expect([route, answer.status]).toEqual([route, 403])
        }
      }
      const { audit_log: log = [], ...rows } = await rowsOf(store.ctx, SHOP)
      const { audit_log: logBefore = [], ...rowsBefore } = before
      expect(rows).toEqual(rowsBefore)
      expect(log.length - logBefore.length).toBe(refused.length * 2)
    },
  )

  it.each(Object.keys(ACTORS))('finds nothing missing for %s', async (name) => {
    const user = await userOf(name)
    for (const [route, row] of withObject) {
      if (!hasRight(user, row.right ?? 'view')) continue
      const answer = await ask(name, route, row, missing)
      expect([route, answer.status]).toEqual([route, 404])
    }
  })

  it('answers another shop’s owner as if the object were missing, and changes nothing', async () => {
    const name = 'the owner of another shop'
    const before = await rowsOf(store.ctx, SHOP)
    expect(Object.values(before).flat().length).toBeGreaterThan(10)
    for (const [route, row] of withObject) {
      const theirs = await ask(name, route, row, objects)
      const nobodys = await ask(name, route, row, missing)
      expect([route, theirs.status]).toEqual([route, 404])
      expect(bodyOf(theirs)).toBe(bodyOf(nobodys))
    }
    expect(await rowsOf(store.ctx, SHOP)).toEqual(before)
  })

  it('shows another shop’s owner nothing of this one where no object is named', async () => {
    const secrets = [objects.number, clerks.get('the owner')?.email ?? '', 'Fernhill']
    for (const [route, row] of safe.filter(([one]) => !one.includes(':'))) {
      const answer = await ask('the owner of another shop', route, row, objects)
      expect([route, answer.status]).toEqual([route, row.own])
      for (const secret of secrets) expect(`${route} ${answer.text}`).not.toContain(secret)
    }
  })

  it.each(
    Object.keys(ACTORS).filter((name) => name.startsWith('staff') || name.includes('viewer')),
  )('lets %s do what they have the right to', async (name) => {
    const user = await userOf(name)
    const allowed = safe.filter(([, { right }]) => right && hasRight(user, right))
    for (const [route, row] of allowed.filter(([one]) => one.startsWith('GET'))) {
      const answer = await ask(name, route, row, objects)
      expect([route, answer.status]).toEqual([route, row.own])
    }
  })

  it('A15: takes no form of the owner’s without its token, or from another site’s page', async () => {
    const before = await rowsOf(store.ctx, SHOP)
    const clerk = clerks.get('the owner')
    for (const [route, row] of safe.filter(([one]) => one.startsWith('POST'))) {
      const path = filled(route, row, objects)[1] ?? ''
      const body = UPLOADS.includes(route) ? '' : `_csrf=${encodeURIComponent(clerk?.csrf ?? '')}`
      const without = await clerk?.agent.post(path).send('name=x')
      const elsewhere = await clerk?.agent.post(path).set('Sec-Fetch-Site', 'cross-site').send(body)
      // An upload whose length nobody tells is not read at all.
      const refusals = UPLOADS.includes(route) ? [403, 413] : [403]
      expect([route, refusals]).toEqual([route, expect.arrayContaining([without?.status])])
      expect([route, refusals]).toEqual([route, expect.arrayContaining([elsewhere?.status])])
    }
    expect(await rowsOf(store.ctx, SHOP)).toEqual(before)
  })

  it('A16: changes nothing by GET or HEAD', async () => {
    const before = await rowsOf(store.ctx, SHOP)
    const clerk = clerks.get('the owner')
    for (const [route, row] of safe.filter(([one]) => one.startsWith('POST'))) {
      const path = filled(route, row, objects)[1] ?? ''
      await clerk?.agent.head(path)
      if (route.replace('POST', 'GET') in ROUTES) continue
      expect([route, (await clerk?.agent.get(path))?.status]).toEqual([route, 405])
    }
    expect(await rowsOf(store.ctx, SHOP)).toEqual(before)
  })

  it('A22: lets no cache keep a page of the desk', async () => {
    for (const [route, row] of safe.filter(([one]) => one.startsWith('GET'))) {
      const { headers } = await ask('the owner', route, row, objects)
      expect([route, headers['cache-control']]).toEqual([route, 'no-store'])
    }
  })

  it.each(signedInRoutes)('answers the owner: %s', async (route, row) => {
    expect((await ask('the owner', route, row, objects)).status).toBe(row.own)
  })

  it('lets nobody in whom it has signed out', async () => {
    expect((await clerks.get('the owner')?.see('/merchant/account'))?.status).toBe(303)
  })

  async function userOf(name: string): Promise<User> {
    const user = await findUserByEmail(store.ctx.db, clerks.get(name)?.email ?? '')
    if (!user) throw new Error(`nobody is ${name}`)
    return user
  }

  async function ask(name: string, route: string, row: Row, of: DeskObjects): Promise<Response> {
    const clerk = clerks.get(name)
    if (!clerk) throw new Error(`nobody is ${name}`)
    const [method = '', path = ''] = filled(route, row, of)
    if (method === 'GET') return clerk.agent.get(path)
    if (UPLOADS.includes(route)) return clerk.agent.post(path).field('_csrf', clerk.csrf)
    return clerk.agent.post(path).send(new URLSearchParams({ _csrf: clerk.csrf }).toString())
  }
})

describe('the rights of roles', () => {
  const given: [Role, boolean, Right[]][] = [
    ['owner', false, ['view', 'work', 'refund', 'export', 'manage']],
    ['staff', true, ['view', 'work', 'refund', 'export']],
    ['staff', false, ['view', 'work']],
    ['viewer', true, ['view', 'export']],
    ['viewer', false, ['view']],
  ]
  it.each(given)('%s (further rights: %s) are %j', (role, further, rights) => {
    const user = { role, mayRefund: further, mayExport: further } as User
    const all = ['view', 'work', 'refund', 'export', 'manage'] as const
    expect(all.filter((right) => hasRight(user, right))).toEqual(rights)
  })
})

/** What a path's parameters name, put in their places. */
function filled(route: string, row: Row, of: DeskObjects): string[] {
  const path = route.replace(/:([a-z]+)/g, (_, name: string) => {
    const key = row.ids?.[name] ?? (name as keyof DeskObjects)
    const id = of[key]
    if (id === undefined) throw new Error(`${route} names an object that the test does not have`)
    return id
  })
  return path.split(' ')
}

/** Without what differs each time. */
function bodyOf(answer: Response): string {
  return wordsOf(answer).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
}

type Layer = {
  route?: { path: string; methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
}

/** `METHOD path` of every route in a router and in those mounted in it. */
function routesOf(layers: Layer[]): string[] {
  return layers.flatMap(({ route, handle }) =>
    route
      ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`)
      : routesOf(handle.stack ?? []),
  )
}
