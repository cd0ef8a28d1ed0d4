import fc from 'fast-check'
import type { Fault } from '../../support/sandbox-control.ts'
import type { Action } from './actions.ts'

/** Mostly the same few, so that things happen to each other. */
const order = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)
const which = fc.nat({ max: 3 })
const page = fc.constantFrom(0, 0, 0, 1, 2)
const payment = fc.constantFrom(0, 0, 1)
const percent = fc.constantFrom(1, 10, 33, 50, 100, 100)

/** Calls that the shop makes. */
const CALLS: [method: string, path: string][] = [
  ['POST', '/v1/payment_intents'],
  ['POST', '/v1/checkout_sessions'],
  ['POST', '/v1/payments/*'],
  ['POST', '/v1/*'],
  ['POST', '/oauth/token'],
  ['GET', '/v1/payment_intents/*'],
  ['GET', '/v1/payments*'],
  ['GET', '/v1/refunds*'],
  ['GET', '/v1/disputes*'],
  ['GET', '/v1/*'],
]
const STATUSES = [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504]
const QUICK_KINDS = ['reset', 'reset_after', 'malformed', 'truncated', 'html', 'stale', 'redirect']
/** These cost a call its whole time. */
const SLOW_KINDS = ['hang', 'hang_after', 'drip']

const GIBBERISH = [
  { amount: 'much' },
  { amount: 11.5 },
  { amount: null },
  { status: 'brand_new_status' },
  { status: 'Succeeded' },
  { a_new_field: { of: ['any', 'shape'] } },
]
/**
 * Answers that JustiFi's books do not bear out, by the call. None shows money that is not there:
 * whom JustiFi itself tells so has no way to know better.
 */
const LIES: [call: [method: string, path: string], patches: Record<string, unknown>[]][] = [
  [
    ['POST', '/v1/payment_intents'],
    [...GIBBERISH, { amount: 1 }, { currency: 'cad' }, { account_id: 'acc_somebodyelse' }],
  ],
  [
    ['POST', '/v1/checkout_sessions'],
    [{ checkout_session_id: null }, { a_new_field: 1 }],
  ],
  [
    ['GET', '/v1/payment_intents/*'],
    [
      ...GIBBERISH,
      { amount: 1 },
      { amount: '1150' },
      { currency: 'cad' },
      { currency: null },
      { account_id: 'acc_somebodyelse' },
      { payment_intent_id: 'pi_another' },
      { is_test: false },
    ],
  ],
  [
    ['GET', '/v1/payments*'],
    [...GIBBERISH, { payment_intent_id: 'pi_another' }],
  ],
  [
    ['POST', '/v1/payments/*'],
    [...GIBBERISH, { amount: 1 }, { payment_id: 'py_another' }],
  ],
  [['GET', '/v1/refunds*'], GIBBERISH],
  [['GET', '/v1/disputes*'], GIBBERISH],
]

