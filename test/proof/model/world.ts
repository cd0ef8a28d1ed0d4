import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../src/clock.ts'
import type { DatabaseConfig } from '../../../src/config.ts'
import type { Row } from '../../../src/db/schema.ts'
import { createLog } from '../../../src/log.ts'
import { type RunningSandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts'
import { type CrashShop, openCrashShop } from '../../support/crash-shop.ts'
import { JustifiHand } from './justifi-hand.ts'

/** A clock that stands still until it is turned, in either direction. */
export class TurnedClock implements Clock {
  #now = new Date()

  now(): Date {
    return new Date(this.#now)
  }

  set(now: Date): void {
    this.#now = new Date(now)
  }

  turn(seconds: number): void {
    this.#now = new Date(this.#now.getTime() + seconds * 1_000)
  }
}

/** Patience for a loopback: a call that hangs costs little, and a breaker never stays open. */
const LIMITS = {
  connectMs: 300,
  firstByteMs: 300,
  readMs: 700,
  writeMs: 700,
  minRetryDelayMs: 1,
  maxRetryDelayMs: 4,
  breakMs: 1,
  maxBreakMs: 4,
  refusalMs: 1,
}

/** Enough for a few orders; now and then one too few. */
const PIECES = 7

/** Emptied between runs, children before parents. */
const TABLES = [
  ...['outbox', 'timeline', 'webhook_events', 'open_items', 'passes', 'disputes', 'refunds'],
  ...['payments', 'checkout_sessions', 'order_items', 'orders'],
] as const

export type WorldDatabase = { config: DatabaseConfig; drop(): Promise<void> }

/**
 * A shop, the sandbox as its JustiFi, and the clocks of both. The shop can die and be opened
 * again; the sandbox cannot, as JustiFi does not.
 */
export class World {
  readonly clock = new TurnedClock()
  readonly justifi: JustifiHand
  readonly database: WorldDatabase
  /** What a log line told that may never happen. */
  readonly alarms: string[] = []
  shop: CrashShop
  isDead = false
  merchants: { merchant: Row<'merchants'>; product: Row<'products'> }[] = []
  /** Names this run's checkout keys, forms and strangers. */
  serial = 0
  /** Faults that show JustiFi's past, or something else than its books, were ordered. */
  wasLiedTo = false
  /** So often JustiFi forgot its idempotency keys. */
  forgettings = 0
  /** Of the first merchant's product there are only so many. */
  counted: { productId: string; atFirst: number } | undefined
  readonly #sandbox: RunningSandbox
  /** Points that the shop may still pass before it dies; undefined while it lives on. */
  #pointsLeft: number | undefined

  private constructor(database: WorldDatabase, sandbox: RunningSandbox) {
    this.database = database
    this.#sandbox = sandbox
    this.justifi = new JustifiHand(sandbox.url)
    this.shop = undefined as unknown as CrashShop
  }

  static async open(database: WorldDatabase): Promise<World> {
    const sandbox = await startSandbox({ port: 0, host: '127.0.0.1' })
    const world = new World(database, sandbox)
    await world.#openShop()
    return world
  }

  async close(): Promise<void> {
    await this.shop.close()
    await this.#sandbox.close()
    await this.database.drop()
  }

  /** Everything as it was before the first order, with a shop that has just been started. */
  async reset(): Promise<void> {
    await this.justifi.reset()
    for (const table of TABLES) await this.shop.ctx.db.deleteFrom(table).execute()
    await this.shop.close()
    this.clock.set(new Date())
    this.alarms.length = 0
    this.serial = 0
    this.wasLiedTo = false
    this.forgettings = 0
    await this.#openShop()
    await this.#countPieces()
  }

  /** Resolves once the bells that webhooks rang have been answered. */
  async quiet(): Promise<void> {
    while (this.shop.ctx.ringing.size > 0) await sleep(2)
  }

  /** From now on the shop dies at the so-manieth point that it comes to. */
  dieAfter(points: number): void {
    this.#pointsLeft = points
  }

  /** Ends the shop, unless it is dead already, and opens another on the same database. */
  async restart(): Promise<void> {
    await this.shop.crash()
    await this.#openShop()
  }

  async #openShop(): Promise<void> {
    this.#pointsLeft = undefined
    this.isDead = false
    this.shop = await openCrashShop({
      database: this.database.config,
      sandboxUrl: this.#sandbox.url,
      clock: this.clock,
      limits: LIMITS,
      log: createLog('warn', { write: (line: string) => this.#hear(line) }),
      probe: () => this.#pass(),
    })
    const { db } = this.shop.ctx
    const merchants = await db.selectFrom('merchants').selectAll().orderBy('slug').execute()
    const products = await db.selectFrom('products').selectAll().orderBy('slug').execute()
    this.merchants = merchants.map((merchant) => {
      const product = products.find(({ merchant_id }) => merchant_id === merchant.id)
      if (!product) throw new Error('a shop without products')
      return { merchant, product }
    })
  }

  async #countPieces(): Promise<void> {
    const product = this.merchants[0]?.product
    if (!product) throw new Error('a world without products')
    this.counted = { productId: product.id, atFirst: PIECES }
    await this.shop.ctx.db
      .updateTable('products')
      .set({ stock: PIECES })
      .where('id', '=', product.id)
      .execute()
  }

  #pass(): void {
    if (this.#pointsLeft === undefined) return
    this.#pointsLeft -= 1
    if (this.#pointsLeft >= 0) return
    this.isDead = true
    this.shop.die()
  }

  #hear(line: string): void {
    // A key that served two bodies: JustiFi refuses the second.
    if (line.includes('idempotency_params_mismatch')) this.alarms.push(line)
  }
}

/** A database file of its own. */
export function sqliteDatabase(): WorldDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'model-'))
  return {
    config: { engine: 'sqlite', path: join(folder, 'shop.sqlite') },
    async drop() {
      rmSync(folder, { recursive: true })
    },
  }
}
