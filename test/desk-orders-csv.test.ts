import { once } from 'node:events'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { timestamp } from '../src/clock.ts'
import type { NewRow } from '../src/db/schema.ts'
import { newId } from '../src/ids.ts'
import { checkOrdersStep } from '../src/jobs/check-orders.ts'
import { findJob } from '../src/jobs/queries.ts'
import { plainMoney } from '../src/money.ts'
import { csvLine, sendCsv } from '../src/web/merchant/csv.ts'
import { Clerk } from './support/clerk.ts'
import { type InsertedOrder, insertOrders, type OrderFacts } from './support/many-orders.ts'
import { wordsOf } from './support/shopper.ts'
import { ENGINES, Store } from './support/store.ts'

const COLUMNS =
  'number,status,reason,created_local,created_utc,paid_utc,customer_name,customer_email,currency,' +
  'total,refunded,fee,net,method,last_four,payment_id,payment_intent_id'

describe.each(ENGINES)('the export of orders on %s', (engine) => {
  let store: Store
  let clerk: Clerk
  let merchantId: string
  const ids: Record<string, string> = {}

  const FACTS: OrderFacts[] = [
    {
      number: 'CSVAAAA2',
      name: '=HYPERLINK("http://x"), Ann',
      email: 'ann@example.com',
      status: 'partially_refunded',
      totalCents: 123_456,
      refundedCents: 1_000,
      feeCents: 290,
      createdAt: new Date('2026-03-09T03:59:59.500Z'),
    },
    {
      number: 'CSVBBBB3',
      name: 'Zoë "Z"\nÅngström',
      status: 'awaiting_payment',
      totalCents: 51,
      createdAt: new Date('2026-03-09T04:00:00.000Z'),
    },
  ]

  beforeAll(async () => {
    store = await Store.open({ engine })
    const { db } = store.ctx
    const shop = await db
      .selectFrom('merchants')
      .select('id')
      .where('slug', '=', 'fernhill-pottery')
      .executeTakeFirstOrThrow()
    merchantId = shop.id
    for (const { id, number } of await insertOrders(db, merchantId, FACTS)) ids[number] = id
    await insertOrders(
      db,
      merchantId,
      Array.from({ length: 700 }, (_, i) => ({
        name: 'Many Orders',
        email: `many${i}@example.com`,
        createdAt: new Date(Date.UTC(2025, 0, 1) + i * 60_000),
      })),
    )
    clerk = await Clerk.signIn(store)
  })
  afterAll(() => store.close())

  const lines = async (query: string) => {
    const { text } = await clerk.see(`/merchant/orders.csv?${query}`)
    return text.split('\r\n')
  }

  it('has the columns of the contract, times of the shop and of UTC, and plain amounts', async () => {
    const response = await clerk.see('/merchant/orders.csv?q=csva')

    expect(response.status).toBe(200)
    expect(response.headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
    expect(response.headers['content-disposition']).toMatch(
      /^attachment; filename="orders-fernhill-pottery-\d{4}-\d\d-\d\d\.csv"$/,
    )
    const id = ids.CSVAAAA2
    expect(response.text).toBe(
      `${COLUMNS}\r\n` +
        'CSVAAAA2,partially_refunded,,2026-03-08 23:59:59,2026-03-09T03:59:59Z,' +
        '2026-03-09T03:59:59Z,"\'=HYPERLINK(""http://x""), Ann",ann@example.com,usd,' +
        `1234.56,10.00,2.90,1221.66,card,4242,py_${id},pi_${id}\r\n`,
    )
  })

  it('leaves empty what an unpaid order does not have', async () => {
    const [, line, rest] = (await clerk.see('/merchant/orders.csv?q=csvb')).text.split('\r\n')
    expect(`${line}${rest}`).toBe(
      'CSVBBBB3,awaiting_payment,,2026-03-09 00:00:00,2026-03-09T04:00:00Z,,' +
        '"Zoë ""Z""\nÅngström",ann@example.com,usd,0.51,0.00,,,,,,' +
        `pi_${ids.CSVBBBB3}`,
    )
  })

  it('holds exactly the orders of the filter, each once, over many batches', async () => {
    const all = (await lines('')).slice(1, -1)
    expect(all).toHaveLength(702)
    expect(new Set(all).size).toBe(702)
    expect(await lines('q=many&from=2025-01-01&to=2025-01-01')).toHaveLength(402)
    expect(await lines('to=2024-12-31')).toHaveLength(302)
    expect(await lines('from=2026-03-09&to=2026-03-09')).toHaveLength(3)
    expect(await lines('status=partially_refunded&status=failed')).toHaveLength(3)
  })

  describe('of orders that need attention', () => {
    const SILENT = 6_001
    const IN_TROUBLE = 600
    const DAY_ONE = Date.UTC(2025, 5, 1)
    const shop = { id: newId(), slug: 'busy-shop' }
    let busyClerk: Clerk
    let silent: string[]

    beforeAll(async () => {
      const { db } = store.ctx
      const model = await db
        .selectFrom('merchants')
        .selectAll()
        .where('id', '=', merchantId)
        .executeTakeFirstOrThrow()
      await db
        .insertInto('merchants')
        .values({ ...model, ...shop })
        .execute()
      busyClerk = await Clerk.signIn(store, { shop: shop.slug })
      const since = new Date(DAY_ONE)
      const facts = Array.from({ length: SILENT }, (_, i) => ({
        status: 'awaiting_payment' as const,
        createdAt: new Date(DAY_ONE + i * 60_000),
        unansweredSince: since,
      }))
      silent = (await insertOrders(db, shop.id, facts)).map(({ number }) => number)

      // Ten refunds of each are in trouble, which is no reason to name an order ten times.
      const paid = Array.from({ length: IN_TROUBLE }, () => ({ status: 'paid' as const }))
      const orders = await insertOrders(db, shop.id, paid)
      for (let nth = 0; nth < 10; nth++) {
        await db
          .insertInto('refunds')
          .values(orders.map((order) => failedRefund(order, shop.id, nth)))
          .execute()
      }
    }, 120_000)

    const numbers = async (query: string) => {
      const { text } = await busyClerk.see(`/merchant/orders.csv?${query}`)
      return text
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',', 1)[0])
    }

    it('leaves none of them out, newest first, however many', async () => {
      expect(await numbers('attention=1&status=awaiting_payment')).toEqual(silent.toReversed())
      expect(await numbers('attention=1&status=awaiting_payment&to=2025-06-01')).toEqual(
        silent.slice(0, 28 * 60).toReversed(),
      )
      expect(new Set(await numbers('attention=1&status=paid')).size).toBe(IN_TROUBLE)
      const all = await numbers('attention=1')
      expect([all.length, new Set(all).size]).toEqual(Array(2).fill(SILENT + IN_TROUBLE))
    }, 120_000)

    it('is what a job checks, and what the list counts', async () => {
      const form = { filter: 'attention=1', job_key: 'all-of-them' }
      await busyClerk.see('/merchant/orders?attention=1')
      const begun = await busyClerk.send('/merchant/jobs/check-orders', form)
      const id = String(begun.headers.location).split('/').at(-1) ?? ''
      const job = await findJob(store.ctx.db, shop.id, id)
      if (!job) throw new Error('no job was begun')
      expect(await checkOrdersStep(store.ctx, job)).toMatchObject({ total: SILENT + IN_TROUBLE })

      const counted = async (query: string) =>
        wordsOf(await busyClerk.see(`/merchant/orders?attention=1&${query}`))
      expect(await counted('')).toContain('1,000+ orders')
      expect(await counted('status=paid')).toContain('600 orders')
      // Oldest of all: whoever looks at some of them first finds none of this day.
      expect(await counted('to=2025-05-31')).toContain(`${4 * 60} orders`)
    }, 120_000)
  })

  it('gives a row for each item on request', async () => {
    const [header, line] = await lines('q=csva&rows=items')
    expect(header).toBe(
      `${COLUMNS},item,product,product_slug,quantity,unit_price,item_total,` +
        'total_minor,unit_price_minor,item_total_minor',
    )
    expect(line).toMatch(/,1,Blue mug,blue-mug,1,1234\.56,1234\.56,123456,123456,123456$/)
  })

  it('begins with a byte order mark for Excel alone', async () => {
    const forExcel = await clerk.see('/merchant/orders.csv?q=csva&bom=1')
    const plain = await clerk.see('/merchant/orders.csv?q=csva')
    expect(forExcel.text).toBe(`\uFEFF${plain.text}`)
    expect((await clerk.see('/merchant/orders?q=csva')).text).toMatch(
      /href="\/merchant\/orders\.csv\?q=csva&(?:amp;)?bom=1" download>For Excel</,
    )
  })

  it('answers HEAD with its headers, without making the file', async () => {
    const count = async () =>
      (
        await store.ctx.db
          .selectFrom('audit_log')
          .select('id')
          .where('kind', '=', 'orders_exported')
          .execute()
      ).length
    const before = await count()
    let asked = 0
    const { executeQuery } = store.ctx.db
    store.ctx.db.executeQuery = ((...given: Parameters<typeof executeQuery>) => {
      if ('sql' in given[0] && given[0].sql.includes('last_four')) asked++
      return executeQuery.apply(store.ctx.db, given)
    }) as typeof executeQuery

    const head = await clerk.agent.head('/merchant/orders.csv')
    store.ctx.db.executeQuery = executeQuery
    expect([head.status, head.headers['content-type']]).toEqual([
      ...[200, 'text/csv; charset=utf-8; header=present'],
    ])
    expect([asked, await count()]).toEqual([0, before])
  })

  it('is for who may export, is in the log, and holds nothing of another shop', async () => {
    const viewer = await Clerk.signIn(store, { role: 'viewer', mayExport: false })
    expect((await viewer.see('/merchant/orders.csv')).status).toBe(403)
    expect((await viewer.see('/merchant/orders')).text).not.toContain('orders.csv')
    expect((await clerk.see('/merchant/orders')).text).toContain('Download CSV (702 orders)')

    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    expect((await other.see('/merchant/orders.csv')).text).toBe(`${COLUMNS}\r\n`)

    const acts = await store.ctx.db
      .selectFrom('audit_log')
      .select(['actor', 'data'])
      .where('kind', '=', 'orders_exported')
      .where('merchant_id', '=', merchantId)
      .orderBy('id')
      .execute()
    expect(acts[0]).toEqual({ actor: clerk.email, data: '{"filter":"q=csva","rows":"orders"}' })
  })

  it('refuses a wrong filter with the list’s own words', async () => {
    const response = await clerk.see('/merchant/orders.csv?from=2026-03-02&to=2026-03-01')
    expect(response.status).toBe(422)
    expect(response.text).toContain('End date must be the same as or after the start date')
  })

  it('stops when the client hangs up', async () => {
    // So many rows that no socket holds them all.
    const rows = Array.from({ length: 4_000 }, () => ({ name: 'n' }))
    await insertOrders(store.ctx.db, merchantId, rows)
    const long = { customer_name: 'n'.repeat(10_000) }
    await store.ctx.db
      .updateTable('orders')
      .set(long)
      .where('merchant_id', '=', merchantId)
      .execute()
    let batches = 0
    const { executeQuery } = store.ctx.db
    store.ctx.db.executeQuery = ((...given: Parameters<typeof executeQuery>) => {
      if ('sql' in given[0] && given[0].sql.includes('last_four')) batches++
      return executeQuery.apply(store.ctx.db, given)
    }) as typeof executeQuery

    const cookie = cookieOf(clerk)
    await new Promise<void>((resolve, reject) => {
      const request = get(
        `${store.url}/merchant/orders.csv`,
        { headers: { cookie } },
        (response) => {
          response.once('data', () => {
            response.destroy()
            resolve()
          })
        },
      )
      request.on('error', reject)
    })
    await sleep(300)
    const soon = batches
    await sleep(500)
    expect(batches).toBe(soon)
    // Of sixteen.
    expect(batches).toBeLessThan(12)
    store.ctx.db.executeQuery = executeQuery
  })
})

