import { isCollected, runningRefundOf } from '../giving-back/standing.ts'
import type { Dispute, Payment, Refund } from '../records.ts'
import type { Settings } from '../settings.ts'

/** A button of the control page: a form that posts one field. */
export type Action = {
  path: string
  field: string
  value: string
  label: string
  /** Where the value is an amount, to be typed over: what it is, for who cannot see it. */
  amountOf?: string
}

export function paymentActions(payment: Payment): Action[] {
  const { id, status, amount_refundable, payment_method } = payment
  const at = `/_sandbox/payments/${id}`
  const settle = button(`${at}/settle`, 'status')
  if (status === 'pending') return [settle('succeeded', 'Clear'), settle('failed', 'Fail')]
  if (!isCollected(payment)) return []

  const refund: Action = {
    ...button(`${at}/refund`, 'amount')(String(amount_refundable), 'Refund'),
    amountOf: `Cents of ${id} to refund`,
  }
  const dispute = button(`${at}/dispute`, 'reason')('fraudulent', 'Dispute')
  return [
    ...(amount_refundable > 0 && !runningRefundOf(payment) ? [refund] : []),
    ...(amount_refundable > 0 ? [dispute] : []),
    ...('bank_account' in payment_method ? [settle('failed', 'Take back')] : []),
  ]
}

export function refundActions({ id, status }: Refund): Action[] {
  const settle = button(`/_sandbox/refunds/${id}/settle`, 'status')
  return [
    ...(status === 'pending' ? [settle('succeeded', 'Succeed')] : []),
    ...(status === 'failed' ? [] : [settle('failed', 'Fail')]),
  ]
}

export function disputeActions({ id, status }: Dispute): Action[] {
  if (status === 'won') return []
  const at = `/_sandbox/disputes/${id}`
  const close = button(`${at}/close`, 'status')
  return [
    ...(status === 'needs_response' ? [button(`${at}/submit`, 'again')('1', 'Answer')] : []),
    close('won', status === 'lost' ? 'Win after all' : 'Win'),
    ...(status === 'lost' ? [] : [close('lost', 'Lose')]),
  ]
}

export function eventActions({ id }: { id: string }): Action[] {
  return [button(`/_sandbox/events/${id}/deliver`, 'again')('1', 'Deliver')]
}

/** What each setting is about, and what each of its values means. */
const SETTINGS: { [S in keyof Settings]: { about: string; values: Record<Settings[S], string> } } =
  {
    refunds: {
      about: 'How a refund begins',
      values: {
        succeed: 'Succeeded to a card, pending to a bank account',
        pending: 'Pending',
        fail: 'Failed',
      },
    },
    pending_refunds: {
      about: 'What a pending refund is on its payment',
      values: { reserved: 'Held back, not yet refunded', refunded: 'Refunded already' },
    },
  }

export function settingRows(settings: Settings) {
  return (Object.keys(SETTINGS) as (keyof Settings)[]).map((name) => {
    const { about, values } = SETTINGS[name]
    const meanings: Record<string, string> = values
    const current = settings[name]
    const choose = button('/_sandbox/settings', name)
    const others = Object.entries(meanings).filter(([value]) => value !== current)
    return {
      name,
      about,
      meaning: meanings[current] ?? current,
      actions: others.map(([value, meaning]) => choose(value, meaning)),
    }
  })
}

function button(path: string, field: string) {
  return (value: string, label: string): Action => ({ path, field, value, label })
}
