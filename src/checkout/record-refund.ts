import { timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import type { Db, Transaction } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { newId } from '../ids.ts'
import type { ObservedRefund } from '../justifi/observed.ts'
import { enqueueMails } from '../mail/outbox.ts'
import type { Order } from '../orders/order.ts'
import { makeOrderDue } from '../orders/queries/due-orders.ts'
import { closeItem } from '../orders/queries/open-items.ts'
import {
  changeRefund,
  findRefundAtJustifi,
  findRefundById,
  insertRefund,
  lockPayment,
  recountReserved,
} from '../orders/queries/refunds.ts'
import type { Refund } from '../orders/refund.ts'
import { recordTimeline, type Witness } from '../orders/timeline.ts'
import { firstCheckAt } from './check-schedule.ts'
import { mailsAboutFailure } from './refund-mails.ts'
import { settleOrder } from './settle-order.ts'

/**
 * Brings the shop's record of a refund up to JustiFi's: one that was asked for here, or one that
 * was made at JustiFi and is met for the first time. Then the order's payments are settled, as
 * their sums have changed with it.
 *
 * @throws OrderNotFoundError
 */
export async function recordRefund(
  ctx: AppContext,
  order: Order,
  seen: ObservedRefund,
  witness: Witness,
): Promise<void> {
  // A word that is not known says nothing yet; it is asked about again.
  if (seen.status === 'unknown') return

  if (!isNews(await matching(ctx.db, order, seen), seen)) return

  const now = ctx.clock.now()
  const changed = await inTransaction(ctx.db, async (trx) => {
    // Should the process end, or JustiFi not answer, before the order is settled, the watcher does
    // it. Order before payment, as when it is settled: so no two transactions wait for each other.
    await makeOrderDue(trx, order.id, now)
    await lockPayment(trx, seen.paymentId)
    const known = await matching(trx, order, seen)
    const wrote = known
      ? await bringUpToDate(trx, known, seen, now)
      : await insertFound(trx, order, seen, now)
    if (!wrote) return false

    await recountReserved(trx, seen.paymentId)
    const id = known?.id ?? seen.id
    const { amountCents, status: outcome } = seen
    const news = { refundId: id, amountCents, outcome, errorCode: null }
    await recordTimeline(trx, order, [{ kind: 'refund', data: news }], witness, now)
    if (outcome === 'failed') {
      const failed = { id, orderId: order.id, merchantId: order.merchantId, amountCents }
      await enqueueMails(trx, mailsAboutFailure(failed, known !== undefined), now)
    }
    return true
  })
  if (!changed) return
  const mark = seen.metadata.refund
  if (mark) await closeItem(ctx.db, 'refund_unknown', mark, `it ${seen.status}`, now)
  await settleOrder(ctx, order.id, witness)
}

/** By JustiFi's id; or, where its answer was never read, by the mark that the request carried. */
async function matching(db: Db, order: Order, seen: ObservedRefund): Promise<Refund | undefined> {
  const named = await findRefundAtJustifi(db, seen.id)
  if (named) return named
  const mark = seen.metadata.refund
  const marked = mark === undefined ? undefined : await findRefundById(db, mark)
  const fits =
    marked?.orderId === order.id &&
    marked.paymentId === seen.paymentId &&
    marked.amountCents === seen.amountCents &&
    marked.refundId === null
  return fits ? marked : undefined
}

/** Older news never undoes newer; and what JustiFi is known to have said is no news. */
function isNews(known: Refund | undefined, seen: ObservedRefund): boolean {
  if (!known || known.refundId === null) return true
  return seen.updatedAt >= known.updatedAt && seen.status !== known.outcome
}

async function bringUpToDate(
  trx: Transaction,
  known: Refund,
  seen: ObservedRefund,
  now: Date,
): Promise<boolean> {
  if (!isNews(known, seen)) return false
  return changeRefund(trx, known, {
    refund_id: seen.id,
    outcome: seen.status,
    next_check_at: seen.status === 'pending' ? timestamp(firstCheckAt(now)) : null,
    check_count: 0,
    updated_at: timestamp(seen.updatedAt),
  })
}

function insertFound(
  trx: Transaction,
  order: Order,
  seen: ObservedRefund,
  now: Date,
): Promise<boolean> {
  return insertRefund(trx, {
    id: newId(),
    order_id: order.id,
    merchant_id: order.merchantId,
    payment_id: seen.paymentId,
    idempotency_key: null,
    form_key: null,
    refund_id: seen.id,
    amount_cents: seen.amountCents,
    reason: seen.reason,
    note: null,
    outcome: seen.status,
    error_code: null,
    actor: null,
    next_check_at: seen.status === 'pending' ? timestamp(firstCheckAt(now)) : null,
    check_count: 0,
    leased_until: null,
    created_at: timestamp(seen.createdAt),
    updated_at: timestamp(seen.updatedAt),
  })
}
