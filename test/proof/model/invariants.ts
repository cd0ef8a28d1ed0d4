import type { Row } from '../../../src/db/schema.ts'
import { STRANGER } from './justifi-hand.ts'
import { mailsOf, type Snapshot, statusChanges, tookMoney } from './snapshot.ts'

/**
 * The safety invariants, which hold after each step, whatever has gone wrong: each function answers
 * what is wrong now. `before` is the snapshot of the step before.
 */
export function violationsOf(now: Snapshot, before: Snapshot | undefined): string[] {
  return [
    ...now.orders.flatMap((order) => [
      ...falsePaid(now, order),
      ...secondIntent(now, order),
      ...effects(now, order),
      ...misheld(now, order),
      ...(before ? undone(now, before, order) : []),
    ]),
    ...piecesMiscounted(now),
    ...unintended(now),
    ...promisedTooMuch(now),
    ...strayed(now),
  ]
}

const SETTLED = ['paid', 'partially_refunded', 'refunded', 'disputed']
const UNPAID = ['awaiting_payment', 'expired', 'cancelled']

/** I2: whoever is paid has a payment that JustiFi took, for this order and as it was ordered. */
function falsePaid({ books, payments }: Snapshot, order: Row<'orders'>): string[] {
  if (!SETTLED.includes(order.status)) return []
  const wrong = (what: string) => [`I2: order ${order.number} is ${order.status}, but ${what}`]

  const booked = books.payments.find(({ id }) => id === order.payment_id)
  if (!booked) return wrong('its payment is unknown to JustiFi')
  const wasTaken =
    tookMoney(booked) ||
    books.events.some(
      ({ event_name, data }) => event_name === 'payment.succeeded' && data.id === booked.id,
    )
  if (!wasTaken) return wrong(`JustiFi has never taken payment ${booked.id}`)
  if (booked.payment_intent_id !== order.intent_id) return wrong('that was paid for another intent')
  if (booked.account_id !== order.account_id) return wrong('another account was paid')
  if (booked.amount !== order.total_cents) return wrong(`${booked.amount} cents were paid`)
  if (booked.currency !== order.currency) return wrong(`it was paid in ${booked.currency}`)

  const taken = payments.filter((payment) => payment.order_id === order.id && tookMoney(payment))
  return taken.length > 1 && !order.accepted_reviews ? wrong('it is known to be paid twice') : []
}

/**
 * I4: one intent for the order's whole life, and every page leads to it. Where JustiFi forgot a key
 * before its answer was read, it has another intent, which no page leads to and nobody can pay.
 */
function secondIntent({ books, pages, forgettings }: Snapshot, order: Row<'orders'>): string[] {
  const intents = books.payment_intents.filter(({ metadata }) => metadata?.order === order.number)
  const payable = intents.filter(({ id }) =>
    books.checkout_sessions.some(({ payment_intent_id }) => payment_intent_id === id),
  )
  const sessions = books.checkout_sessions.filter(({ id }) =>
    pages.some((page) => page.order_id === order.id && page.session_id === id),
  )
  const elsewhere = sessions.filter(
    ({ payment_intent_id }) => payment_intent_id !== order.intent_id,
  )
  return [
    ...(intents.length > 1 + forgettings
      ? [`I4: order ${order.number} has ${intents.length} intents`]
      : []),
    ...(payable.length > 1
      ? [`I4: order ${order.number} can be paid on ${payable.length} intents`]
      : []),
    ...elsewhere.map(({ id }) => `I4: page ${id} of order ${order.number} has another intent`),
  ]
}

