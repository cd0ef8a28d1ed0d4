import type { NewMail } from '../mail/outbox.ts'
import type { Refund } from '../orders/refund.ts'

type Failed = Pick<Refund, 'id' | 'orderId' | 'merchantId' | 'amountCents'>

/** @param isExpected whether the customer was told of the refund, and waits for it */
export function mailsAboutFailure(refund: Failed, isExpected: boolean): NewMail[] {
  const { id, orderId, merchantId, amountCents } = refund
  const about = { orderId, merchantId, data: { amountCents } }
  return [
    { kind: 'merchant_refund_failed', key: `refund_failed:${id}`, ...about },
    ...(isExpected
      ? [{ kind: 'refund_failed', key: `refund_failed_customer:${id}`, ...about } as const]
      : []),
  ]
}
