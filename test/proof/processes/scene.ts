import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../../src/clock.ts'
import { createLog } from '../../../src/log.ts'
import { type RunningSandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts'
import { type CrashShop, openCrashShop } from '../../support/crash-shop.ts'
import { createTestDatabase } from '../../support/postgres.ts'
import { Shopper } from '../../support/shopper.ts'
import { JustifiHand } from '../model/justifi-hand.ts'
import { sqliteDatabase, type WorldDatabase } from '../model/world.ts'
import type { Setup } from './messages.ts'
import { SHOP } from './place-one-mug.ts'
import type { ShopProcess } from './shop-process.ts'

const PRODUCT = 'blue-mug'

/** What happens to shops in processes of their own, and to the one that takes over from them. */
export class Scene {
  readonly justifi: JustifiHand
  readonly shopper: Shopper
  readonly #database: WorldDatabase
  readonly #sandbox: RunningSandbox
  readonly #port: number
  #successor: CrashShop | undefined

  private constructor(database: WorldDatabase, sandbox: RunningSandbox, port: number) {
    this.#database = database
    this.#sandbox = sandbox
    this.#port = port
    this.justifi = new JustifiHand(sandbox.url)
    this.shopper = new Shopper(`http://127.0.0.1:${port}`, SHOP)
  }

  static async open(engine: 'sqlite' | 'postgres'): Promise<Scene> {
    const sandbox = await startSandbox({ port: 0, host: '127.0.0.1' })
    return new Scene(await databaseOf(engine), sandbox, await freePort())
  }

  async close(): Promise<void> {
    await this.#successor?.close()
    await this.#sandbox.close()
    await this.#database.drop()
  }

  /** All of them listen where customers know the shop to be, one after the other. */
  async openIn(process: ShopProcess, setup: Partial<Setup> = {}): Promise<ShopProcess> {
    await process.open({
      database: this.#database.config,
      sandboxUrl: this.#sandbox.url,
      port: this.#port,
      ...setup,
    })
    return process
  }

  /** The shop that is started after the other's death. */
  async succeed(): Promise<CrashShop> {
    this.#successor = await openCrashShop({
      database: this.#database.config,
      sandboxUrl: this.#sandbox.url,
      clock: systemClock,
      log: createLog('silent'),
      probe: () => {},
      port: this.#port,
    })
    return this.#successor
  }

  /** Fills the cart, and answers the key of the checkout's form. */
  async fillCheckout(): Promise<string> {
    await this.shopper.add(PRODUCT)
    return this.shopper.checkoutKey()
  }

  /** A paid order that the shop in this process knows to be paid. */
  async payOrder(shop: ShopProcess): Promise<string> {
    const { headers } = await this.shopper.checkOut(await this.fillCheckout())
    await this.justifi.card(String(headers.location).split('/').at(-1) ?? '', 'good')
    const orders = (await shop.do({ do: 'orders' })) as { id: string }[]
    const orderId = String(orders.at(-1)?.id)
    await shop.do({ do: 'settle', orderId })
    return orderId
  }

  /** Resolves when JustiFi has received a call that it was told never to answer. */
  async received(method: string, path: RegExp): Promise<void> {
    for (;;) {
      const { requests } = await this.justifi.books()
      if (requests.some((call) => call.method === method && path.test(call.path))) return
      await sleep(5)
    }
  }
}

/** An empty database of an engine. */
export async function databaseOf(engine: 'sqlite' | 'postgres'): Promise<WorldDatabase> {
  if (engine === 'sqlite') return sqliteDatabase()
  const { url, drop } = await createTestDatabase()
  return { config: { engine: 'postgres', url }, drop }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
