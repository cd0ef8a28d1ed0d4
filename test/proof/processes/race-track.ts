import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCheckout } from '../../../src/checkout/open-checkout.ts'
import { settleOrder } from '../../../src/checkout/settle-order.ts'
import { sweepDueList } from '../../../src/checkout/sweep-lists.ts'
import { lookAtDueOrders } from '../../../src/checkout/watch-orders.ts'
import { lookAtDueRefunds } from '../../../src/checkout/watch-refunds.ts'
import { systemClock, timestamp } from '../../../src/clock.ts'
import type { AppContext } from '../../../src/context.ts'
import { signWebhook } from '../../../src/justifi/webhook-signature.ts'
import { CRASH_WEBHOOK_SECRET } from '../../support/crash-shop.ts'
import { violationsOf } from '../model/invariants.ts'
import { differencesOf } from '../model/ledger.ts'
import { type Snapshot, snapshotOf, statusChanges } from '../model/snapshot.ts'
import type { Job } from './messages.ts'
import { MUG_CENTS, placeOneMug } from './place-one-mug.ts'
import { Scene } from './scene.ts'
import { type ShopProcess, ShopProcesses } from './shop-process.ts'

/** Time for every process to hear what it is to do before it begins. */
const NOTICE_MS = 120
/** Nobody is led to a page, and the order is kept: JustiFi was busy with another's same request. */
const KEPT = 502
/** Each commit waits up to so long, at random, so that others come between. */
const SLOW_COMMITS_MS = 25

type Runner = { id: string; token: string; path: string }
type Ask = Extract<Job, { do: 'ask' }>['requests'][number]

/** Several shops, each in a process of its own, on one PostgreSQL, and one sandbox for all. */
export class RaceTrack {
  readonly #scene: Scene
  readonly #processes: ShopProcesses
  readonly #shops: ShopProcess[]
  readonly #ctx: AppContext

  private constructor(
    scene: Scene,
    processes: ShopProcesses,
    shops: ShopProcess[],
    ctx: AppContext,
  ) {
    this.#scene = scene
    this.#processes = processes
    this.#shops = shops
    this.#ctx = ctx
  }

  static async open(shopCount: number): Promise<RaceTrack> {
    const scene = await Scene.open('postgres')
    const { ctx } = await scene.succeed()
    const processes = new ShopProcesses()
    const shops: ShopProcess[] = []
    for (let shop = 0; shop < shopCount; shop++) {
      const process = processes.take()
      shops.push(await scene.openIn(process, { port: 0, slowCommitsMs: SLOW_COMMITS_MS }))
    }
    return new RaceTrack(scene, processes, shops, ctx)
  }

  async close(): Promise<void> {
    await this.#processes.close()
    await this.#scene.close()
  }