/** What the clerk's browser would send; supertest itself reads answers to their end. */
function cookieOf({ agent }: Clerk): string {
  const { jar } = agent as unknown as {
    jar: { getCookies(access: object): { toValueString(): string } }
  }
  const access = { domain: '127.0.0.1', path: '/merchant', secure: false, script: false }
  return jar.getCookies(access).toValueString()
}

describe('a file that a client hangs up on', () => {
  it.each(['while it waits for room', 'between two batches'])('is given up %s', async (when) => {
    const ended = Promise.withResolvers<void>()
    async function* batches() {
      try {
        for (;;) {
          yield when === 'between two batches' ? 'a,b\r\n' : 'a'.repeat(1_000_000)
          if (when === 'between two batches') await sleep(1)
        }
      } finally {
        ended.resolve()
      }
    }
    const file = { name: 'endless', header: ['a', 'b'] }
    const app = express().get('/', (_req, res) => sendCsv(res, file, batches()))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo

    get(`http://127.0.0.1:${port}/`, (response) => {
      response.once('data', () => setTimeout(() => response.destroy(), 50))
    })
    const outcome = await Promise.race([ended.promise.then(() => 'given up'), sleep(3_000)])
    server.close()
    server.closeAllConnections()

    expect(outcome).toBe('given up')
  })
})

