import type { Round } from '../background-loop.ts'
import { HOUR, later, MINUTE, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { isAnswer, JustifiError } from '../justifi/errors.ts'
import type { Order } from '../orders/order.ts'
import { getOrder } from '../orders/queries/find-order.ts'
import { openItem } from '../orders/queries/open-items.ts'
import { getRefund, leaseDueRefunds, scheduleRefund } from '../orders/queries/refunds.ts'
import { OPEN_REFUNDS, type Refund } from '../orders/refund.ts'
import { findMadeRefund } from './find-made-refund.ts'
import { recordRefund } from './record-refund.ts'
import { sendRefund } from './refund-order.ts'

const BATCH = 4
const LEASE = MINUTE
/**
 * JustiFi does not say how long it remembers a key. Within so long of the request, sending it again
 * is taken to be safe; later it could be a second refund, and is left to a person.
 */
const KEY_REMEMBERED = 12 * HOUR

const WITNESS = { source: 'watcher' } as const

/** Asks JustiFi about refunds whose end is not known. */
export async function lookAtDueRefunds(ctx: AppContext): Promise<Round> {
  const now = ctx.clock.now()
  const due = await leaseDueRefunds(ctx.db, BATCH, now, later(now, LEASE))
  const looks = await Promise.all(due.map((refund) => lookAt(ctx, refund)))
  return { more: due.length === BATCH, answered: looks.length === 0 || looks.includes(true) }
}

async function lookAt(ctx: AppContext, refund: Refund): Promise<boolean> {
  const order = await getOrder(ctx.db, refund.orderId)
  let isAnswered = true
  try {
    await askAbout(ctx, refund, order)
  } catch (err) {
    if (!(err instanceof JustifiError)) throw err
    isAnswered = isAnswer(err)
    ctx.log.warn({ err, order: order.number }, 'a refund could not be asked about; it stays due')
  }
  const after = await getRefund(ctx.db, refund.id)
  const isOpen = OPEN_REFUNDS.includes(after.outcome)
  const looks = after.outcome === refund.outcome ? refund.checkCount + 1 : 0
  await scheduleRefund(ctx.db, refund.id, isOpen ? nextLook(ctx.clock.now(), looks) : null, looks)
  return isAnswered
}

async function askAbout(ctx: AppContext, refund: Refund, order: Order): Promise<void> {
  const { accountId } = order
  if (refund.refundId !== null) {
    const seen = await ctx.justifi.getRefund({ accountId, refundId: refund.refundId })
    return recordRefund(ctx, order, seen, WITNESS)
  }

  // Also one that seems never to have been sent: its process may have ended before the answer.
  const found = await findMadeRefund(ctx, refund, accountId)
  if (found) return recordRefund(ctx, order, found, WITNESS)

  const age = ctx.clock.now().getTime() - refund.createdAt.getTime()
  if (age < KEY_REMEMBERED) {
    await sendRefund(ctx, refund, order, WITNESS)
    return
  }
  await openItem(ctx.db, {
    merchantId: order.merchantId,
    accountId,
    kind: 'refund_unknown',
    subjectId: refund.id,
    amountCents: refund.amountCents,
    currency: order.currency,
    data: { order: order.number },
    foundAt: ctx.clock.now(),
  })
}

/** 30 seconds, a minute, two … up to six hours. */
function nextLook(now: Date, looks: number): Date {
  return later(now, Math.min(30 * SECOND * 2 ** Math.min(looks, 12), 6 * HOUR))
}
