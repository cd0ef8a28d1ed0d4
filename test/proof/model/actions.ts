import { SoldOutError } from '../../../src/catalog/stock.ts'
import { placeOrder } from '../../../src/checkout/place-order.ts'
import { refundOrder } from '../../../src/checkout/refund-order.ts'
import { settleOrder } from '../../../src/checkout/settle-order.ts'
import { sweepDueList } from '../../../src/checkout/sweep-lists.ts'
import { lookAtDueOrders } from '../../../src/checkout/watch-orders.ts'
import { lookAtDueRefunds } from '../../../src/checkout/watch-refunds.ts'
import type { Row } from '../../../src/db/schema.ts'
import { signWebhook } from '../../../src/justifi/webhook-signature.ts'
import type { Shop } from '../../../src/merchants/shop.ts'
import { acceptAsItIs } from '../../support/accept.ts'
import { CRASH_WEBHOOK_SECRET } from '../../support/crash-shop.ts'
import type { Fault } from '../../support/sandbox-control.ts'
import { type BookedPayment, type Books, steadily } from './justifi-hand.ts'
import { bookedFor, tookMoney } from './snapshot.ts'
import type { World } from './world.ts'

const STAFF = { source: 'merchant', actor: 'staff' } as const

/**
 * One thing that happens: as plain data, so that a run that went wrong can be kept as it was.
 * `order` counts orders from the first, `page` an order's pages, `payment` its payments and `event`
 * all events from the newest; each counts round: with two orders, order 5 is the second.
 */
export type Action =
  | { do: 'place'; merchant: number; quantity: number }
  | { do: 'place again'; order: number }
  | { do: 'open'; order: number }
  | { do: 'pay by card'; order: number; page: number; card: 'good' | 'declined' }
  | { do: 'pay by bank'; order: number; page: number }
  | { do: 'bank answers'; order: number; status: 'succeeded' | 'failed' }
  | { do: 'bank returns'; order: number }
  | { do: 'visit'; order: number; path: '' | '/after-payment' | '/back' | '/status.json' }
  | { do: 'cancel'; order: number }
  | { do: 'check'; order: number }
  | { do: 'webhook'; event: number; ageDays: number }
  | { do: 'watch' }
  | { do: 'watch refunds' }
  | { do: 'sweep' }
  | { do: 'refund'; order: number; percent: number; again: boolean }
  | { do: 'refund there'; order: number; payment: number; percent: number }
  | { do: 'refund ends'; refund: number; status: 'succeeded' | 'failed' }
  | { do: 'dispute'; order: number; payment: number; percent: number }
  | { do: 'advance dispute'; dispute: number; to: 'submit' | 'won' | 'lost' }
  | { do: 'settings'; settings: SandboxSettings }
  | { do: 'forget keys' }
  | { do: 'accept'; order: number }
  | { do: 'pay elsewhere'; merchant: number }
  | { do: 'fault'; fault: Fault }
  | { do: 'end faults' }
  | { do: 'time passes'; here: number; there: number }
  | { do: 'crash' }
  | { do: 'crash in'; points: number; action: Action }
  | { do: 'at once'; actions: Action[] }

/** What JustiFi does not publish, or does one way or the other. */
type SandboxSettings = {
  refunds?: 'succeed' | 'pending' | 'fail'
  pending_refunds?: 'reserved' | 'refunded'
}

/** Something that may never be was seen. */
export class Violation extends Error {
  override name = 'Violation'
}

/** Does what the action says, as far as it can be done in this world. */
export async function perform(world: World, action: Action): Promise<void> {
  switch (action.do) {
    case 'crash':
      return world.restart()
    case 'crash in':
      world.dieAfter(action.points)
      await survived(world, () => perform(world, action.action))
      return world.restart()
    case 'at once':
      await Promise.all(action.actions.map((each) => perform(world, each)))
      return
    default:
      return survived(world, () => act(world, action))
  }
}

/** What goes wrong in a shop that has died meanwhile is no news. */
async function survived(world: World, work: () => Promise<unknown>): Promise<void> {
  try {
    await steadily(async () => world.isDead || (await work()))
  } catch (error) {
    if (error instanceof Violation || !world.isDead) throw error
  }
}

type Simple = Exclude<Action, { do: 'crash' | 'crash in' | 'at once' }>