const call = fc.constantFrom(...CALLS)
const times = fc.constantFrom(1, 1, 2, 3, 7)
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 5, arbitrary: faultOf(fc.constantFrom(...QUICK_KINDS), times) },
  { weight: 1, arbitrary: faultOf(fc.constantFrom(...SLOW_KINDS), fc.constant(1)) },
  { weight: 1, arbitrary: faultOf(fc.constant('huge'), fc.constant(1)) },
  {
    weight: 4,
    arbitrary: fc.tuple(call, fc.constantFrom(...STATUSES), times).map(([at, status, times]) => ({
      ...toward(at),
      kind: 'status',
      status,
      times,
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(call, fc.constantFrom(500, 502, 503, 504), times)
      .map(([at, status, times]) => ({ ...toward(at), kind: 'status_after', status, times })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...LIES)
      .chain(([at, patches]) =>
        fc
          .tuple(fc.constantFrom(...patches), times)
          .map(([patch, times]) => ({ ...toward(at), kind: 'patch', patch, times })),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(call, times).map(([at, times]) => ({
      ...toward(at),
      kind: 'delay',
      delay_ms: 15,
      times,
    })),
  },
)

function faultOf(kind: fc.Arbitrary<string>, times: fc.Arbitrary<number>): fc.Arbitrary<Fault> {
  return fc.tuple(call, kind, times).map(([at, kind, times]) => ({ ...toward(at), kind, times }))
}

function toward([method, path]: [string, string]): { method: string; path: string } {
  return { method, path }
}

const seconds = fc.constantFrom(0, 1, 30, 121, 900, 3_600, 21_600, 86_400, 259_200)
const timePasses: fc.Arbitrary<Action> = fc
  .tuple(seconds, fc.constantFrom(...(['both', 'here', 'there', 'back here'] as const)))
  .map(([seconds, where]) => {
    if (where === 'back here')
      return { do: 'time passes', here: -Math.min(seconds, 7_200), there: 0 }
    return {
      do: 'time passes',
      here: where === 'there' ? 0 : seconds,
      there: where === 'here' ? 0 : seconds,
    }
  })

const visit: fc.Arbitrary<Action> = fc.record({
  do: lit('visit'),
  order,
  path: fc.constantFrom('', '/after-payment', '/back', '/status.json'),
})
const webhook: fc.Arbitrary<Action> = fc.record({
  do: lit('webhook'),
  event: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 40 })),
  ageDays: fc.constantFrom(0, 0, 2),
})
const settings = fc.record({
  refunds: fc.constantFrom('succeed', 'pending', 'fail'),
  pending_refunds: fc.constantFrom('reserved', 'refunded'),
})

/** What a customer, a bank, staff and fate do; no crash and nothing at once. */
const plain: fc.Arbitrary<Action> = weighted([
  [
    3,
    fc.record({
      do: lit('place'),
      merchant: fc.nat({ max: 1 }),
      quantity: fc.integer({ min: 1, max: 3 }),
    }),
  ],
  [1, fc.record({ do: lit('place again'), order })],
  [8, fc.record({ do: lit('open'), order })],
  [
    8,
    fc.record({
      do: lit('pay by card'),
      order,
      page,
      card: fc.constantFrom('good', 'good', 'declined'),
    }),
  ],
  [4, fc.record({ do: lit('pay by bank'), order, page })],
  [
    4,
    fc.record({ do: lit('bank answers'), order, status: fc.constantFrom('succeeded', 'failed') }),
  ],
  [3, fc.record({ do: lit('bank returns'), order })],
  [7, visit],
  [3, fc.record({ do: lit('cancel'), order })],
  [2, fc.record({ do: lit('check'), order })],
  [9, webhook],
  [6, fc.constant<Action>({ do: 'watch' })],
  [3, fc.constant<Action>({ do: 'watch refunds' })],
  [4, fc.constant<Action>({ do: 'sweep' })],
  [6, fc.record({ do: lit('refund'), order, percent, again: fc.boolean() })],
  [3, fc.record({ do: lit('refund there'), order, payment, percent })],
  [
    4,
    fc.record({
      do: lit('refund ends'),
      refund: which,
      status: fc.constantFrom('succeeded', 'failed'),
    }),
  ],
  [3, fc.record({ do: lit('dispute'), order, payment, percent })],
  [
    4,
    fc.record({
      do: lit('advance dispute'),
      dispute: which,
      to: fc.constantFrom('submit', 'won', 'lost'),
    }),
  ],
  [1, fc.record({ do: lit('settings'), settings })],
  [1, fc.constant<Action>({ do: 'forget keys' })],
  [3, fc.record({ do: lit('accept'), order })],
  [1, fc.record({ do: lit('pay elsewhere'), merchant: fc.nat({ max: 1 }) })],
  [10, fault.map((fault): Action => ({ do: 'fault', fault }))],
  [3, fc.constant<Action>({ do: 'end faults' })],
  [8, timePasses],
])

