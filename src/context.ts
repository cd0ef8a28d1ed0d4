import type { Clock } from './clock.ts'
import type { Db } from './db/database.ts'
import type { Justifi } from './justifi/create-hosted-checkout.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { LinkTokens } from './orders/link-token.ts'
import type { Opened, Settled } from './orders/order-work.ts'
import { SingleFlight } from './single-flight.ts'

/** What the application runs on. Passed as the first argument; nothing is reached by import. */
export type AppContext = {
  /** Origin that customers see, without a slash at its end. */
  publicUrl: string
  production: boolean
  db: Db
  justifi: Justifi
  linkTokens: LinkTokens
  log: Logger
  metrics: Metrics
  clock: Clock
  /** Newest first. */
  sessionSecrets: readonly string[]
  webhookSecrets: readonly string[]
  trustProxy: number | string[] | false
  metricsToken: string | undefined
  /** Else mails stay in the outbox. */
  sendsMail: boolean
  limits: Limits
  /** Work under way in this process, by order: what is asked twice at once is done once. */
  opening: SingleFlight<Opened>
  observing: SingleFlight<Settled>
  /** Ids of the events whose orders are being asked about. */
  ringing: Set<string>
}

/** How much one address may ask for in a minute. */
export type Limits = {
  requestsPerMinute: number
  checkoutsPerMinute: number
}

export const LIMITS: Limits = { requestsPerMinute: 600, checkoutsPerMinute: 30 }

export function createContext(
  given: Omit<AppContext, 'opening' | 'observing' | 'ringing'>,
): AppContext {
  return {
    ...given,
    opening: new SingleFlight(),
    observing: new SingleFlight(),
    ringing: new Set(),
  }
}