describe('a line of CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1 555', "'+1 555"],
    ['-1+1', "'-1+1"],
    ['@sum', "'@sum"],
    ['\t=1', "'\t=1"],
    ['\rx', '"\'\rx"'],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    ['-12.50', '-12.50'],
    ['Ann-Marie 2+2@x.example', 'Ann-Marie 2+2@x.example'],
    ['ends with a blank ', '"ends with a blank "'],
    ['ends with a line\n', '"ends with a line\n"'],
    ['-', "'-"],
    ['', ''],
    ['a=b', 'a=b'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [' blank ', '" blank "'],
  ])('has %j as %j', (text, cell) => {
    expect(csvLine([text, null, 5])).toBe(`${cell},,5\r\n`)
  })

  it('has amounts to the cent', () => {
    expect([0, 5, 51, 100, -30, 123_456_789].map(plainMoney)).toEqual([
      ...['0.00', '0.05', '0.51', '1.00', '-0.30', '1234567.89'],
    ])
  })
})

function failedRefund(
  { id: orderId, paymentId }: InsertedOrder,
  merchantId: string,
  nth: number,
): NewRow<'refunds'> {
  const at = timestamp(new Date(Date.UTC(2025, 6, 1, nth)))
  return {
    ...{ id: newId(), order_id: orderId, merchant_id: merchantId, payment_id: String(paymentId) },
    ...{ idempotency_key: null, form_key: null, refund_id: null, amount_cents: 100 },
    ...{ reason: null, note: null, outcome: 'failed', error_code: null, actor: null },
    ...{ next_check_at: null, check_count: 0, leased_until: null },
    ...{ created_at: at, updated_at: at },
  }
}
