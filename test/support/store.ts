import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import request from 'supertest'
import { type Placed, placeOrder } from '../../src/checkout/place-order.ts'
import type { Clock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import type { AppContext, Limits } from '../../src/context.ts'
import { seedDemo } from '../../src/demo/seed-demo.ts'
import { newSecret } from '../../src/ids.ts'
import { createLog } from '../../src/log.ts'
import type { Order } from '../../src/orders/order.ts'
import { getOrder } from '../../src/orders/queries/find-order.ts'
import { type RunningSandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts'
import { type RunningShop, startShop } from '../../src/start-shop.ts'
import { createTestDatabase } from './postgres.ts'
import { SandboxControl } from './sandbox-control.ts'

export type Engine = 'sqlite' | 'postgres'
export const ENGINES: Engine[] = ['sqlite', 'postgres']

export const WEBHOOK_SECRET = 'sigk_store'

/** A clock that stands still until it is turned. */
export class TestClock implements Clock {
  #now = new Date()

  now(): Date {
    return new Date(this.#now)
  }

  advance(seconds: number): void {
    this.#now = new Date(this.#now.getTime() + seconds * 1_000)
  }
}

export type StoreOptions = {
  engine?: Engine
  /** Whether the sandbox tells the shop of its events. */
  webhooks?: boolean
  /** How often the watcher looks. By default it does not, unless a test makes it. */
  watchIntervalMs?: number
  clock?: Clock
  limits?: Limits
  /** Opens the payment pages on another site than the shop's, as browsers see it and as JustiFi does. */
  otherSite?: boolean
}

/**
 * A whole shop with the real sandbox beside it, each on a port of its own, with the two demo shops
 * open. What it says is logged nowhere, unless LOG_LEVEL asks for it.
 */
export class Store {
  readonly url: string
  readonly sandbox: SandboxControl
  readonly ctx: AppContext
  readonly #parts: { close(): Promise<void> }[]

  private constructor(shop: RunningShop, sandbox: RunningSandbox, after: () => Promise<void>) {
    this.url = shop.url
    this.ctx = shop.ctx
    this.sandbox = new SandboxControl(sandbox.url)
    this.#parts = [shop, sandbox, { close: after }]
  }

  static async open(options: StoreOptions = {}): Promise<Store> {
    const dataDir = mkdtempSync(join(tmpdir(), 'store-'))
    const database = options.engine === 'postgres' ? await createTestDatabase() : undefined
    const sandbox = await startSandbox({ port: 0, host: '127.0.0.1' })

    const config = readConfig({
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: database?.url,
      JUSTIFI_CLIENT_ID: 'test_store',
      JUSTIFI_CLIENT_SECRET: 'test_store',
      JUSTIFI_API_URL: sandbox.url,
      JUSTIFI_CHECKOUT_URL: `${options.otherSite ? otherSite(sandbox.url) : sandbox.url}/r/{id}`,
      JUSTIFI_WEBHOOK_SECRET: WEBHOOK_SECRET,
      WATCH_INTERVAL_MS: String(options.watchIntervalMs ?? 3_600_000),
    })
    if (!config.justifi) throw new Error('the store needs credentials')
    const shop = await startShop(config, {
      log: createLog(process.env.LOG_LEVEL ?? 'silent'),
      justifi: config.justifi,
      webhookSecrets: config.webhookSecrets,
      prepare: ({ db, clock }) => seedDemo(db, clock),
      ...(options.clock && { clock: options.clock }),
      ...(options.limits && { limits: options.limits }),
    })

    const store = new Store(shop, sandbox, async () => {
      await database?.drop()
      rmSync(dataDir, { recursive: true })
    })
    if (options.webhooks) {
      await store.sandbox.publishTo(`${store.url}/webhooks/justifi`, WEBHOOK_SECRET)
    }
    return store
  }

  async close(): Promise<void> {
    for (const part of this.#parts) await part.close()
  }

  /** Someone's browser: it keeps cookies. */
  browser() {
    return request.agent(this.url)
  }

  /** Places an order as the checkout form does, without the pages around it. */
  async place(
    facts: { quantity?: number; checkoutKey?: string; shop?: 0 | 1 } = {},
  ): Promise<Placed> {
    const merchant = await this.ctx.db
      .selectFrom('merchants')
      .selectAll()
      .orderBy('slug')
      .offset(facts.shop ?? 0)
      .limit(1)
      .executeTakeFirstOrThrow()
    const product = await this.ctx.db
      .selectFrom('products')
      .selectAll()
      .where('merchant_id', '=', merchant.id)
      .orderBy('slug')
      .limit(1)
      .executeTakeFirstOrThrow()

    return placeOrder(this.ctx, {
      shop: {
        merchantId: merchant.id,
        slug: merchant.slug,
        name: merchant.name,
        tagline: merchant.tagline,
        currency: merchant.currency as 'usd',
        supportEmail: merchant.support_email,
        timeZone: merchant.time_zone,
        language: merchant.language,
        accountId: merchant.sub_account_id,
      },
      lines: [
        {
          productId: product.id,
          productSlug: product.slug,
          productName: product.name,
          unitPriceCents: product.price_cents,
          quantity: facts.quantity ?? 1,
        },
      ],
      customerName: 'Ann Example',
      customerEmail: 'ann@example.com',
      checkoutKey: facts.checkoutKey ?? newSecret(),
    })
  }

  /** Presses Pay on the order's page, and answers where that leads. */
  async openPage({ token }: Pick<Placed, 'token'>): Promise<string> {
    const response = await request(this.url).post(`/orders/${token}/pay`).expect(302)
    return String(response.headers.location)
  }

  order({ orderId }: Pick<Placed, 'orderId'>): Promise<Order> {
    return getOrder(this.ctx.db, orderId)
  }

  /** What the timeline tells, oldest first: `placed`, `status paid`, … with who brought it. */
  async timeline({ orderId }: Pick<Placed, 'orderId'>): Promise<string[]> {
    const rows = await this.ctx.db
      .selectFrom('timeline')
      .select(['kind', 'source', 'data'])
      .where('order_id', '=', orderId)
      .orderBy('id')
      .execute()
    return rows.map(({ kind, source, data }) => {
      const { to, status, outcome } = JSON.parse(data)
      return [kind, to ?? status ?? outcome, `(${source})`].filter(Boolean).join(' ')
    })
  }
}

/** The same machine by another name: to a browser that is another site. */
function otherSite(url: string): string {
  return url.replace('127.0.0.1', 'localhost')
}
