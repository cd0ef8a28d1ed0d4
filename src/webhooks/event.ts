import { z } from 'zod'

/**
 * The envelope of a JustiFi event (version v1). Only what finds an order is read of the record in
 * `data`: an event rings a bell, and what it says of money is not believed.
 */
/** PostgreSQL stores no NUL. */
const Text = z
  .string()
  .max(200)
  .regex(/^[^\0]*$/)

const Event = z.object({
  id: Text.min(1),
  event_name: Text.min(1),
  account_id: Text.nullish(),
  account_type: Text.nullish(),
  data: z
    .object({
      id: Text.nullish().catch(null),
      payment_intent_id: Text.nullish().catch(null),
      payment_id: Text.nullish().catch(null),
    })
    .nullish()
    .catch(null),
})

export type JustifiEvent = {
  id: string
  name: string
  accountId: string | null
  /** Which side of JustiFi it comes from; null where it does not say. */
  accountType: string | null
  intentId: string | null
  paymentId: string | null
  /** Of the record, where it is a refund or a dispute. */
  refundId: string | null
  disputeId: string | null
}

/** Reads an event's body, or answers undefined where it is not one. */
export function parseEvent(body: string): JustifiEvent | undefined {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return undefined
  }
  const parsed = Event.safeParse(json)
  if (!parsed.success) return undefined

  const { id, event_name, account_id, account_type, data } = parsed.data
  const recordId = (prefix: string) => (data?.id?.startsWith(prefix) ? data.id : null)

  return {
    id,
    name: event_name,
    accountId: account_id ?? null,
    accountType: account_type ?? null,
    intentId: data?.payment_intent_id ?? recordId('pi_'),
    paymentId: data?.payment_id ?? recordId('py_'),
    refundId: recordId('re_'),
    disputeId: recordId('dp_'),
  }
}
