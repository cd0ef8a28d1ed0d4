/** What of an order's payment moved which way, in cents of its currency; the fee where it is known. */
export type NetParts = {
  paidCents: number
  refundedCents: number
  /** Of disputes that are open or lost: JustiFi counts a dispute that is won no more. */
  disputedCents: number
  feeCents: number | null
}

/** What the shop has of a payment, as JustiFi's balance of it says. Below zero where it cost more. */
export function netCentsOf(parts: NetParts): number {
  const { paidCents, refundedCents, disputedCents, feeCents } = parts
  return paidCents - refundedCents - disputedCents - (feeCents ?? 0)
}
