import { timestamp } from '../../src/clock.ts'
import type { AppContext } from '../../src/context.ts'
import { newId } from '../../src/ids.ts'
import { beginCheck, beginReconciliation } from '../../src/jobs/begin.ts'
import { runDueJob } from '../../src/jobs/run-jobs.ts'
import { findShop, listShops } from '../../src/merchants/queries.ts'
import { findUserByEmail } from '../../src/merchants/user-queries.ts'
import { NO_FILTER } from '../../src/orders/order-filter.ts'
import { getOrder } from '../../src/orders/queries/find-order.ts'
import { addUser } from './clerk.ts'
import { eventually } from './eventually.ts'
import type { Store } from './store.ts'

/** One of everything that a path of the desk can name, all of one shop. */
export type DeskObjects = Record<
  'number' | 'mail' | 'refund' | 'item' | 'event' | 'job' | 'reconciliation' | 'user' | 'product',
  string
>

/** Ids that look like those of `DeskObjects` and are nobody's. */
export function missingObjects(): DeskObjects {
  return {
    number: 'ZZZZZZZZ',
    mail: newId(),
    refund: newId(),
    item: newId(),
    event: `evt_${newId()}`,
    job: newId(),
    reconciliation: newId(),
    user: newId(),
    product: newId(),
  }
}

/** Makes them: a paid order with a mail, a webhook and a failed refund, and the rest around it. */
export async function deskObjects(store: Store): Promise<DeskObjects> {
  const { ctx } = store
  const placed = await store.place()
  await store.sandbox.payByCard(await store.openPage(placed))
  const { id: orderId, merchantId, number, paymentId } = await settled(store, placed)
  const at = timestamp(ctx.clock.now())

  const refund = newId()
  await ctx.db
    .insertInto('refunds')
    .values({
      id: refund,
      order_id: orderId,
      merchant_id: merchantId,
      payment_id: paymentId ?? '',
      amount_cents: 100,
      outcome: 'failed',
      check_count: 0,
      created_at: at,
      updated_at: at,
    })
    .execute()
  const item = newId()
  await ctx.db
    .insertInto('open_items')
    .values({
      id: item,
      merchant_id: merchantId,
      account_id: 'acc_x',
      kind: 'unknown_payment',
      subject_id: `py_${item}`,
      amount_cents: 100,
      currency: 'usd',
      data: '{}',
      found_at: at,
    })
    .execute()
  const event = await eventually(async () => {
    const row = await ctx.db
      .selectFrom('webhook_events')
      .select('id')
      .where('order_id', '=', orderId)
      .executeTakeFirst()
    if (!row) throw new Error('no event of the order has come')
    return row.id
  })
  const mail = await ctx.db
    .selectFrom('outbox')
    .select('id')
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow()
  const product = await ctx.db
    .selectFrom('products')
    .select('id')
    .where('merchant_id', '=', merchantId)
    .executeTakeFirstOrThrow()
  const email = await addUser(ctx, { role: 'staff' })
  const user = await ctx.db
    .selectFrom('users')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow()

  return {
    number,
    mail: mail.id,
    refund,
    item,
    event,
    ...(await doneJobs(ctx, merchantId, email)),
    user: user.id,
    product: product.id,
  }
}

async function settled(store: Store, placed: { orderId: string; token: string }) {
  await fetch(`${store.url}/orders/${placed.token}/after-payment`)
  const order = await getOrder(store.ctx.db, placed.orderId)
  if (order.paymentId === null) throw new Error('the order is not paid')
  return order
}

/** A job of each kind, done. */
async function doneJobs(ctx: AppContext, merchantId: string, email: string) {
  const user = await findUserByEmail(ctx.db, email)
  const shop = (await listShops(ctx.db)).find((one) => one.merchantId === merchantId)
  if (!user || !shop) throw new Error('nobody begins a job')
  const day = timestamp(ctx.clock.now()).slice(0, 10)
  const job = await beginCheck(ctx, { user, shop, formKey: newId() }, NO_FILTER)
  const reconciliation = await beginReconciliation(
    ctx,
    { user, shop, formKey: newId() },
    { from: day, to: day, accountId: shop.accountId },
  )
  while ((await runDueJob(ctx)).more);
  return { job, reconciliation }
}

/** Every row that is a shop's, by table, as text. */
export async function rowsOf(ctx: AppContext, slug: string): Promise<Record<string, string[]>> {
  const merchantId = (await findShop(ctx.db, slug))?.merchantId ?? ''
  const tables = await ctx.db.introspection.getTables()
  const dump: Record<string, string[]> = {}
  for (const { name, columns } of tables) {
    const column = name === 'merchants' ? 'id' : 'merchant_id'
    if (!columns.some((one) => one.name === column)) continue
    const rows = await ctx.db
      .selectFrom(name as 'orders')
      .selectAll()
      .where(column as 'merchant_id', '=', merchantId)
      .execute()
    dump[name] = rows.map((row) => JSON.stringify(row)).sort()
  }
  return dump
}
