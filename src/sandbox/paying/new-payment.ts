import type { Fee, Payment, PaymentIntent, PaymentMethod } from '../records.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Decline } from './decline.ts'
import type { TestCard } from './test-cards.ts'

export type CardDetails = {
  testCard: TestCard
  month: number
  /** Four digits. */
  year: number
  name: string | null
  postalCode: string | null
}

export type BankAccountDetails = { number: string; ownerName: string }

export function cardMethod(sandbox: Sandbox, intent: PaymentIntent, card: CardDetails) {
  const { id, ...common } = methodBasics(sandbox, intent)
  const now = sandbox.clock.now().toISOString()
  return {
    ...common,
    card: {
      id,
      token: id,
      acct_last_four: card.testCard.number.slice(-4),
      brand: card.testCard.brand,
      name: card.name,
      month: String(card.month),
      year: String(card.year),
      digital_wallet: null,
      address_line1_check: 'unchecked',
      address_postal_code_check: card.postalCode === null ? 'unchecked' : 'pass',
      metadata: null,
      created_at: now,
      updated_at: now,
    },
  } satisfies PaymentMethod
}

export function bankAccountMethod(
  sandbox: Sandbox,
  intent: PaymentIntent,
  account: BankAccountDetails,
) {
  const { id, ...common } = methodBasics(sandbox, intent)
  const now = sandbox.clock.now().toISOString()
  return {
    ...common,
    bank_account: {
      id,
      token: id,
      account_owner_name: account.ownerName,
      account_type: 'checking',
      bank_name: 'Sandbox Bank',
      account_number_last4: account.number.slice(-4),
      metadata: null,
      created_at: now,
      updated_at: now,
    },
  } satisfies PaymentMethod
}

/** A payment of the whole intent; how it stands is for the caller to say. */
export function newPayment(
  { ids, clock }: Sandbox,
  intent: PaymentIntent,
  method: PaymentMethod,
): Payment {
  const now = clock.now().toISOString()
  return {
    id: ids.next('py'),
    account_id: intent.account_id,
    amount: intent.amount,
    amount_disputed: 0,
    amount_refundable: intent.amount,
    amount_refunded: 0,
    amount_returned: 0,
    application_fee: null,
    application_fee_rate_id: null,
    balance: 0,
    capture_strategy: 'automatic',
    captured: false,
    checkout_id: null,
    currency: intent.currency,
    decline_code: null,
    description: intent.description,
    disputed: false,
    disputes: [],
    error_code: null,
    error_description: null,
    expedited: 'bank_account' in method ? false : null,
    fee_amount: 0,
    fees: [],
    financial_transaction_id: ids.next('ft'),
    is_test: true,
    metadata: intent.metadata,
    payment_intent_id: intent.id,
    payment_method: method,
    payment_mode: 'bank_account' in method ? 'ach' : 'ecom',
    refunded: false,
    refunds: [],
    returned: false,
    statement_descriptor: null,
    status: 'pending',
    terminal_id: null,
    transaction_hold: null,
    created_at: now,
    updated_at: now,
  }
}

/** What becomes of a payment when the money is there. */
export function collected({ ids }: Sandbox, payment: Payment): Partial<Payment> {
  const amount = processingFeeCents(payment)
  const fee: Fee = {
    id: ids.next('pyfee'),
    type: 'processing_fee',
    amount,
    currency: payment.currency,
    remaining_amount: amount,
  }
  return {
    status: 'succeeded',
    captured: true,
    fee_amount: amount,
    fees: [fee],
    balance: payment.amount - amount,
  }
}

export function failed(decline: Decline): Partial<Payment> {
  return {
    status: 'failed',
    error_code: decline.code,
    decline_code: decline.declineCode ?? null,
    error_description: decline.description,
  }
}

/** Made up, but of the usual size: 2.9 % and 30 cents for a card, 0.8 % up to 5.00 for a bank. */
function processingFeeCents({ amount, payment_mode }: Payment): number {
  return payment_mode === 'ach'
    ? Math.min(Math.ceil((amount * 8) / 1_000), 500)
    : Math.round((amount * 29) / 1_000) + 30
}

function methodBasics({ ids }: Sandbox, intent: PaymentIntent) {
  const id = ids.next('pm')
  return {
    id,
    customer_id: null,
    signature: id.replace('pm_', ''),
    account_id: intent.account_id,
  }
}
