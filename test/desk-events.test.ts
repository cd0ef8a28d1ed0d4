import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import request from 'supertest'
import type { Placed } from '../src/checkout/place-order.ts'
import { newId } from '../src/ids.ts'
import { signWebhook } from '../src/justifi/webhook-signature.ts'
import { findShop } from '../src/merchants/queries.ts'
import type { Shop } from '../src/merchants/shop.ts'
import { redacted } from '../src/web/merchant/events/redact.ts'
import { connectionOf } from '../src/webhooks/connection.ts'
import { listLoggedEvents } from '../src/webhooks/event-log.ts'
import { Clerk } from './support/clerk.ts'
import { eventually } from './support/eventually.ts'
import { plansOf } from './support/query-plans.ts'
import { wordsOf } from './support/shopper.ts'
import { ENGINES, Store, WEBHOOK_SECRET } from './support/store.ts'

describe.each(ENGINES)('the log of events, on %s', (engine) => {
  let store: Store
  let clerk: Clerk

  beforeEach(async () => {
    store = await Store.open({ engine })
    clerk = await Clerk.signIn(store)
  })
  afterEach(() => store.close())

  it('shows what came, with its result in words, and leads to the order', async () => {
    const placed = await paidOrder()
    await send(await eventOf(placed, { id: 'evt_first' }))
    await settled('evt_first')
    await send(await eventOf(placed, { id: 'evt_second' }))
    await settled('evt_second')
    await send(await eventOf(placed, { id: 'evt_second' }))
    await send({ ...(await eventOf(placed, { id: 'evt_live' })), account_type: 'live' })
    await send({
      ...(await eventOf(placed, { id: 'evt_stranger', account: 'acc_stranger' })),
      data: { id: 'pi_nobody', payment_intent_id: null },
    })
    await send({ ...(await eventOf(placed, { id: 'evt_unknown' })), data: { id: 'py_nobody' } })

    const list = wordsOf(await clerk.see('/merchant/events'))

    const { number } = await store.order(placed)
    expect(list).toContain(`payment_intent.succeeded ${number} Processed`)
    expect(list).toContain(`payment_intent.succeeded ${number} Nothing new`)
    expect(list).toContain(`payment_intent.succeeded ${number} Wrong mode`)
    expect(list).toContain('payment_intent.succeeded None No order')
    expect(await idsOf('processed')).toEqual(['evt_first'])
    expect(await idsOf('nothing_new')).toEqual(['evt_second'])
    expect(await idsOf('repeated')).toEqual(['evt_second'])
    expect(await idsOf('unknown_object')).toEqual(['evt_unknown'])
    expect(await idsOf('wrong_mode')).toEqual(['evt_live'])
    expect(await idsOf(null)).not.toContain('evt_stranger')
  })

  it('filters by result, and pages both ways', async () => {
    const placed = await paidOrder()
    const template = await eventOf(placed, { id: '' })
    for (let n = 10; n < 40; n++) await send({ ...template, id: `evt_${n}`, data: { id: 'x' } })

    const first = await clerk.see('/merchant/events?result=unknown_object')
    const older = /href="([^"]*)" rel="next"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&')
    expect(rowsOf(first.text)).toBe(25)
    const second = await clerk.see(String(older))
    expect(rowsOf(second.text)).toBe(5)
    expect(second.text).not.toContain('rel="next"')
    const newer = /href="([^"]*)" rel="prev"/.exec(second.text)?.[1]?.replaceAll('&amp;', '&')
    expect(rowsOf((await clerk.see(String(newer))).text)).toBe(25)

    expect(wordsOf(await clerk.see('/merchant/events?result=processed'))).toContain(
      'No events have this result.',
    )
    expect(rowsOf((await clerk.see('/merchant/events?after=made-up')).text)).toBe(25)
  })

  it('says where JustiFi has to deliver to, where nothing ever came', async () => {
    expect(wordsOf(await clerk.see('/merchant/events'))).toContain(
      `No webhooks received. Check the address in your JustiFi dashboard: ${store.url}/webhooks/justifi`,
    )
  })

  it('shows one event without what is a person’s, and without the secret', async () => {
    const placed = await paidOrder()
    const event = await eventOf(placed, { id: 'evt_1' })
    const data = {
      ...{ ...event.data, amount: 2_400, status: 'succeeded', description: 'For Ann' },
      metadata: { 'ann@example.com': 'Ann Example', order: 'x' },
      payment_method: { card: { name: 'Ann Example', acct_last_four: '4242', token: 'pm_secret' } },
    }
    await send({ ...event, data })

    const page = await clerk.see('/merchant/events/evt_1')

    expect(page.status).toBe(200)
    const text = page.text.replaceAll('&#34;', '"')
    expect(text).toContain('"amount": 2400')
    expect(text).toContain('"acct_last_four": "4242"')
    expect(text).toContain('"status": "succeeded"')
    expect(text).not.toMatch(/Ann|example\.com|pm_secret/)
    expect(text).not.toContain(WEBHOOK_SECRET)
    expect(text).toContain('tabindex="0"')
  })

  it('processes again: the order is asked about, whatever the event says', async () => {
    const placed = await paidOrder()
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'status', status: 404 })
    await send(await eventOf(placed, { id: 'evt_1' }))
    await eventually(async () => expect((await store.sandbox.calls()).at(-1)).toMatch(/404$/))
    expect(await idsOf('waiting')).toEqual(['evt_1'])
    await clerk.see('/merchant/events/evt_1')

    const response = await clerk.send('/merchant/events/evt_1/process')

    expect([response.status, response.headers.location]).toEqual([
      303,
      '/merchant/events/evt_1?notice=changed',
    ])
    expect((await store.order(placed)).status).toBe('paid')
    expect(await store.timeline(placed)).toContain('status paid (merchant)')
    expect(await idsOf('processed')).toEqual(['evt_1'])
    const again = await clerk.send('/merchant/events/evt_1/process')
    expect(again.headers.location).toBe('/merchant/events/evt_1?notice=unchanged')
    const acts = await store.ctx.db
      .selectFrom('audit_log')
      .select(['actor', 'data'])
      .where('kind', '=', 'event_processed_again')
      .execute()
    expect(acts).toEqual(Array(2).fill({ actor: clerk.email, data: '{"event":"evt_1"}' }))
  })

  it('says that JustiFi did not answer, and leaves the order due', async () => {
    const placed = await paidOrder()
    await send({ ...(await eventOf(placed, { id: 'evt_1' })), data: { id: 'x' } })
    await store.ctx.db
      .updateTable('webhook_events')
      .set({ body: JSON.stringify(await eventOf(placed, { id: 'evt_1' })) })
      .execute()
    await clerk.see('/merchant/events/evt_1')
    await store.sandbox.fault({ method: 'GET', path: '/v1/*', kind: 'status', status: 404 })

    const { headers } = await clerk.send('/merchant/events/evt_1/process')

    expect(headers.location).toBe('/merchant/events/evt_1?notice=no_answer')
    const { nextCheckAt } = await store.order(placed)
    expect(nextCheckAt?.getTime()).toBeLessThanOrEqual(Date.now())
  })

  it('rings nothing for an event of the wrong side, however often it is asked to', async () => {
    const placed = await paidOrder()
    await send({ ...(await eventOf(placed, { id: 'evt_1' })), account_type: 'live' })
    const page = await clerk.see('/merchant/events/evt_1')
    expect(page.text).not.toContain('Process again')
    const before = await store.sandbox.calls()

    const { headers } = await clerk.send('/merchant/events/evt_1/process')

    expect(headers.location).toBe('/merchant/events/evt_1?notice=not_ours')
    expect(await store.sandbox.calls()).toEqual(before)
  })

  it('A03: hides the events of another merchant, and lets nobody process them', async () => {
    const placed = await paidOrder()
    await send(await eventOf(placed, { id: 'evt_1' }))
    await settled('evt_1')
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })

    expect((await other.see('/merchant/events')).text).not.toContain('payment_intent')
    expect((await other.see('/merchant/events/evt_1')).status).toBe(404)
    expect((await other.send('/merchant/events/evt_1/process')).status).toBe(404)
  })

  it('lets viewers look, and not process', async () => {
    const placed = await paidOrder()
    await send(await eventOf(placed, { id: 'evt_1' }))
    const viewer = await Clerk.signIn(store, { role: 'viewer' })
    const page = await viewer.see('/merchant/events/evt_1')
    expect([page.status, page.text.includes('Process again')]).toEqual([200, false])
    expect((await viewer.send('/merchant/events/evt_1/process')).status).toBe(403)
  })

  it.each([
    ['the newest', null, 'webhook_events_newest'],
    ['those of a result', 'processed', 'webhook_events_by_outcome'],
    ['those without an end of processing', 'waiting', 'webhook_events_by_outcome'],
    ['those that came twice', 'repeated', 'webhook_events_repeated'],
  ] as const)('finds %s by an index, and sorts none of them', async (_, filter, index) => {
    const { merchantId } = await shopRow()
    await fillLog(merchantId)
    const place = { receivedAt: '2026-01-01T00:00:00.000Z', id: 'evt_1' }
    const [plan] = await plansOf(store.ctx.db, engine, (db) =>
      listLoggedEvents(db, merchantId, filter, { place, direction: 'older' }, 26),
    )
    expect(plan).toContain(index)
    expect(plan).not.toMatch(/TEMP B-TREE|Sort/)
  })

  it('finds what no webhook announced by indexes', async () => {
    const shop = await findShop(store.ctx.db, 'fernhill-pottery')
    const plans = await plansOf(store.ctx.db, engine, (db) =>
      connectionOf(db, shop as Shop, new Date()),
    )
    const [plan] = plans.filter((one) => one.includes('timeline'))
    expect(plan).toContain('timeline_found_by_us')
    expect(plan).toContain('webhook_events_of_order')
  })

  /** With enough events for the planner to see a difference between its indexes. */
  async function fillLog(merchantId: string): Promise<void> {
    const events = Array.from({ length: 800 }, (_, n) => ({
      ...{ id: `evt_${n}`, name: 'x', account_id: null, account_type: null, body_hash: 'x' },
      ...{ body: '{}', deliveries: n % 100 === 0 ? 2 : 1, order_id: null, processed_at: null },
      merchant_id: merchantId,
      outcome: n % 50 === 0 ? 'rung' : n % 50 === 1 ? 'settled' : 'unknown_object',
      brought_news: n % 50 === 1 ? 1 : 0,
      received_at: new Date(Date.UTC(2025, 0, 1, n)).toISOString(),
    }))
    await store.ctx.db.insertInto('webhook_events').values(events).execute()
    await sql`analyze webhook_events`.execute(store.ctx.db)
  }

  async function paidOrder(): Promise<Placed> {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))
    return placed
  }

  async function eventOf(placed: Placed, { id, account }: { id: string; account?: string }) {
    const { intentId, accountId } = await store.order(placed)
    return {
      ...{ id, event_name: 'payment_intent.succeeded', account_type: 'test', version: 'v1' },
      account_id: account ?? accountId,
      data: { id: intentId },
    }
  }

  async function send(event: object): Promise<void> {
    const body = JSON.stringify(event)
    const timestamp = new Date().toISOString()
    await request(store.url)
      .post('/webhooks/justifi')
      .set('JUSTIFI-SIGNATURE', signWebhook(WEBHOOK_SECRET, timestamp, body))
      .set('JUSTIFI-TIMESTAMP', timestamp)
      .set('Content-Type', 'application/json')
      .send(body)
      .expect(200)
  }

  async function settled(id: string): Promise<void> {
    await eventually(async () => {
      const row = await store.ctx.db
        .selectFrom('webhook_events')
        .select('outcome')
        .where('id', '=', id)
        .executeTakeFirst()
      expect(row?.outcome).toBe('settled')
    })
  }

  async function idsOf(filter: Parameters<typeof listLoggedEvents>[2]): Promise<string[]> {
    const { merchantId } = await shopRow()
    const events = await listLoggedEvents(store.ctx.db, merchantId, filter, null, 50)
    return events.map(({ id }) => id)
  }

  async function shopRow(): Promise<{ merchantId: string }> {
    return store.ctx.db
      .selectFrom('merchants')
      .select('id as merchantId')
      .where('slug', '=', 'fernhill-pottery')
      .executeTakeFirstOrThrow()
  }
})