async function act(world: World, action: Simple): Promise<unknown> {
  const { ctx } = world.shop
  const { justifi } = world

  switch (action.do) {
    case 'place':
      world.serial += 1
      return place(world, action.merchant, action.quantity, `key-${world.serial}`)
    case 'place again': {
      const order = pick(await orders(world), action.order)
      const merchant = world.merchants.findIndex(
        ({ merchant }) => merchant.id === order?.merchant_id,
      )
      return order && place(world, merchant, 1, order.checkout_key)
    }
    case 'open':
      return open(world, pick(await orders(world), action.order))
    case 'visit':
      return visit(world, pick(await orders(world), action.order), action.path)
    case 'cancel': {
      const order = pick(await orders(world), action.order)
      return order && ask(world, 'POST', `${orderPath(world, order)}/cancel`, [303])
    }
    case 'check': {
      const order = pick(await orders(world), action.order)
      return order && settleOrder(ctx, order.id, STAFF)
    }
    case 'webhook':
      return deliver(world, action.event, action.ageDays)
    case 'watch':
      return lookAtDueOrders(ctx)
    case 'watch refunds':
      return lookAtDueRefunds(ctx)
    case 'sweep':
      return sweepDueList(ctx)
    case 'refund':
      return refund(world, action)
    case 'accept': {
      const order = pick(await orders(world), action.order)
      return order && acceptAsItIs(ctx, order.id, 'looked at', STAFF)
    }
    case 'fault':
      if (['stale', 'patch'].includes(action.fault.kind)) world.wasLiedTo = true
      return justifi.order(action.fault)
    case 'end faults':
      return justifi.endFaults()
    case 'settings':
      return justifi.play('/settings', action.settings)
    case 'forget keys':
      world.forgettings += 1
      return justifi.forgetKeys()
    case 'time passes':
      world.clock.turn(action.here)
      return justifi.advance(action.there)
    default:
      return actThere(world, action, await justifi.books())
  }
}

type There = Extract<
  Simple,
  {
    do:
      | 'pay by card'
      | 'pay by bank'
      | 'bank answers'
      | 'bank returns'
      | 'refund there'
      | 'refund ends'
      | 'dispute'
      | 'advance dispute'
      | 'pay elsewhere'
  }
>

/** What happens at JustiFi without the shop. */
async function actThere(world: World, action: There, books: Books): Promise<unknown> {
  const { justifi } = world
  switch (action.do) {
    case 'pay by card': {
      const page = pick(await pagesOf(world, action.order, books), action.page)
      return page && justifi.card(page.id, action.card)
    }
    case 'pay by bank': {
      const page = pick(await pagesOf(world, action.order, books), action.page)
      return page && justifi.bank(page.id)
    }
    case 'bank answers': {
      const payments = await paymentsOf(world, action.order, books)
      const pending = payments.find(({ status }) => status === 'pending')
      return pending && justifi.play(`/payments/${pending.id}/settle`, { status: action.status })
    }
    case 'bank returns': {
      const payments = await paymentsOf(world, action.order, books)
      const debit = payments.find((each) => each.payment_mode === 'ach' && tookMoney(each))
      return debit && justifi.play(`/payments/${debit.id}/settle`, { status: 'failed' })
    }
    case 'refund there': {
      const payment = pick(await paymentsOf(world, action.order, books), action.payment)
      const amount = partOf(payment, action.percent)
      return payment && justifi.play(`/payments/${payment.id}/refund`, { amount })
    }
    case 'refund ends': {
      const refund = pick(books.refunds, action.refund)
      return refund && justifi.play(`/refunds/${refund.id}/settle`, { status: action.status })
    }
    case 'dispute': {
      const payment = pick(await paymentsOf(world, action.order, books), action.payment)
      const amount = partOf(payment, action.percent)
      return payment && justifi.play(`/payments/${payment.id}/dispute`, { amount })
    }
    case 'advance dispute': {
      const dispute = pick(books.disputes, action.dispute)
      if (!dispute) return
      return action.to === 'submit'
        ? justifi.play(`/disputes/${dispute.id}/submit`, {})
        : justifi.play(`/disputes/${dispute.id}/close`, { status: action.to })
    }
    case 'pay elsewhere': {
      const { merchant } = at(world.merchants, action.merchant)
      world.serial += 1
      return justifi.payElsewhere(merchant.sub_account_id, merchant.currency, world.serial)
    }
  }
}

/** The pages that JustiFi has for an order's intent, newest first. */
async function pagesOf(world: World, index: number, books: Books) {
  const order = pick(await orders(world), index)
  return books.checkout_sessions
    .filter(({ payment_intent_id }) => payment_intent_id === order?.intent_id)
    .reverse()
}

async function paymentsOf(world: World, index: number, books: Books) {
  const order = pick(await orders(world), index)
  return order ? bookedFor(books, order).reverse() : []
}

function partOf(payment: { amount: number } | undefined, percent: number): number {
  return Math.max(1, Math.round(((payment?.amount ?? 0) * percent) / 100))
}

async function place(
  world: World,
  index: number,
  quantity: number,
  checkoutKey: string,
): Promise<void> {
  try {
    await placeMugs(world, index, quantity, checkoutKey)
  } catch (error) {
    if (!(error instanceof SoldOutError)) throw error
  }
}

function placeMugs(world: World, index: number, quantity: number, checkoutKey: string) {
  const { merchant, product } = at(world.merchants, index)
  return placeOrder(world.shop.ctx, {
    shop: {
      merchantId: merchant.id,
      slug: merchant.slug,
      name: merchant.name,
      tagline: merchant.tagline,
      currency: merchant.currency as Shop['currency'],
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
        quantity,
      },
    ],
    customerName: 'Ann Example',
    customerEmail: 'ann@example.com',
    checkoutKey,
  })
}

