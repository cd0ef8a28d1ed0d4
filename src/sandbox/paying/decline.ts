/** Why a payment failed, in the words of JustiFi's payment record. */
export type Decline = {
  code: string
  /** Finer than `code`, where the issuer said more. */
  declineCode?: string
  description: string
}
