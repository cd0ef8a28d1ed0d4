import type { Order } from './order.ts'

/**
 * `not_payable`: it is paid, under way, cancelled or being confirmed; the order's page tells.
 * `sold_out`: it had expired, and others have bought the pieces that it gave back.
 */
export type Opened = { kind: 'page'; url: string } | { kind: 'not_payable' } | { kind: 'sold_out' }

/** What asking JustiFi about an order came to. */
export type Settled = {
  order: Order
  /**
   * False when JustiFi could not be asked, gave no usable answer, or does not show yet what a
   * customer who has just returned may have paid. Nothing may then be said about money.
   */
  confirmed: boolean
  /** False when JustiFi could not be reached, or did not answer; a refusal is an answer. */
  reached: boolean
  /** JustiFi's clock when it answered this call; undefined when it was not asked, or did not. */
  justifiTime: Date | undefined
}
