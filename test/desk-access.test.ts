import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { newId } from '../src/ids.ts'
import { Clerk } from './support/clerk.ts'
import { GOOD_CARD } from './support/sandbox-control.ts'
import { hiddenField } from './support/shopper.ts'
import { ENGINES, Store } from './support/store.ts'

describe.each(ENGINES)('who gets at what on %s', (engine) => {
  let store: Store

  beforeAll(async () => {
    store = await Store.open({ engine })
  })
  afterAll(() => store.close())

  it('A02: an order’s token opens that order and nothing else', async () => {
    const one = await store.place()
    const other = await store.place()
    const clerk = await Clerk.signIn(store)

    expect((await clerk.see(`/merchant/orders/${one.token}`)).status).toBe(404)
    expect((await clerk.see(`/merchant/events/${one.token}`)).status).toBe(404)
    await request(store.url).post(`/orders/${one.token}/cancel`).expect(303)

    expect((await store.order(one)).status).toBe('cancelled')
    expect((await store.order(other)).status).toBe('awaiting_payment')
  })

  it('A05, A06: whoever gets hold of a link sees no person, and it leaks by no header', async () => {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed), GOOD_CARD)

    for (const path of ['', '/after-payment', '/back', '/receipt', '/status.json']) {
      const page = await request(store.url).get(`/orders/${placed.token}${path}`).expect(200)
      expect(page.text).not.toMatch(/Ann Example|ann@example\.com/)
      expect(page.headers['referrer-policy']).toBe('same-origin')
      expect(page.headers['cache-control']).toBe('no-store')
      expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!127\.0\.0\.1)/)
    }
  })

  it('A20: the database itself keeps an order’s rows with its merchant', async () => {
    const placed = await store.place()
    const { merchantId } = await store.order(placed)
    const stranger = await store.ctx.db
      .selectFrom('merchants')
      .select('id')
      .where('id', '!=', merchantId)
      .executeTakeFirstOrThrow()

    const insert = store.ctx.db
      .insertInto('timeline')
      .values({
        id: newId(),
        order_id: placed.orderId,
        merchant_id: stranger.id,
        ...{ at: 'now', kind: 'status', source: 'merchant', actor: null, data: '{}' },
      })
      .execute()
    await expect(insert).rejects.toThrow(/foreign key/i)
  })

  it('A21: each call to JustiFi names the account of the order that it is about', async () => {
    const mine = await store.place({ shop: 0 })
    const theirs = await store.place({ shop: 1 })
    await Promise.all([store.openPage(mine), store.openPage(theirs)])

    const { payment_intents } = await store.sandbox.state()
    for (const placed of [mine, theirs]) {
      const { intentId, accountId } = await store.order(placed)
      const intent = payment_intents.find(({ id }) => id === intentId)
      expect(intent).toMatchObject({ account_id: accountId })
    }
  })

  it('A12: a flood of sign-ins is turned away in part, and holds up nobody else', async () => {
    const browser = store.browser()
    const csrf = hiddenField(await browser.get('/merchant/sign-in'), '_csrf')
    const order: string[] = []

    const flood = Array.from({ length: 40 }, (_, index) =>
      browser
        .post('/merchant/sign-in')
        .type('form')
        .send({ _csrf: csrf, email: `nobody-${index}@x.example`, password: 'wrong but long' })
        .then(({ status }) => {
          order.push('sign-in')
          return status
        }),
    )
    await new Promise((later) => setTimeout(later, 20))
    await request(store.url)
      .get('/')
      .expect(200)
      .then(() => order.push('shop'))
    const statuses = await Promise.all(flood)

    expect(new Set(statuses)).toEqual(new Set([401, 503]))
    expect(order.at(-1)).toBe('sign-in')
  })
})