  /**
   * At one moment, in all shops: one form is placed, an order's page asked for, a paid order looked
   * at through every door, a debit answered for, an order given up while it is paid, and money
   * asked back by several people, beside a dispute. Answers what is wrong afterwards.
   */
  async lap(): Promise<string[]> {
    const form = randomUUID()
    const [unopened, givenUp, paid, debited, refunded, disputed] = await Promise.all([
      this.#place(),
      this.#opened(),
      this.#paid(),
      this.#debited(),
      this.#settled(),
      this.#settled(),
    ])
    const events = await this.#events()

    const at = Date.now() + NOTICE_MS
    const [statuses] = await Promise.all([
      this.#everywhere(at, (shop) => [
        { do: 'place', checkoutKey: form },
        this.#asking(shop, [
          ...[1, 2].map(() => post(`${unopened.path}/pay`)),
          ...['/after-payment', '', '/back', '/status.json'].map((door) => get(paid.path + door)),
          get(`${debited.path}/after-payment`),
          post(`${givenUp.path}/cancel`),
          ...events.map(webhook),
        ]),
        { do: 'watch' },
        ...[`${refunded.id}-${shop.url}`, `${refunded.id}-all`].map(
          (formKey): Job => ({
            do: 'refund',
            orderId: refunded.id,
            amountCents: MUG_CENTS,
            formKey,
          }),
        ),
        {
          do: 'refund',
          orderId: disputed.id,
          amountCents: MUG_CENTS / 2,
          formKey: `${disputed.id}-${shop.url}`,
        },
        { do: 'settle', orderId: disputed.id },
      ]),
      this.#meanwhile(at, { givenUp, debited, disputed }),
    ])

    // And everything that has been heard of meanwhile, once more at one moment.
    const news = await this.#events()
    const answers = await this.#everywhere(Date.now() + NOTICE_MS, (shop) => [
      this.#asking(shop, news.map(webhook)),
      { do: 'watch' },
      { do: 'watch refunds' },
      { do: 'sweep' },
    ])
    await this.#comeToRest()

    const now = await snapshotOf({ shop: { ctx: this.#ctx }, ...this.#scene, clock: systemClock })
    return [
      ...[...statuses, ...answers]
        .flat()
        .filter((status) => typeof status === 'number' && status >= 400 && status !== KEPT)
        .map((status) => `a shop answered ${status}`),
      ...violationsOf(now, undefined),
      ...differencesOf(now),
      ...orderedMoreThanOnce(now, form),
      ...paidMoreThanOnce(now),
    ]
  }

  async #meanwhile(
    at: number,
    { givenUp, debited, disputed }: Record<'givenUp' | 'debited' | 'disputed', Runner>,
  ): Promise<void> {
    const { justifi } = this.#scene
    const [page, debit, payment] = await Promise.all([
      this.#page(givenUp),
      this.#payment(debited),
      this.#payment(disputed),
    ])
    await sleep(Math.max(0, at - Date.now()))
    await Promise.all([
      justifi.card(page, 'good'),
      justifi.play(`/payments/${debit}/settle`, { status: 'succeeded' }),
      justifi.play(`/payments/${payment}/dispute`, { amount: MUG_CENTS / 2 }),
      justifi.play(`/payments/${payment}/refund`, { amount: MUG_CENTS / 4 }),
    ])
  }

  async #everywhere(at: number, jobsOf: (shop: ShopProcess) => Job[]): Promise<unknown[]> {
    return Promise.all(this.#shops.flatMap((shop) => jobsOf(shop).map((job) => shop.do(job, at))))
  }

  #asking(shop: ShopProcess, requests: Ask[]): Job {
    return { do: 'ask', requests: requests.map((ask) => ({ ...ask, url: shop.url + ask.url })) }
  }

  async #place(): Promise<Runner> {
    const { orderId, token } = await placeOneMug(this.#ctx, randomUUID())
    return { id: orderId, token, path: `/orders/${token}` }
  }

  async #opened(): Promise<Runner> {
    const order = await this.#place()
    await openCheckout(this.#ctx, order.id, 'pay')
    return order
  }

  async #paid(): Promise<Runner> {
    const order = await this.#opened()
    await this.#scene.justifi.card(await this.#page(order), 'good')
    return order
  }

  async #debited(): Promise<Runner> {
    const order = await this.#opened()
    await this.#scene.justifi.bank(await this.#page(order))
    return order
  }

  async #settled(): Promise<Runner> {
    const order = await this.#paid()
    await settleOrder(this.#ctx, order.id, { source: 'watcher' })
    return order
  }

  async #page({ id }: Runner): Promise<string> {
    const { session_id } = await this.#ctx.db
      .selectFrom('checkout_sessions')
      .select('session_id')
      .where('order_id', '=', id)
      .executeTakeFirstOrThrow()
    return String(session_id)
  }

  async #payment({ id }: Runner): Promise<string> {
    const { intent_id } = await this.#ctx.db
      .selectFrom('orders')
      .select('intent_id')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const { payments } = await this.#scene.justifi.books()
    return String(payments.find((payment) => payment.payment_intent_id === intent_id)?.id)
  }

  async #events(): Promise<string[]> {
    const { events } = await this.#scene.justifi.books()
    return events.slice(-30).map((event) => JSON.stringify(event))
  }

  /** Whatever may be due is, until nothing is left to do. */
  async #comeToRest(): Promise<void> {
    const ctx = this.#ctx
    const now = timestamp(systemClock.now())
    const due = { next_check_at: now, leased_until: null }
    await ctx.db.updateTable('orders').set(due).execute()
    await ctx.db.updateTable('refunds').set(due).where('next_check_at', 'is not', null).execute()
    await ctx.db.updateTable('passes').set({ due_at: now, leased_until: null }).execute()
    while ((await lookAtDueOrders(ctx)).looked > 0);
    while ((await lookAtDueRefunds(ctx)).more);
    while ((await sweepDueList(ctx)).more);
    while ((await lookAtDueOrders(ctx)).looked > 0);
  }
}

function get(url: string): Ask {
  return { method: 'GET', url }
}

function post(url: string): Ask {
  return { method: 'POST', url }
}

function webhook(body: string): Ask {
  const sentAt = new Date().toISOString()
  return {
    method: 'POST',
    url: '/webhooks/justifi',
    body,
    headers: {
      'content-type': 'application/json',
      'justifi-signature': signWebhook(CRASH_WEBHOOK_SECRET, sentAt, body),
      'justifi-timestamp': sentAt,
    },
  }
}

function orderedMoreThanOnce({ orders }: Snapshot, form: string): string[] {
  const { length } = orders.filter(({ checkout_key }) => checkout_key === form)
  return length === 1 ? [] : [`one form made ${length} orders`]
}

function paidMoreThanOnce(now: Snapshot): string[] {
  return now.orders.flatMap((order) => {
    const { length } = statusChanges(now, order).filter(({ to }) => to === 'paid')
    return length > 1 ? [`order ${order.number} became paid ${length} times`] : []
  })
}
