import { type Clock, MINUTE } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { fingerprint } from '../ids.ts'
import { recordTimeline, type Witness } from '../orders/timeline.ts'
import { enqueueMails } from './outbox.ts'
import type { StoredOrderMail } from './queries.ts'

/**
 * Puts a mail about an order down once more: what it tells stays, and it goes to the address that
 * the order has when it goes out.
 *
 * @param formKey of the form that asked for it: its second press finds the first one's mail. Without
 *   one, a mail is sent again no more than once a minute.
 */
export function resendMail(
  ctx: { db: Db; clock: Clock },
  { id, kind, orderId, merchantId, data }: StoredOrderMail,
  formKey: string | undefined,
  witness: Witness,
): Promise<void> {
  const now = ctx.clock.now()
  const cause = formKey ? fingerprint(formKey) : String(Math.floor(now.getTime() / MINUTE))
  const key = `resend:${id}:${cause}`

  return inTransaction(ctx.db, async (trx) => {
    const added = await enqueueMails(trx, [{ kind, key, orderId, merchantId, data }], now)
    if (added === 0) return
    const entry = { kind: 'mail_resent', data: { mail: kind } } as const
    await recordTimeline(trx, { id: orderId, merchantId }, [entry], witness, now)
  })
}