/** I5 and I12: each effect once, beside what causes it, and no status without its entry. */
function effects(now: Snapshot, order: Row<'orders'>): string[] {
  const wrong: string[] = []
  const expectMails = (kind: string, count: number) => {
    const { length } = mailsOf(now, order, kind)
    if (length !== count) {
      wrong.push(`I5: order ${order.number} has ${length} mails ${kind} in place of ${count}`)
    }
  }
  const changes = statusChanges(now, order)
  const refunds = now.refunds.filter(({ order_id }) => order_id === order.id)
  const failures = now.timeline
    .filter(({ order_id, kind }) => order_id === order.id && kind === 'refund')
    .map(({ data }) => JSON.parse(data) as { refundId: string; outcome: string })
    .filter(({ outcome }) => outcome === 'failed')

  expectMails('order_placed', 1)
  expectMails('order_paid', changes.some(({ to }) => SETTLED.includes(to)) ? 1 : 0)
  expectMails('merchant_order_paid', mailsOf(now, order, 'order_paid').length)
  expectMails('refund_requested', refunds.filter((refund) => refund.idempotency_key).length)
  expectMails('merchant_refund_failed', new Set(failures.map(({ refundId }) => refundId)).size)

  let status = 'awaiting_payment'
  for (const { from, to } of changes) {
    if (from !== status)
      wrong.push(`I12: order ${order.number} went on from ${from}, not ${status}`)
    status = to
  }
  if (order.status !== status) {
    wrong.push(`I12: order ${order.number} is ${order.status}, its timeline says ${status}`)
  }
  return wrong
}

const GIVEN_UP = ['cancelled', 'expired']

/**
 * I5: an order has its pieces for as long as they may be its customer's. Of one in review a person
 * decides; and one that had expired is for two minutes as it was before, when its customer returns.
 */
function misheld({ items }: Snapshot, order: Row<'orders'>): string[] {
  const isOpenAnew = order.status === 'awaiting_payment' && order.returned_at !== null
  if (order.status === 'needs_review' || isOpenAnew) return []
  return items
    .filter(({ order_id, held }) => order_id === order.id && held !== null)
    .filter(({ held, quantity }) => held !== (GIVEN_UP.includes(order.status) ? 0 : quantity))
    .map(
      ({ held, quantity }) =>
        `I5: order ${order.number} is ${order.status} and has ${held} of ${quantity} pieces`,
    )
}

/** I5: no piece is taken or given back twice. */
function piecesMiscounted({ stock, items }: Snapshot): string[] {
  if (!stock) return []
  const held = items
    .filter(({ product_id }) => product_id === stock.productId)
    .reduce((sum, item) => sum + (item.held ?? 0), 0)
  return stock.left + held === stock.atFirst
    ? []
    : [`I5: ${stock.left} pieces left and ${held} with orders, of ${stock.atFirst}`]
}

/** I9: what was known of money is not forgotten, and no older news takes the place of newer. */
function undone(now: Snapshot, before: Snapshot, order: Row<'orders'>): string[] {
  const was = before.orders.find(({ id }) => id === order.id)
  if (!was) return []
  const wrong: string[] = []
  const note = (what: string) => wrong.push(`I9: order ${order.number}: ${what}`)

  if (order.version < was.version) note('an older version was written')
  if (was.paid_at && order.paid_at !== was.paid_at) note(`paid at ${was.paid_at} was forgotten`)
  if (was.intent_id && order.intent_id !== was.intent_id) note('its intent was replaced')
  if (was.total_cents !== order.total_cents) note('its total has changed')
  // A person may have accepted that the bank took it all back.
  if (was.paid_at && UNPAID.includes(order.status) && !order.accepted_reviews) {
    note(`${order.status} after it was paid at ${was.paid_at}`)
  }
  for (const old of before.payments.filter(({ order_id }) => order_id === order.id)) {
    const payment = now.payments.find(({ id }) => id === old.id)
    if (!payment) note(`payment ${old.id} is gone`)
    else if (payment.updated_at < old.updated_at) note(`payment ${old.id} went back in time`)
  }
  return wrong
}

