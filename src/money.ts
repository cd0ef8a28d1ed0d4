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

/**
 * An amount as a person types it, in major units: "12.50", "12.5", "12" or "$12.50".
 *
 * @returns minor units; undefined for anything else, and for more than a payment may be
 */
export function parseMoney(text: string): number | undefined {
  const [, major = '', minor = ''] = /^\$? ?(\d{1,6})(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? []
  if (major === '') return undefined
  return Number(major) * 100 + Number(minor.padEnd(2, '0'))
}

/** 8420 → "84.20": as `parseMoney` reads it. */
export function plainMoney(cents: number): string {
  return (cents / 100).toFixed(2)
}

/** 8420, 'usd' → "$84.20". The symbol is shared by both currencies: name the code where it matters. */
export function formatMoney(cents: number, currency: Currency): string {
  return symbols[currency].format(cents / 100)
}

/** 8420, 'cad' → "$84.20 CAD": for receipts, mails and wherever currencies could be confused. */
export function formatMoneyWithCode(cents: number, currency: Currency): string {
  return `${formatMoney(cents, currency)} ${currency.toUpperCase()}`
}
