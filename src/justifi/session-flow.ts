import { DAY, later } from '../clock.ts'
import { shaped } from './answer.ts'
import type { JustifiClient } from './client.ts'
import { JustifiContractError } from './errors.ts'
import type {
  CallOptions,
  HostedCheckout,
  HostedPage,
  Observation,
  ObservedPayment,
  PageRequest,
  PaymentMode,
  Purchase,
} from './hosted-checkout.ts'
import { paymentOfIntent, paymentsOfIntent } from './payments.ts'
import { CheckoutSessionId, type Payment, PaymentIntent } from './wire.ts'

/** JustiFi gives a checkout session no end of life to read; its guide says 24 hours. */
const SESSION_LIFE_MS = DAY

const readIntent = shaped(PaymentIntent, 'a payment intent')
const readSessionId = shaped(CheckoutSessionId, 'a checkout session')

/**
 * Hosted checkout of the first generation: a payment intent says what is to be paid, and each
 * checkout session is a page on which to pay it.
 *
 * @param pageUrlTemplate address of a session's page, with `{id}` in its place
 */
export function sessionFlow(
  client: JustifiClient,
  { mode, pageUrlTemplate }: { mode: PaymentMode; pageUrlTemplate: string },
): HostedCheckout {
  async function prepare(purchase: Purchase, options?: CallOptions) {
    const { value } = await client.call({
      operation: 'payment_intents.create',
      method: 'POST',
      path: '/v1/payment_intents',
      accountId: purchase.accountId,
      idempotencyKey: purchase.idempotencyKey,
      body: {
        amount: purchase.amountCents,
        currency: purchase.currency,
        description: purchase.description,
        metadata: sorted(purchase.metadata),
      },
      budgetMs: options?.budgetMs,
      read: (json) => intentFor(purchase, readIntent(json)),
    })
    return { reference: value.id }
  }

  async function open(page: PageRequest, options?: CallOptions): Promise<HostedPage> {
    const { value: pageId, at } = await client.call({
      operation: 'checkout_sessions.create',
      method: 'POST',
      path: '/v1/checkout_sessions',
      accountId: page.accountId,
      idempotencyKey: page.idempotencyKey,
      body: {
        payment_intent_id: page.reference,
        after_payment_url: page.afterPaymentUrl,
        back_url: page.backUrl,
      },
      budgetMs: options?.budgetMs,
      read: readSessionId,
    })
    return { pageId, url: pageUrl(pageId), expiresAt: later(at, SESSION_LIFE_MS) }
  }

  function pageUrl(pageId: string): string {
    return pageUrlTemplate.replaceAll('{id}', () => encodeURIComponent(pageId))
  }

  async function observe(
    prepared: { reference: string; accountId: string },
    options?: CallOptions,
  ): Promise<Observation> {
    const leftMs = countdown(options?.budgetMs ?? client.limits.readMs)
    // The intent first: its payments are then at least as new as what it says of itself.
    const { value: intent, at } = await client.call({
      operation: 'payment_intents.get',
      method: 'GET',
      path: `/v1/payment_intents/${encodeURIComponent(prepared.reference)}`,
      accountId: prepared.accountId,
      budgetMs: leftMs(),
      read: (json) => intentNamed(prepared.reference, readIntent(json)),
    })
    const payments = await paymentsOfIntent(client, prepared, leftMs)
    const paidBy = intent.successfulPaymentId
    if (paidBy && !payments.some(({ id }) => id === paidBy)) {
      payments.push(await paymentOfIntent(client, paidBy, prepared, leftMs))
    }

    return {
      reference: intent.id,
      accountId: intent.accountId,
      amountCents: intent.amountCents,
      currency: intent.currency,
      state: intent.state,
      payments: payments.sort(oldestFirst).map(observed),
      at,
    }
  }

  const pageOrigin = new URL(pageUrl('id')).origin
  return { mode, pageOrigin, prepare, open, pageUrl, observe }
}

/** Before anyone is sent to pay it, the intent has to be for what was asked. */
function intentFor(purchase: Purchase, intent: PaymentIntent): PaymentIntent {
  const same =
    intent.amountCents === purchase.amountCents &&
    intent.currency === purchase.currency &&
    intent.accountId === purchase.accountId
  if (same) return intent
  throw new JustifiContractError(
    `asked for ${purchase.amountCents} ${purchase.currency} to ${purchase.accountId}, ` +
      `JustiFi answered ${intent.amountCents} ${intent.currency} to ${intent.accountId}`,
  )
}

function intentNamed(reference: string, intent: PaymentIntent): PaymentIntent {
  if (intent.id === reference) return intent
  throw new JustifiContractError(`asked for ${reference}, JustiFi answered ${intent.id}`)
}

/** In an order of its own, so that a store which forgets the order still sends the same bytes. */
function sorted(metadata: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function oldestFirst(a: Payment, b: Payment): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1)
}

function observed({ reference: _, ...payment }: Payment): ObservedPayment {
  return payment
}

function countdown(ms: number): () => number {
  const endsAt = performance.now() + ms
  return () => endsAt - performance.now()
}
