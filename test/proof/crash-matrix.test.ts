import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { lookAtDueOrders } from '../../src/checkout/watch-orders.ts'
import { lookAtDueRefunds } from '../../src/checkout/watch-refunds.ts'
import { systemClock } from '../../src/clock.ts'
import { signWebhook } from '../../src/justifi/webhook-signature.ts'
import { CRASH_WEBHOOK_SECRET } from '../support/crash-shop.ts'
import { ENGINES } from '../support/store.ts'
import { violationsOf } from './model/invariants.ts'
import { differencesOf } from './model/ledger.ts'
import { snapshotOf } from './model/snapshot.ts'
import { Scene } from './processes/scene.ts'
import { type ShopProcess, ShopProcesses } from './processes/shop-process.ts'

/** Where it dies: at a point of its own, or while a call is at JustiFi that is never answered. */
type Death = { at: string; nth?: number } | { during: string; path: RegExp; fault: string }

const PLACED = 'order_items, orders, outbox, timeline'
/** The intent's answer with the intention to open a page, and later the page's answer. */
const WITH_INTENT = 'checkout_sessions, orders, timeline'
const SETTLED = 'orders, outbox, payments, timeline'
const REQUESTED = 'outbox, payments, refunds, timeline'
const GIVEN_BACK = 'orders, payments, refunds, timeline'

const CHECKOUT: [name: string, death: Death][] = [
  ['C01: before the order is committed', { at: `before commit: ${PLACED}` }],
  ['C02: with the order committed and no intent asked for', { at: `after commit: ${PLACED}` }],
  ['C03: with the intent asked for and not made', unanswered('/v1/payment_intents', 'hang')],
  ['C03: with the intent made and not answered', unanswered('/v1/payment_intents', 'hang_after')],
  ['C04: with the intent answered and not saved', { at: 'after prepare' }],
  ['C04: as the intent is saved', { at: `before commit: ${WITH_INTENT}` }],
  ['C05: with the intent saved', { at: `after commit: ${WITH_INTENT}` }],
  ['C05: with the session’s key saved and the session not asked for', { at: 'before open' }],
  [
    'C06: with the session made and not answered',
    unanswered('/v1/checkout_sessions', 'hang_after'),
  ],
  ['C06: with the session answered and not saved', { at: 'after open' }],
  ['C06: as the session is saved', { at: `before commit: ${WITH_INTENT}`, nth: 2 }],
  ['C07: with the session saved', { at: `after commit: ${WITH_INTENT}`, nth: 2 }],
  ['C07: with everything saved, before the 302', { at: 'before answer POST 302' }],
  ['C08: as the 302 leaves', { at: 'after answer POST 302' }],
]

const WEBHOOK: [name: string, death: Death][] = [
  ['C09: before the event is committed', { at: 'before commit: orders, webhook_events' }],
  ['C09: with the event committed, before the 200', { at: 'before answer POST 200' }],
  ['C09: as the 200 leaves', { at: 'after answer POST 200' }],
  ['C10: before order, payment and mails are committed', { at: `before commit: ${SETTLED}` }],
  ['C10: with them committed', { at: `after commit: ${SETTLED}` }],
]

const REFUND: [name: string, death: Death][] = [
  ['C12: before the request is committed', { at: `before commit: ${REQUESTED}` }],
  ['C12: with the request committed and not sent', { at: 'before refund' }],
  ['C12: with the request sent and not done', unanswered('/v1/payments/.*/refunds', 'hang')],
  [
    'C12: with the refund made and not answered',
    unanswered('/v1/payments/.*/refunds', 'hang_after'),
  ],
  ['C12: with the refund answered and not saved', { at: 'after refund' }],
  ['C12: as the answer is saved', { at: `before commit: ${GIVEN_BACK}` }],
  ['C12: with the answer saved', { at: `after commit: ${GIVEN_BACK}` }],
]

const processes = new ShopProcesses()
afterAll(() => processes.close())