async function open(world: World, order: Row<'orders'> | undefined): Promise<void> {
  if (!order) return
  const before = moneyAt(await world.justifi.books(), order)
  const { status, location } = await ask(
    world,
    'POST',
    `${orderPath(world, order)}/pay`,
    [302, 303, 502],
  )
  if (status !== 302) return

  // I6: whoever is sent to a page finds a shop that knows of it.
  const pageId = location.split('/').at(-1) ?? ''
  const stored = await world.shop.ctx.db
    .selectFrom('checkout_sessions')
    .innerJoin('orders', 'orders.id', 'checkout_sessions.order_id')
    .select(['orders.intent_id', 'orders.page_ends_at'])
    .where('session_id', '=', pageId)
    .where('order_id', '=', order.id)
    .executeTakeFirst()
  if (!stored?.intent_id || !stored.page_ends_at) {
    throw new Violation(`I6: sent to page ${pageId} of ${order.id}, which is not in the books`)
  }
  // Where a bank gave it up meanwhile, the page may have been opened after that.
  const after = moneyAt(await world.justifi.books(), order)
  if (before && before.id === after?.id && !world.wasLiedTo) {
    throw new Violation(
      `I4: sent to a page though JustiFi had ${before.status} of order ${order.id}`,
    )
  }
}

/** A payment that was taken or is under way, for an order's own intent. */
function moneyAt(books: Books, order: Row<'orders'>): BookedPayment | undefined {
  return books.payments.find(
    ({ payment_intent_id, status }) =>
      payment_intent_id === order.intent_id && !['failed', 'canceled'].includes(status),
  )
}

async function visit(world: World, order: Row<'orders'> | undefined, path: string): Promise<void> {
  if (order) await ask(world, 'GET', orderPath(world, order) + path, [200])
}

async function deliver(world: World, index: number, ageDays: number): Promise<void> {
  const event = pick((await world.justifi.books()).events.reverse(), index)
  if (!event) return
  const body = JSON.stringify(event)
  const timestamp = new Date(Date.now() - ageDays * 86_400_000).toISOString()
  const { status } = await ask(world, 'POST', '/webhooks/justifi', [200, 503], {
    body,
    headers: {
      'content-type': 'application/json',
      'justifi-signature': signWebhook(CRASH_WEBHOOK_SECRET, timestamp, body),
      'justifi-timestamp': timestamp,
    },
  })
  if (status !== 200) return
  const row = await world.shop.ctx.db
    .selectFrom('webhook_events')
    .select('id')
    .where('id', '=', event.id)
    .executeTakeFirst()
  if (!row) throw new Violation(`I6: event ${event.id} was answered 200 and is not stored`)
}

async function refund(
  world: World,
  { order: index, percent, again }: { order: number; percent: number; again: boolean },
): Promise<void> {
  const order = pick(await orders(world), index)
  if (!order) return
  if (!again) world.serial += 1
  const payments = await world.shop.ctx.db
    .selectFrom('payments')
    .select(['id', 'amount_cents'])
    .where('order_id', '=', order.id)
    .orderBy('created_at', 'desc')
    .execute()
  // Of two payments, the surplus one.
  const surplus = payments.length > 1 && order.reason === 'paid_twice' ? payments[0]?.id : undefined
  await refundOrder(
    world.shop.ctx,
    order.id,
    {
      amountCents: Math.max(1, Math.round((order.total_cents * percent) / 100)),
      reason: 'customer_request',
      note: null,
      formKey: `form-${world.serial}`,
      ...(surplus !== undefined && { paymentId: surplus }),
    },
    STAFF,
  )
}

/** An answer of the shop. While it is dead, or dies, there is none: status 0. */
async function ask(
  world: World,
  method: string,
  path: string,
  expected: number[],
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; location: string }> {
  let response: Response
  let text: string
  try {
    response = await fetch(world.shop.url + path, { method, redirect: 'manual', ...options })
    text = await response.text()
  } catch (error) {
    if (world.isDead) return { status: 0, location: '' }
    throw error
  }
  if (world.isDead && response.status >= 500) return { status: 0, location: '' }
  if (!expected.includes(response.status)) {
    throw new Violation(
      `${method} ${path.slice(-20)} answered ${response.status}: ${text.slice(0, 300)}`,
    )
  }
  return { status: response.status, location: response.headers.get('location') ?? '' }
}

function orders(world: World): Promise<Row<'orders'>[]> {
  return world.shop.ctx.db.selectFrom('orders').selectAll().orderBy('id').execute()
}

function orderPath(world: World, order: Row<'orders'>): string {
  return `/orders/${world.shop.ctx.linkTokens.unseal(order.token_sealed)}`
}

function pick<T>(things: readonly T[], index: number): T | undefined {
  return things[index % things.length]
}

function at<T>(things: readonly T[], index: number): T {
  const thing = pick(things, index)
  if (thing === undefined) throw new Error('nothing to choose from')
  return thing
}
