import { afterEach, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import request from 'supertest'
import { createApp } from '../src/app.ts'
import type { AppContext } from '../src/context.ts'
import { openDatabase } from '../src/db/database.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { startPostgres } from './support/postgres.ts'
import { ENGINES, openWebContext, type WebContext } from './support/web-context.ts'

let ctx: WebContext
afterEach(() => ctx.close())

async function siteOn(
  given: Parameters<typeof openWebContext>[0] = {},
  changed: Partial<AppContext> = {},
) {
  ctx = await openWebContext(given)
  return createApp({ ...ctx, ...changed })
}

/** Readiness holds an answer for a moment. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 250))

describe('GET /healthz', () => {
  it('D13: answers while the process lives, whatever the database does', async () => {
    const site = await siteOn()
    await ctx.db.schema.dropTable('sessions').execute()

    const answer = await request(site).get('/healthz').expect(200, { status: 'ok' })

    expect(answer.get('Cache-Control')).toBe('no-store')
    await request(site).post('/healthz').expect(405)
  })
})

describe.each(ENGINES)('GET /readyz on %s', (engine) => {
  it('D13: says yes, and leaves one row however often it is asked', async () => {
    const site = await siteOn({ engine })

    for (let n = 0; n < 3; n++) {
      await request(site).get('/readyz').expect(200, { status: 'ready' })
      await aMoment()
    }

    const rows = await ctx.db.selectFrom('rate_limits').selectAll().execute()
    expect(rows).toEqual([{ key: 'readiness', points: 0, expires_at: null }])
  })

  it('says no while migrations are missing', async () => {
    const site = await siteOn({ engine })

    await sql`delete from kysely_migration`.execute(ctx.db)
    await request(site).get('/readyz').expect(503, { status: 'not_ready' })
  })

  it('says no while the process is about to end', async () => {
    ctx = await openWebContext({ engine })
    let isDraining = false
    const site = createApp(ctx, () => isDraining)
    await request(site).get('/readyz').expect(200)

    isDraining = true

    await request(site).get('/readyz').expect(503)
    await request(site).get('/healthz').expect(200)
  })
})

describe('GET /readyz', () => {
  it('D13: says no while SQLite cannot be written, and why only in the log', async () => {
    const site = await siteOn()

    await sql`pragma query_only = on`.execute(ctx.db)
    await request(site).get('/readyz').expect(503, { status: 'not_ready' })
    expect(ctx.logged()).toContainEqual(expect.objectContaining({ msg: 'not ready' }))

    await aMoment()
    await sql`pragma query_only = off`.execute(ctx.db)
    await request(site).get('/readyz').expect(200)
  })

  it('C20: says no while PostgreSQL is down, and yes when it is back', async () => {
    const server = await startPostgres({ fsync: false })
    const { url } = await server.createDatabase()
    ctx = await openWebContext()
    const db = openDatabase({ engine: 'postgres', url }, ctx.log)
    await migrateDatabase(db)
    const site = createApp({ ...ctx, db })
    await request(site).get('/readyz').expect(200)

    await server.crash()
    await aMoment()
    await request(site).get('/readyz').expect(503)
    await server.restart()
    await aMoment()

    await request(site).get('/readyz').expect(200)
    await db.destroy()
    await server.close()
  })
})

describe('GET /metrics', () => {
  it('counts requests by pattern, so that no token is told', async () => {
    const site = await siteOn()
    const token = 't'.repeat(43)
    await request(site).get('/')
    await request(site).get(`/orders/${token}`).expect(404)
    await request(site).get('/nowhere').expect(404)
    await request(site).put('/nowhere').expect(404)

    const { text } = await request(site).get('/metrics').expect(200)

    expect(text).toMatch(/_count{method="GET",route="\/",status="200"} 1/)
    expect(text).toMatch(/_count{method="GET",route="\/orders\/:token",status="404"} 1/)
    expect(text).toMatch(/_count{method="GET",route="none",status="404"} 1/)
    expect(text).toMatch(/_count{method="other",route="none",status="404"} 1/)
    expect(text).toContain('process_resident_memory_bytes')
    expect(text).not.toContain(token)
  })

  it('counts for each application alone', async () => {
    const site = await siteOn()
    ctx.metrics.ordersPlaced.inc()
    const other = await openWebContext()

    const mine = await request(site).get('/metrics')
    const theirs = await request(createApp(other)).get('/metrics')

    expect(mine.text).toContain('shop_orders_placed_total 1')
    expect(theirs.text).toContain('shop_orders_placed_total 0')
    await other.close()
  })

  it('asks for its token where there is one', async () => {
    const site = await siteOn({}, { metricsToken: 'a token', production: true })
    const ask = (authorization: string) =>
      request(site).get('/metrics').set('Authorization', authorization)

    await ask('Bearer a token').expect(200)
    const refused = await request(site).get('/metrics').expect(401)
    expect(refused.get('WWW-Authenticate')).toBe('Bearer')
    for (const wrong of ['Bearer a toke', 'Bearer a token2', 'Bearer ', 'Basic a token', 'a token'])
      await ask(wrong).expect(401)
  })

  it('is not there in production without a token', async () => {
    await request(await siteOn({}, { production: true }))
      .get('/metrics')
      .expect(404)
  })
})
