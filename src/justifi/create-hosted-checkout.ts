import { type ClientOptions, createClient } from './client.ts'
import { type Disputes, disputesOf } from './disputes.ts'
import type { HostedCheckout, PaymentMode } from './hosted-checkout.ts'
import { type Payments, paymentsOf } from './payments.ts'
import { type Refunds, refundsOf } from './refunds.ts'
import { sessionFlow } from './session-flow.ts'

/** All that the shop has to do with JustiFi. */
export type Justifi = HostedCheckout & Payments & Refunds & Disputes

export type HostedCheckoutOptions = ClientOptions & {
  flow: 'sessions'
  /** Address of a hosted page, with `{id}` where the page's id goes. */
  checkoutUrlTemplate: string
}

/**
 * JustiFi for the shop, in the given flow: one client, whose token, connections and breaker all
 * its calls share. Makes no call yet.
 *
 * @throws RangeError for a client id that does not tell test from live
 */
export function createHostedCheckout(options: HostedCheckoutOptions): Justifi {
  const { checkoutUrlTemplate, clientId } = options
  const client = createClient(options)
  const flow = sessionFlow(client, { mode: modeOf(clientId), pageUrlTemplate: checkoutUrlTemplate })
  return { ...flow, ...paymentsOf(client), ...refundsOf(client), ...disputesOf(client) }
}

/** JustiFi has one host for both; its client ids begin with the side that they are for. */
function modeOf(clientId: string): PaymentMode {
  const [, mode] = /^(test|live)_/.exec(clientId) ?? []
  if (!mode) throw new RangeError('a JustiFi client id begins with test_ or live_')
  return mode as PaymentMode
}
