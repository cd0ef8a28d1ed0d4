import type { Sandbox } from '../sandbox.ts'

/** Everything that is known here, with records as the API shows them. */
export function stateOf(sandbox: Sandbox) {
  const { intents, sessions, payments } = sandbox.ledger.all()
  return {
    now: sandbox.clock.now().toISOString(),
    payment_intents: intents,
    checkout_sessions: sessions,
    checkouts: [],
    payments,
    refunds: [],
    disputes: [],
    events: sandbox.events.all(),
    deliveries: sandbox.deliveries.all(),
    publishers: sandbox.publishers.all().map(({ url, events }) => ({ url, events })),
    requests: sandbox.requests.all(),
    faults: sandbox.faults.all(),
  }
}