const atOnce: fc.Arbitrary<Action> = fc.record({
  do: lit('at once'),
  actions: fc.array(plain, { minLength: 2, maxLength: 4 }),
})

const single: fc.Arbitrary<Action> = weighted([
  [30, plain],
  [4, atOnce],
  [1, fc.constant<Action>({ do: 'crash' })],
  [4, fc.record({ do: lit('crash in'), points: fc.nat({ max: 14 }), action: plain })],
  [1, fc.record({ do: lit('crash in'), points: fc.nat({ max: 30 }), action: atOnce })],
])

/** How the shop may come to know; or not yet. */
const news: fc.Arbitrary<Action[]> = fc.oneof(
  visit.map((one) => [one]),
  webhook.map((one) => [one]),
  fc.constant<Action[]>([{ do: 'time passes', here: 900, there: 900 }, { do: 'watch' }]),
  fc.constant<Action[]>([
    { do: 'time passes', here: 960, there: 960 },
    { do: 'sweep' },
    { do: 'sweep' },
  ]),
  fc.constant<Action[]>([]),
)

/** A page whose answer is lost, and another, once the first has ended that the shop had. */
function twoPages(order: number): Action[] {
  const sessions = { method: 'POST', path: '/v1/checkout_sessions' }
  return [
    { do: 'time passes', here: 90_000, there: 90_000 },
    { do: 'fault', fault: { ...sessions, kind: 'reset_after', times: 7 } },
    { do: 'open', order },
    { do: 'end faults' },
    { do: 'forget keys' },
    { do: 'open', order },
  ]
}

/** What leads to where something can go wrong, more often than chance would. */
const story: fc.Arbitrary<Action[]> = order.chain((order) => {
  const beginnings: Action[][] = [
    [
      { do: 'open', order },
      { do: 'pay by card', order, page: 0, card: 'good' },
    ],
    [
      { do: 'open', order },
      { do: 'pay by card', order, page: 0, card: 'declined' },
    ],
    [
      { do: 'open', order },
      { do: 'pay by bank', order, page: 0 },
    ],
    [
      { do: 'open', order },
      { do: 'pay by bank', order, page: 0 },
      { do: 'bank answers', order, status: 'succeeded' },
    ],
    [{ do: 'bank returns', order }],
    [
      { do: 'open', order },
      { do: 'cancel', order },
    ],
    [{ do: 'refund', order, percent: 50, again: false }],
    [{ do: 'refund there', order, payment: 0, percent: 50 }],
    [{ do: 'dispute', order, payment: 0, percent: 100 }],
    [{ do: 'accept', order }],
    [
      { do: 'time passes', here: 90_000, there: 90_000 },
      { do: 'open', order },
    ],
    [...twoPages(order), { do: 'pay by card', order, page: 0, card: 'good' }],
    [
      ...twoPages(order),
      { do: 'pay by card', order, page: 1, card: 'good' },
      { do: 'pay by card', order, page: 0, card: 'good' },
    ],
    [
      ...twoPages(order),
      { do: 'pay by bank', order, page: 0 },
      { do: 'pay by card', order, page: 1, card: 'good' },
      { do: 'bank answers', order, status: 'succeeded' },
    ],
  ]
  return fc.tuple(fc.constantFrom(...beginnings), news).map(([first, then]) => [...first, ...then])
})

/** A few steps, one after the other. */
export const anySteps: fc.Arbitrary<Action[]> = fc.oneof(
  { weight: 3, arbitrary: single.map((action) => [action]) },
  { weight: 2, arbitrary: story },
)

function lit<Text extends string>(text: Text): fc.Arbitrary<Text> {
  return fc.constant(text)
}

function weighted(options: [weight: number, arbitrary: fc.Arbitrary<Action>][]) {
  return fc.oneof(...options.map(([weight, arbitrary]) => ({ weight, arbitrary })))
}
