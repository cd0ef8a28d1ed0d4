import type { Action } from './actions.ts'

/** Steps that once led to a broken invariant, by what had gone wrong. */
export const KEPT_STORIES: [name: string, actions: Action[]][] = [
  [
    'a debit that the bank took back is accepted, and its order is given up',
    [
      { do: 'place', merchant: 0, quantity: 2 },
      { do: 'open', order: 0 },
      { do: 'pay by bank', order: 0, page: 0 },
      { do: 'bank answers', order: 0, status: 'succeeded' },
      { do: 'visit', order: 0, path: '/after-payment' },
      { do: 'bank returns', order: 0 },
      { do: 'time passes', here: 86_400, there: 0 },
      { do: 'open', order: 0 },
      { do: 'accept', order: 0 },
      { do: 'cancel', order: 0 },
    ],
  ],
  [
    'a debit that the bank took back is accepted, and its order is paid by bank again',
    [
      { do: 'place', merchant: 0, quantity: 1 },
      { do: 'open', order: 0 },
      { do: 'pay by bank', order: 0, page: 0 },
      { do: 'bank answers', order: 0, status: 'succeeded' },
      { do: 'visit', order: 0, path: '/after-payment' },
      { do: 'bank returns', order: 0 },
      { do: 'time passes', here: 90_000, there: 600 },
      { do: 'watch' },
      { do: 'accept', order: 0 },
      { do: 'open', order: 0 },
      { do: 'pay by bank', order: 0, page: 0 },
      { do: 'time passes', here: 900, there: 900 },
      { do: 'watch' },
      { do: 'open', order: 0 },
    ],
  ],
  [
    'money is given back at JustiFi before the shop has heard that it was taken',
    [
      { do: 'place', merchant: 0, quantity: 2 },
      { do: 'open', order: 0 },
      { do: 'pay by bank', order: 0, page: 0 },
      {
        do: 'fault',
        fault: { method: 'GET', path: '/v1/*', kind: 'status', status: 429, times: 3 },
      },
      { do: 'bank answers', order: 0, status: 'succeeded' },
      { do: 'watch refunds' },
      { do: 'refund there', order: 0, payment: 0, percent: 1 },
      { do: 'watch' },
      { do: 'refund', order: 0, percent: 33, again: false },
      { do: 'time passes', here: 86_400, there: 86_400 },
    ],
  ],
  [
    'JustiFi forgets the key of an intent whose answer was never read',
    [
      { do: 'place', merchant: 0, quantity: 1 },
      {
        do: 'fault',
        fault: { method: 'POST', path: '/v1/payment_intents', kind: 'truncated', times: 7 },
      },
      { do: 'open', order: 0 },
      { do: 'forget keys' },
      { do: 'end faults' },
      { do: 'open', order: 0 },
      { do: 'pay by card', order: 0, page: 0, card: 'good' },
    ],
  ],
  [
    'a bank gives a debit up at the moment at which its order is to be paid again',
    [
      { do: 'place', merchant: 0, quantity: 2 },
      { do: 'open', order: 0 },
      { do: 'pay by bank', order: 0, page: 0 },
      {
        do: 'at once',
        actions: [
          { do: 'open', order: 0 },
          { do: 'bank answers', order: 0, status: 'failed' },
        ],
      },
    ],
  ],
  [
    'a refund is made, its answer lost, and its repeat refused',
    [
      { do: 'place', merchant: 1, quantity: 1 },
      { do: 'open', order: 0 },
      { do: 'pay by card', order: 0, page: 0, card: 'good' },
      {
        do: 'fault',
        fault: { method: 'POST', path: '/v1/payments/*', kind: 'reset_after', times: 1 },
      },
      {
        do: 'fault',
        fault: { method: 'POST', path: '/v1/payments/*', kind: 'status', status: 422, times: 1 },
      },
      { do: 'refund', order: 0, percent: 33, again: false },
    ],
  ],
  [
    'an order whose page was never opened expires, gives its pieces back, and is paid after all',
    [
      { do: 'place', merchant: 0, quantity: 2 },
      { do: 'time passes', here: 90_000, there: 90_000 },
      { do: 'watch' },
      { do: 'open', order: 0 },
      { do: 'pay by card', order: 0, page: 0, card: 'good' },
    ],
  ],
  [
    'the clock is set back after an order has expired',
    [
      { do: 'place', merchant: 0, quantity: 2 },
      { do: 'watch' },
      { do: 'time passes', here: 900, there: 900 },
      { do: 'watch' },
      { do: 'time passes', here: 90_000, there: 90_000 },
      { do: 'visit', order: 0, path: '/back' },
      { do: 'time passes', here: -7_200, there: 0 },
      { do: 'visit', order: 0, path: '' },
      { do: 'check', order: 0 },
      { do: 'open', order: 0 },
    ],
  ],
]
