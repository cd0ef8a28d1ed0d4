import { HOUR, later } from '../clock.ts'
import type { Payment } from './order.ts'

/** JustiFi calls such a payment failed because the bank stayed silent, not because it said no. */
const UNANSWERED = new Set(['gateway_timeout', 'gateway_timeout_error'])

/** For so long the bank's answer may still come; whoever paid again at once could pay twice. */
const PATIENCE = HOUR

/** Whether the bank may have taken the money all the same. */
export function outcomeIsUncertain(payment: Payment): boolean {
  return UNANSWERED.has(payment.errorCode ?? '')
}

/**
 * Until when nobody should try again, where the last try may have gone through all the same;
 * undefined where it surely has not, or where it was long enough ago.
 */
export function uncertainUntil(payments: readonly Payment[], now: Date): Date | undefined {
  const last = payments.findLast((payment) => payment.status === 'failed')
  if (!last || !outcomeIsUncertain(last)) return undefined
  const until = later(last.updatedAt, PATIENCE)
  return until > now ? until : undefined
}
