/** The currencies that JustiFi settles in, as it writes them. */
export const CURRENCIES = ['usd', 'cad'] as const
export type Currency = (typeof CURRENCIES)[number]

/** JustiFi's limits for one payment, in minor units: more than 50, less than 100,000,000. */
export const MIN_TOTAL_CENTS = 51
export const MAX_TOTAL_CENTS = 99_999_999

// Intl formatters cost more to make than to use, so each is made once.
const symbols = Object.fromEntries(
  CURRENCIES.map((currency) => [
    currency,
    new Intl.NumberFormat('en-US', {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
    }),
  ]),
) as Record<Currency, Intl.NumberFormat>

/** Also with a dollar sign, and with commas between thousands. */
const AMOUNT = /^\$?\s*(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(\d{1,2}))?$/

/**
 * An amount as a person types it, in major units: "12.50", "12.5", "12" or "$1,200". Read digit by
 * digit: no fraction is ever computed with.
 *
 * @returns minor units; undefined for anything else, and for more than a payment may be
 */
export function parseMoney(typed: string): number | undefined {
  const [, whole, cents = ''] = AMOUNT.exec(typed.trim()) ?? []
  if (whole === undefined) return undefined
  const minor = Number(whole.replaceAll(',', '') + cents.padEnd(2, '0'))
  return minor <= MAX_TOTAL_CENTS ? minor : undefined
}

/** 123456 → "1234.56": as `parseMoney` reads it, whatever the currency's sign and the reader's country. */
export function plainMoney(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** 8420, 'usd' → "$84.20". The symbol is shared by both currencies: name the code where it matters. */
export function formatMoney(cents: number, currency: Currency): string {
  return symbols[currency].format(cents / 100)
}

/** 8420, 'cad' → "$84.20 CAD": for receipts, mails and wherever currencies could be confused. */
export function formatMoneyWithCode(cents: number, currency: Currency): string {
  return `${formatMoney(cents, currency)} ${currency.toUpperCase()}`
}
