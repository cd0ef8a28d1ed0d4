import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { listProducts } from '../src/catalog/queries.ts'
import { openCheckout } from '../src/checkout/open-checkout.ts'
import { placeOrder } from '../src/checkout/place-order.ts'
import { newSecret } from '../src/ids.ts'
import { beginJob, findJob } from '../src/jobs/queries.ts'
import { runDueJob } from '../src/jobs/run-jobs.ts'
import { createLog } from '../src/log.ts'
import { findShop } from '../src/merchants/queries.ts'
import { type RunningSandbox, startSandbox } from '../src/sandbox/start-sandbox.ts'
import type { WorldDatabase } from './proof/model/world.ts'
import { databaseOf } from './proof/processes/scene.ts'
import { Crashed, type CrashShop, openCrashShop } from './support/crash-shop.ts'
import { SandboxControl } from './support/sandbox-control.ts'
import { ENGINES, TestClock } from './support/store.ts'

const ORDERS = 6
const LEASE_SECONDS = 60

/** Where the process ends, and at which of its meetings with that point. */
const ENDS: [point: string, nth: number][] = [
  ['before commit: jobs', 2],
  ['after commit: jobs', 2],
  ['after commit: jobs', 3],
  ['before observe', 3],
  ['after observe', 3],
  ['before commit: jobs', 4],
  ['before observe', 6],
  ['before commit: jobs', 6],
]

describe.each(ENGINES)('a job whose process is killed, on %s', (engine) => {
  let sandbox: RunningSandbox
  let databases: WorldDatabase[] = []

  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await sandbox.close()
    await Promise.all(databases.map((database) => database.drop()))
    databases = []
  })

  it.each(ENDS)('%s, time %i: the next process goes on where it was', async (point, nth) => {
    const clock = new TestClock()
    const database = await databaseOf(engine)
    databases.push(database)
    let isArmed = false
    let met = 0
    const open = () =>
      openCrashShop({
        ...{ database: database.config, sandboxUrl: sandbox.url, clock, log: createLog('silent') },
        probe(at) {
          if (!isArmed || at !== point) return
          met += 1
          if (met === nth) first.die()
        },
      })
    const first: CrashShop = await open()
    const merchantId = await placePaidOrders(first)
    const job = { merchantId, kind: 'check_orders', formKey: 'k', begunBy: 'sam' } as const
    const params = { filter: '', timeZone: 'UTC' }
    const { id } = await beginJob(first.ctx.db, { ...job, params }, clock.now())

    isArmed = true
    await expect(runAll(first)).rejects.toThrow(Crashed)
    await first.crash()
    isArmed = false
    clock.advance(LEASE_SECONDS)
    const second = await open()
    await runAll(second)

    expect(await findJob(second.ctx.db, merchantId, id)).toMatchObject({
      ...{ state: 'done', total: ORDERS, done: ORDERS, failed: 0 },
    })
    expect(await paidOnce(second)).toBe(ORDERS)
    await second.close()
  })

  async function placePaidOrders({ ctx }: CrashShop): Promise<string> {
    const shop = await findShop(ctx.db, 'fernhill-pottery')
    if (!shop) throw new Error('no shop')
    const [product] = await listProducts(ctx.db, shop.merchantId)
    if (!product) throw new Error('no product')
    const { id: productId, slug: productSlug, name: productName, priceCents } = product
    const line = { productId, productSlug, productName, unitPriceCents: priceCents, quantity: 1 }

    for (let n = 0; n < ORDERS; n++) {
      const { orderId } = await placeOrder(ctx, {
        shop,
        lines: [line],
        customerName: 'Ann Example',
        customerEmail: 'ann@example.com',
        checkoutKey: newSecret(),
      })
      const opened = await openCheckout(ctx, orderId, 'checkout')
      if (opened.kind !== 'page') throw new Error('no payment page')
      await new SandboxControl(sandbox.url).payByCard(opened.url)
    }
    return shop.merchantId
  }

  async function runAll({ ctx }: CrashShop): Promise<void> {
    while ((await runDueJob(ctx)).more);
  }

  /** How many orders became paid, each of them once. */
  async function paidOnce({ ctx }: CrashShop): Promise<number> {
    const rows = await ctx.db
      .selectFrom('timeline')
      .select('order_id')
      .where('kind', '=', 'status')
      .where('data', 'like', '%"to":"paid"%')
      .execute()
    expect(new Set(rows.map((row) => row.order_id)).size).toBe(rows.length)
    return rows.length
  }
})
