import type { Currency } from '../money.ts'

/** A merchant as its customers meet it. */
export type Shop = {
  merchantId: string
  slug: string
  name: string
  tagline: string
  currency: Currency
  supportEmail: string
  /** IANA name; times are shown in it. */
  timeZone: string
  language: string
  /** The account at JustiFi that its money goes to, `acc_…`. */
  accountId: string
}

/** What the name of a shop or product in a URL looks like. Anything else need not be looked up. */
export const SLUG = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
