import type { DatabaseConfig } from '../../../src/config.ts'

export type Setup = {
  database: DatabaseConfig
  sandboxUrl: string
  port?: number
  /** The point at which it is killed, the `nth` time that it comes there. */
  dieAt?: string
  nth?: number
  /** Each commit waits up to so long, at random, to widen what may happen between. */
  slowCommitsMs?: number
}

export type Job =
  | { do: 'points' }
  | { do: 'orders' }
  | { do: 'watch' }
  | { do: 'watch refunds' }
  | { do: 'sweep' }
  | { do: 'place'; checkoutKey: string }
  | { do: 'settle'; orderId: string }
  | { do: 'cancel'; orderId: string }
  | { do: 'refund'; orderId: string; amountCents: number; formKey: string }
  | {
      do: 'ask'
      requests: { url: string; method: string; headers?: Record<string, string>; body?: string }[]
    }

/** `at`, in milliseconds of the wall clock: not before then. */
export type ToShop = { id: number } & ({ setup: Setup } | { job: Job; at?: number })
export type FromShop = { id: number } & ({ value: unknown } | { error: string })