/** I7: whatever JustiFi was asked to do was in the books before, under the key that it got. */
function unintended({ books, orders, pages, refunds }: Snapshot): string[] {
  const keys = new Set([
    ...orders.map(({ intent_key }) => intent_key),
    ...pages.map(({ idempotency_key }) => idempotency_key),
    ...refunds.map(({ idempotency_key }) => idempotency_key),
  ])
  const ofShop = books.requests.filter(
    ({ method, path, idempotency_key }) =>
      method !== 'GET' && path.startsWith('/v1/') && !idempotency_key?.startsWith(STRANGER),
  )
  const unknown = ofShop.filter(
    ({ idempotency_key }) => idempotency_key !== null && !keys.has(idempotency_key),
  )
  const marked = (refund: Row<'refunds'>) =>
    books.refunds.filter(({ metadata }) => metadata?.refund === refund.id)

  return [
    ...unknown.map(({ path, idempotency_key }) => `I7: ${path} under ${idempotency_key}, not kept`),
    ...refunds
      .filter((refund) => marked(refund).length > 1)
      .map(({ id }) => `I7: refund ${id} was made more than once`),
    ...refunds
      .filter((refund) => refund.outcome === 'failed')
      .filter((refund) => marked(refund).some(({ status }) => status !== 'failed'))
      .map(({ id }) => `I7: refund ${id} is said to have failed, and JustiFi has made it`),
    ...refunds
      .filter(({ outcome, refund_id }) => outcome === 'succeeded' && refund_id === null)
      .map(({ id }) => `I7: refund ${id} is said to be made, and JustiFi has not said so`),
  ]
}

const OPEN = ['requested', 'unknown', 'pending']

/** I8: nothing is promised back that is not there, and what is promised is counted. */
function promisedTooMuch({ books, payments, refunds }: Snapshot): string[] {
  return payments.flatMap((payment) => {
    const own = refunds.filter(({ payment_id }) => payment_id === payment.id)
    const sum = (outcomes: string[]) =>
      own
        .filter(({ outcome }) => outcomes.includes(outcome))
        .reduce((total, { amount_cents }) => total + amount_cents, 0)
    const unseen = Math.max(0, sum(['succeeded']) - payment.refunded_cents)
    const left = Math.max(0, payment.amount_cents - payment.refunded_cents)
    const reserved = Math.min(sum(OPEN) + unseen, left)
    const given = sum([...OPEN, 'succeeded'])
    const tooMuch = given + payment.disputed_cents - payment.amount_cents

    // What staff at JustiFi give back, or a bank disputes, asks nobody here.
    const isOurs =
      own.every(({ idempotency_key }) => idempotency_key !== null) &&
      !books.disputes.some(({ payment_id }) => payment_id === payment.id)
    return [
      ...(payment.reserved_cents === reserved
        ? []
        : [`I8: ${payment.reserved_cents} of ${payment.id} reserved, not ${reserved}`]),
      ...(isOurs && tooMuch > 0 ? [`I8: ${tooMuch} too much of ${payment.id} is given back`] : []),
    ]
  })
}

/** I10: every row of an order is its merchant's, and every call was made for that account. */
function strayed(now: Snapshot): string[] {
  const merchantOf = new Map(now.orders.map(({ id, merchant_id }) => [id, merchant_id]))
  const rows = [now.pages, now.payments, now.refunds, now.disputes, now.timeline, now.outbox].flat()
  const accountOf = new Map([
    ...now.books.payment_intents.map(({ id, account_id }) => [id, account_id] as const),
    ...now.books.payments.map(({ id, account_id }) => [id, account_id] as const),
  ])

  return [
    ...rows
      // Some mails are of no order.
      .filter(
        ({ order_id, merchant_id }) =>
          order_id !== null && merchantOf.get(order_id) !== merchant_id,
      )
      .map(({ order_id }) => `I10: a row of order ${order_id} belongs to another merchant`),
    ...now.books.requests.flatMap(({ path, sub_account }) => {
      const [, , , id = ''] = path.split('/')
      const account = accountOf.get(id)
      return account !== undefined && account !== sub_account
        ? [`I10: ${path} was asked for ${sub_account}`]
        : []
    }),
  ]
}
