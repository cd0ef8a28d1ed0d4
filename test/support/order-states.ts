import type { Placed } from '../../src/checkout/place-order.ts'
import { DECLINED_CARD } from './sandbox-control.ts'
import type { Store } from './store.ts'

type Opened = Placed & { paymentPage: string }

/**
 * The pages of an order in each of its states, by what the page's heading says. Each brings an
 * order there through the sandbox, as life does, and answers the page's path.
 */
export const ORDER_STATES: Record<string, (store: Store) => Promise<string>> = {
  'Your order is waiting for payment': async (store) => page(await opened(store)),

  'We are confirming your payment': async (store) => {
    const order = await opened(store)
    await fetch(`${store.url}${page(order)}/after-payment`)
    return page(order)
  },

  'Your bank payment is on its way': async (store) => {
    const order = await opened(store)
    await store.sandbox.payByBank(order.paymentPage)
    return page(order)
  },

  'Payment received': async (store) => {
    const order = await opened(store)
    await store.sandbox.payByCard(order.paymentPage)
    return page(order)
  },

  'Your payment did not go through': async (store) => {
    const order = await opened(store)
    await store.sandbox.payByCard(order.paymentPage, DECLINED_CARD)
    return page(order)
  },

  'Order cancelled': async (store) => {
    const order = await opened(store)
    await cancel(store, order)
    return page(order)
  },

  'We received a payment for a cancelled order': async (store) => {
    const order = await opened(store)
    await cancel(store, order)
    await store.sandbox.payByCard(order.paymentPage)
    // Looking at the page would be content with what JustiFi said a moment ago; this asks again.
    await fetch(`${store.url}${page(order)}/pay`, { method: 'POST', redirect: 'manual' })
    return page(order)
  },

  'Your order was partly refunded': (store) =>
    toldOtherwise(store, { status: 'partially_refunded', amount_refunded: 500 }),

  'Your order was refunded': (store) =>
    toldOtherwise(store, { status: 'fully_refunded', amount_refunded: 2_400 }),

  'The payment for this order is disputed': (store) =>
    toldOtherwise(store, { status: 'disputed', amount_disputed: 2_400 }),

  'We are checking your payment': (store) => toldOtherwise(store, { amount: 1 }),

  // Turns the sandbox's clock, so whoever goes through all of these comes to it last.
  'This payment link has expired': async (store) => {
    const order = await opened(store)
    await store.sandbox.advance(25 * 3_600)
    return page(order)
  },
}

async function opened(store: Store): Promise<Opened> {
  const placed = await store.place()
  return { ...placed, paymentPage: await store.openPage(placed) }
}

/** A paid order of whose payment JustiFi says something else. */
async function toldOtherwise(store: Store, patch: Record<string, unknown>): Promise<string> {
  const order = await opened(store)
  await store.sandbox.payByCard(order.paymentPage)
  const { intentId } = await store.order(order)
  const path = `/v1/payment_intents/${intentId}/payments`
  await store.sandbox.fault({ method: 'GET', path, kind: 'patch', patch })
  return page(order)
}

async function cancel(store: Store, order: Placed): Promise<void> {
  await fetch(`${store.url}${page(order)}/cancel`, { method: 'POST' })
}

function page({ token }: Placed): string {
  return `/orders/${token}`
}
