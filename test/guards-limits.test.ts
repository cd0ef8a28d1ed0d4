import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { MINUTE } from '../src/clock.ts'
import type { AppContext } from '../src/context.ts'
import { pruneExpired } from '../src/db/prune.ts'
import { addressKey } from '../src/web/address-key.ts'
import { checkoutLimit, requestLimit } from '../src/web/limits.ts'
import { ENGINES, openWebContext, siteWith, type WebContext } from './support/web-context.ts'

const LIMITS = { requestsPerMinute: 5, checkoutsPerMinute: 3 }

function siteWithLimits(ctx: AppContext): Express {
  return siteWith(ctx, (app) => {
    app.get('/page', requestLimit(ctx), (_req, res) => {
      res.json('shown')
    })
    app.post('/checkout', checkoutLimit(ctx), (_req, res) => {
      res.json('placed')
    })
  })
}

describe.each(ENGINES)('checkouts on %s', (engine) => {
  let ctx: WebContext

  beforeEach(async () => {
    ctx = await openWebContext({ engine, limits: LIMITS, trustProxy: 1 })
  })
  afterEach(() => ctx.close())

  const checkOut = (from: string, site = siteWithLimits(ctx)) =>
    request(site).post('/checkout').set('X-Forwarded-For', from)

  it('are limited for one address, over all instances', async () => {
    const instances = [siteWithLimits(ctx), siteWithLimits(ctx)]
    for (const n of [0, 1, 2]) await checkOut('192.0.2.1', instances[n % 2]).expect(200)

    const refused = await checkOut('192.0.2.1', instances[1]).expect(429)

    expect(Number(refused.get('Retry-After'))).toBeGreaterThan(50)
    expect(Number(refused.get('Retry-After'))).toBeLessThanOrEqual(60)
    expect(refused.text).toContain('data-status="429"')
    await checkOut('192.0.2.2').expect(200)
  })

  it('are counted one by one when they come at the same moment', async () => {
    const site = siteWithLimits(ctx)
    const server = site.listen(0, '127.0.0.1')

    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        request(server).post('/checkout').set('X-Forwarded-For', '192.0.2.1'),
      ),
    )

    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(3)
    server.close()
  })

  it('are open again after a minute, however many were refused', async () => {
    for (let n = 0; n < 6; n++) await checkOut('192.0.2.1')

    ctx.pass(MINUTE)

    await checkOut('192.0.2.1').expect(200)
  })

  it('leave a row that is pruned when it is over', async () => {
    await checkOut('192.0.2.1')
    expect(await pruneExpired(ctx.db, ctx.clock.now())).toBe(0)

    ctx.pass(MINUTE)

    expect(await pruneExpired(ctx.db, ctx.clock.now())).toBe(1)
    expect(await ctx.db.selectFrom('rate_limits').selectAll().execute()).toEqual([])
  })
})

describe('requests', () => {
  let ctx: WebContext

  beforeEach(async () => {
    ctx = await openWebContext({ limits: LIMITS })
  })
  afterEach(() => ctx.close())

  async function statuses(
    site: Express,
    count: number,
    headersOf: (n: number) => Record<string, string>,
  ) {
    const seen: number[] = []
    for (let n = 0; n < count; n++) {
      seen.push((await request(site).get('/page').set(headersOf(n))).status)
    }
    return seen
  }

  it('are limited for one address', async () => {
    const seen = await statuses(siteWithLimits(ctx), 6, () => ({}))

    expect(seen).toEqual([200, 200, 200, 200, 200, 429])
  })

  it('D06: are counted under the connection, whatever X-Forwarded-For says', async () => {
    const seen = await statuses(siteWithLimits(ctx), 6, (n) => ({
      'X-Forwarded-For': `192.0.2.${n}`,
    }))

    expect(seen.at(-1)).toBe(429)
  })

  it('D06: are counted under what the trusted proxy saw, whatever stands before it', async () => {
    const site = siteWithLimits({ ...ctx, trustProxy: 1 })

    const spoofing = await statuses(site, 6, (n) => ({
      'X-Forwarded-For': `10.0.0.${n}, 192.0.2.1`,
    }))
    const others = await statuses(site, 6, (n) => ({ 'X-Forwarded-For': `192.0.2.${10 + n}` }))

    expect(spoofing.at(-1)).toBe(429)
    expect(others).toEqual([200, 200, 200, 200, 200, 200])
  })
})

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
    ['no address'.repeat(20), 'no address'.repeat(20).slice(0, 64)],
  ])('%s is counted under %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})