describe('what is shown of an event', () => {
  it('is what is known to be plain, and nothing else', () => {
    const id = newId()
    expect(
      redacted({
        id,
        payment_id: 'py_1',
        amount: 12,
        amount_refunded: 3,
        currency: 'usd',
        is_test: true,
        name: 'Ann Example',
        email: 'ann@example.com',
        phone: 5_551_234,
        postal_code: '55401',
        description: 'Order for Ann',
        client_secret: 'x',
        reason: 'ann@example.com wrote',
        brand: '4242 4242 4242 4242',
        fees: [{ id: 'fee_1', amount: 4, note: 'Ann' }],
        nothing: null,
      }),
    ).toEqual({
      id,
      payment_id: 'py_1',
      amount: 12,
      amount_refunded: 3,
      currency: 'usd',
      is_test: true,
      name: '[left out]',
      email: '[left out]',
      phone: '[left out]',
      postal_code: '[left out]',
      description: '[left out]',
      client_secret: '[left out]',
      reason: '[left out]',
      brand: '[left out]',
      fees: [{ id: 'fee_1', amount: 4, note: '[left out]' }],
      nothing: null,
    })
  })

  it('ends where it is nested without an end', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}1${']'.repeat(5_000)}`)
    expect(JSON.stringify(redacted(deep))).toContain('[left out]')
  })
})

function rowsOf(html: string): number {
  return html.split('scope="row"').length - 1
}
