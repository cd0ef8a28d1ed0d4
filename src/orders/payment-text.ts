import type { Words } from '../words/words.ts'
import type { Order, Payment } from './order.ts'

type OrderWords = Words['orders']
type FailureReason = keyof OrderWords['failed']['reasons']

/** JustiFi's brand words (its card object's `brand`), as their owners write them. */
const BRANDS = new Map([
  ['visa', 'Visa'],
  ['mastercard', 'Mastercard'],
  ['american_express', 'American Express'],
  ['amex', 'American Express'],
  ['discover', 'Discover'],
  ['diners_club', 'Diners Club'],
  ['jcb', 'JCB'],
  ['unionpay', 'UnionPay'],
])
const LONGEST_BRAND = 30

/** JustiFi's codes of a refused payment that say more than that it was refused. */
const REASONS = new Map<string, FailureReason>([
  ['insufficient_funds', 'insufficient_funds'],
  ['expired_card', 'expired'],
  ['card_number_invalid', 'details'],
  ['invalid_card_number', 'details'],
  ['credit_card_number_invalid', 'details'],
  ['invalid_cvc', 'details'],
  ['verification_invalid', 'details'],
  ['invalid_expiry_month', 'details'],
  ['invalid_expiry_year', 'details'],
  ['invalid_expiry_date', 'details'],
  ['month_invalid', 'details'],
  ['year_invalid', 'details'],
  ['invalid_zip_code', 'details'],
  ['invalid_address', 'details'],
  ['exceeds_card_limit', 'limit'],
  ['amount_too_large', 'limit'],
  ['invalid_charge_amount', 'limit'],
  ['invalid_card_brand', 'not_accepted'],
  ['service_not_allowed', 'not_accepted'],
  ['currency_not_supported', 'not_accepted'],
  ['card_decline_rate_limit_exceeded', 'too_many_tries'],
  ['no_account', 'account_unknown'],
  ['invalid_account_number', 'account_unknown'],
  ['account_frozen', 'account_blocked'],
  ['bank_account_restricted', 'account_blocked'],
  ['gateway_error', 'unreachable'],
  ['gateway_error_please_retry', 'unreachable'],
  ['gateway_rate_limit_error', 'unreachable'],
  ['issuer_not_available', 'unreachable'],
  ['internal_server_error', 'unreachable'],
])

/** The payment that counts for the order, where JustiFi has told of one. */
export function countingPayment(order: Order, payments: Payment[]): Payment | undefined {
  return payments.find((payment) => payment.id === order.paymentId)
}

/** "Visa ending 4242": all that an order's page tells of a card or account. */
export function methodText(payment: Payment | undefined, words: OrderWords): string {
  const lastFour = payment?.lastFour?.slice(-4)
  if (!payment || !lastFour) return words.method.unknown
  if (payment.method === 'bank_account') return words.method.bankAccount(lastFour)
  if (!payment.brand) return words.method.cardUnnamed(lastFour)
  return words.method.card(brandName(payment.brand), lastFour)
}

/** Why the payment was refused, for the person who tried it. */
export function failureText(payment: Payment, words: OrderWords): string {
  const { reasons } = words.failed
  const known = REASONS.get(payment.errorCode ?? '')
  if (known) return reasons[known]
  if (payment.method !== 'bank_account') return reasons.declined
  return payment.errorCode === 'account_closed' ? reasons.account_unknown : reasons.bank_declined
}

function brandName(brand: string): string {
  return BRANDS.get(brand.toLowerCase()) ?? brand.slice(0, LONGEST_BRAND)
}
