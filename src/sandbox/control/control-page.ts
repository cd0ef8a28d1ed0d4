import { formatMoneyWithCode } from '../../money.ts'
import type { Sandbox } from '../sandbox.ts'
import {
  type Action,
  disputeActions,
  eventActions,
  paymentActions,
  refundActions,
  settingRows,
} from './page-actions.ts'
import { stateOf } from './state.ts'

/** What the view `control-page` shows: the newest of everything. */
export type ControlPage = {
  title: string
  now: string
  sections: Section[]
}

export type Section = {
  id: string
  title: string
  /** How many there are, and how many of them are shown. */
  count: string
  columns: string[]
  rows: Cell[][]
  empty: string
}

export type Cell = {
  text: string
  code?: boolean
  number?: boolean
  href?: string
  actions?: Action[]
}

const SHOWN = 25

export function controlPage(sandbox: Sandbox): ControlPage {
  const state = stateOf(sandbox)

  return {
    title: 'JustiFi sandbox',
    now: clockTime(state.now),
    sections: [
      section('payment-intents', 'Payment intents', state.payment_intents, {
        Intent: ({ id }) => code(id),
        Amount: ({ amount, currency }) => number(formatMoneyWithCode(amount, currency)),
        Status: ({ status }) => text(status),
        Description: ({ description }) => text(description ?? ''),
        Account: ({ account_id }) => code(account_id),
        Made: ({ created_at }) => text(clockTime(created_at)),
      }),
      section('checkout-sessions', 'Checkout sessions', state.checkout_sessions, {
        Session: ({ id }) => ({ ...code(`${id.slice(0, 12)}…`), href: `/r/${id}` }),
        Intent: ({ payment_intent_id }) => code(payment_intent_id),
        Ends: ({ expires_at }) => text(clockTime(expires_at)),
      }),
      section('payments', 'Payments', state.payments, {
        Payment: ({ id }) => code(id),
        Amount: ({ amount, currency }) => number(formatMoneyWithCode(amount, currency)),
        Status: (payment) => ({ text: payment.status, actions: paymentActions(payment) }),
        Reason: ({ error_code, decline_code }) => text(decline_code ?? error_code ?? ''),
        Intent: ({ payment_intent_id }) => code(payment_intent_id),
        Made: ({ created_at }) => text(clockTime(created_at)),
      }),
      section('refunds', 'Refunds', state.refunds, {
        Refund: ({ id }) => code(id),
        Payment: ({ payment_id }) => code(payment_id),
        Amount: ({ amount, payment_id }) => {
          const currency = sandbox.ledger.get('payment', payment_id)?.currency
          return number(currency ? formatMoneyWithCode(amount, currency) : '')
        },
        Status: (refund) => ({ text: refund.status, actions: refundActions(refund) }),
        Reason: ({ reason }) => text(reason ?? ''),
        Made: ({ created_at }) => text(clockTime(created_at)),
      }),
      section('disputes', 'Disputes', state.disputes, {
        Dispute: ({ id }) => code(id),
        Payment: ({ payment_id }) => code(payment_id),
        Amount: ({ amount, currency }) => number(formatMoneyWithCode(amount, currency)),
        Status: (dispute) => ({ text: dispute.status, actions: disputeActions(dispute) }),
        Reason: ({ reason }) => text(reason),
        'Answer by': ({ due_date }) => text(due_date),
      }),
      section('settings', 'Settings', settingRows(state.settings), {
        Setting: ({ name }) => code(name),
        About: ({ about }) => text(about),
        'As it is': ({ meaning, actions }) => ({ text: meaning, actions }),
      }),
      section('events', 'Events', state.events, {
        Event: ({ id }) => code(id),
        Name: (event) => ({ text: event.event_name, actions: eventActions(event) }),
        Record: ({ data }) => code(data.id),
      }),
      section('deliveries', 'Deliveries', state.deliveries, {
        Event: ({ event_name }) => text(event_name),
        To: ({ url }) => code(url),
        Status: ({ status }) => text(status),
        Tries: ({ tries }) => number(String(tries)),
        Answer: ({ last_status, last_error }) => text(String(last_status ?? last_error ?? '')),
        'Next try': ({ next_attempt_at }) =>
          text(next_attempt_at ? clockTime(next_attempt_at) : ''),
      }),
      section('faults', 'Faults', state.faults, {
        Call: ({ method, path }) => code(`${method} ${path}`),
        Kind: ({ kind, status }) => text(status === undefined ? kind : `${kind} ${status}`),
        'Times left': ({ times }) => number(String(times)),
      }),
      section('requests', 'Requests', state.requests, {
        Call: ({ method, path }) => code(`${method} ${path}`),
        Status: ({ status }) => number(status === null ? 'no answer' : String(status)),
        Key: ({ idempotency_key }) => code(idempotency_key ?? ''),
        At: ({ at }) => text(clockTime(at)),
      }),
    ],
  }
}

function section<R>(
  id: string,
  title: string,
  records: R[],
  columns: Record<string, (record: R) => Cell>,
): Section {
  const newest = records.slice(-SHOWN).reverse()
  return {
    id,
    title,
    count: records.length > SHOWN ? `newest ${SHOWN} of ${records.length}` : `${records.length}`,
    columns: Object.keys(columns),
    rows: newest.map((record) => Object.values(columns).map((cell) => cell(record))),
    empty: `No ${title.toLowerCase()} yet.`,
  }
}

function text(text: string): Cell {
  return { text }
}

function code(text: string): Cell {
  return { text, code: true }
}

function number(text: string): Cell {
  return { text, number: true }
}

function clockTime(iso: string): string {
  return iso.replace('T', ' ').slice(0, 19)
}
