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