describe.each(ENGINES)('a shop on %s that is killed', (engine) => {
  let scene: Scene
  let shop: ShopProcess

  beforeEach(async () => {
    scene = await Scene.open(engine)
    shop = processes.take()
  })
  afterEach(() => scene.close())

  it.each(CHECKOUT)('%s, sells one order on one intent, once', async (_, death) => {
    await scene.openIn(shop, setupOf(death))
    const checkoutKey = await scene.fillCheckout()

    await dying(death, () => scene.shopper.checkOut(checkoutKey))
    const successor = await scene.succeed()
    const { status, headers } = await scene.shopper.checkOut(checkoutKey)

    expect(status).toBe(302)
    const { to } = await scene.justifi.payByCard(String(headers.location))
    expect((await scene.shopper.seeAt(new URL(String(to)).pathname)).text).toContain(
      'Payment received',
    )
    const { orders, books } = await snapshotOf({ shop: successor, ...scene, clock: systemClock })
    expect([orders.length, books.payment_intents.length]).toEqual([1, 1])
    expect(keysOf(books, '/v1/payment_intents')).toHaveLength(1)
    expect(books.checkout_sessions.length).toBe(keysOf(books, '/v1/checkout_sessions').length)
    await demandSound(successor)
  })

  // Who goes on with it is the same on both databases.
  const unresumed = engine === 'sqlite' ? CHECKOUT.slice(1) : CHECKOUT.slice(-1)
  it.each(unresumed)('%s, is looked after by the watcher', async (_, death) => {
    await scene.openIn(shop, setupOf(death))
    const checkoutKey = await scene.fillCheckout()
    await dying(death, () => scene.shopper.checkOut(checkoutKey))

    const successor = await scene.succeed()
    await lookAtDueOrders(successor.ctx)

    const { orders, books } = await snapshotOf({ shop: successor, ...scene, clock: systemClock })
    expect(orders.map(({ intent_id }) => intent_id)).toEqual([books.payment_intents[0]?.id])
    await demandSound(successor)
  })

  it.each(WEBHOOK)('%s, takes the event in and pays the order once', async (_, death) => {
    await scene.openIn(shop, setupOf(death))
    const { headers } = await scene.shopper.checkOut(await scene.fillCheckout())
    await scene.justifi.payByCard(String(headers.location))

    let acknowledged = 0
    await dying(death, async () => {
      acknowledged = await deliver(shop.url)
    })
    const successor = await scene.succeed()
    const before = await snapshotOf({ shop: successor, ...scene, clock: systemClock })
    // Whatever was answered 200 is on disk; what was not is sent again.
    const isStored = await successor.ctx.db.selectFrom('webhook_events').select('id').execute()
    if (acknowledged === 200) expect(isStored).toHaveLength(1)
    expect(await deliver(successor.url)).toBe(200)
    await lookAtDueOrders(successor.ctx)

    const after = await snapshotOf({ shop: successor, ...scene, clock: systemClock })
    expect(after.orders.map(({ status }) => status)).toEqual(['paid'])
    expect(violationsOf(before, undefined)).toEqual([])
    await demandSound(successor)
  })

  it.each(REFUND)('%s, gives money back once', async (_, death) => {
    await scene.openIn(shop, setupOf(death))
    const orderId = await scene.payOrder(shop)
    const refund = { orderId, amountCents: 700, formKey: 'form-1' }

    await dying(death, () => shop.do({ do: 'refund', ...refund }))
    const successor = await scene.succeed()
    const again = processes.take()
    await scene.openIn(again, { port: 0 })
    await again.do({ do: 'refund', ...refund })
    await makeRefundsDue()
    await lookAtDueRefunds(successor.ctx)
    await lookAtDueOrders(successor.ctx)
    await again.close()

    const { books, refunds } = await snapshotOf({ shop: successor, ...scene, clock: systemClock })
    expect(books.refunds.map(({ amount, status }) => [amount, status])).toEqual([
      [700, 'succeeded'],
    ])
    expect(refunds.map(({ outcome }) => outcome)).toEqual(['succeeded'])
    expect(keysOf(books, '/refunds')).toHaveLength(1)
    await demandSound(successor)

    function makeRefundsDue() {
      return successor.ctx.db
        .updateTable('refunds')
        .set({ next_check_at: new Date().toISOString() })
        .where('next_check_at', 'is not', null)
        .execute()
    }
  })

  /** Does the deed, in the middle of which the shop is killed. */
  async function dying(death: Death, deed: () => Promise<unknown>): Promise<void> {
    if ('during' in death) {
      const path = death.path.source.includes('refunds') ? '/v1/payments/*' : death.during
      await scene.justifi.fault({ method: 'POST', path, kind: death.fault })
    }
    const done = deed().catch(() => {})
    if ('during' in death) {
      await scene.received('POST', death.path)
      shop.kill()
    }
    await done
    expect(await shop.ended()).toBe('SIGKILL')
  }

  async function deliver(url: string): Promise<number> {
    const { events } = await scene.justifi.books()
    const event = events.find(({ event_name }) => event_name === 'payment_intent.succeeded')
    const body = JSON.stringify(event)
    const timestamp = new Date().toISOString()
    const response = await fetch(`${url}/webhooks/justifi`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'justifi-signature': signWebhook(CRASH_WEBHOOK_SECRET, timestamp, body),
        'justifi-timestamp': timestamp,
      },
    })
    return response.status
  }

  async function demandSound(successor: { ctx: Parameters<typeof lookAtDueOrders>[0] }) {
    const now = await snapshotOf({ shop: successor, ...scene, clock: systemClock })
    expect(now.books.requests.filter(({ status }) => status === 422)).toEqual([])
    expect([...violationsOf(now, undefined), ...differencesOf(now)]).toEqual([])
  }
})

function unanswered(path: string, fault: 'hang' | 'hang_after'): Death {
  return { during: path, path: new RegExp(`^${path}$`), fault }
}

function setupOf(death: Death) {
  return 'at' in death ? { dieAt: death.at, nth: death.nth ?? 1 } : {}
}

function keysOf(books: Awaited<ReturnType<Scene['justifi']['books']>>, path: string): string[] {
  const calls = books.requests.filter((call) => call.method === 'POST' && call.path.endsWith(path))
  return [...new Set(calls.map((call) => String(call.idempotency_key)))]
}
