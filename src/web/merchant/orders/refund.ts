import type { RequestHandler, Response } from 'express'
import { type RefundResult, refundOrder } from '../../../checkout/refund-order.ts'
import type { AppContext } from '../../../context.ts'
import { newSecret } from '../../../ids.ts'
import { type DeskOrder, getDeskOrder } from '../../../orders/queries/desk-order.ts'
import { findRefundByForm } from '../../../orders/queries/refunds.ts'
import { refundableOf } from '../../../orders/refundable.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { deskOf } from '../desk.ts'
import { orderOf, witnessOf } from './order.ts'
import { orderDeskPath } from './paths.ts'
import {
  emptyForm,
  type RefundForm,
  type RefundProblems,
  readRefund,
  refundKey,
} from './refund-form.ts'
import { refundPage } from './refund-page.ts'

/** GET …/refund: how much, and why. */
export function showRefund(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const seen = await orderOf(ctx, req, res)
    const page = refundPage({ ctx, visit: deskOf(res), seen, form: emptyForm(newSecret()) })
    render(res, 'merchant/orders/refund', page)
  }
}

/** POST …/refund: asks once more, or, with `step=change`, goes back to the form. */
export function checkRefund(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const visit = deskOf(res)
    const seen = await orderOf(ctx, req, res)
    const fields = formFields(req)
    const refundable = refundableOf(seen.order, seen.payments, seen.refunds)
    if ('cannot' in refundable) return again(ctx, res, seen, emptyForm(newSecret()), {})

    const { form, amountCents, problems } = readRefund(fields, refundable)
    if (fields.step === 'change') {
      return render(res, 'merchant/orders/refund', refundPage({ ctx, visit, seen, form }))
    }
    if (Object.keys(problems).length > 0) return again(ctx, res, seen, form, problems)
    const page = refundPage({ ctx, visit, seen, form, checkCents: amountCents })
    render(res, 'merchant/orders/refund', page)
  }
}

/** POST …/refunds: requests it. The same `refund_key` again leads to the same refund. */
export function makeRefund(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const seen = await orderOf(ctx, req, res)
    const { order } = seen
    const fields = formFields(req)
    const key = refundKey(fields)
    const before = key === '' ? undefined : await findRefundByForm(ctx.db, order.merchantId, key)
    if (before?.orderId === order.id) return toResult(res, order.number, before.id)

    const refundable = refundableOf(order, seen.payments, seen.refunds)
    if ('cannot' in refundable) return again(ctx, res, seen, emptyForm(newSecret()), {})

    const { form, problems, ...amounts } = readRefund(fields, refundable)
    // The key is another order's: this form is not the one that it was made for.
    if (before) return again(ctx, res, seen, { ...form, key: newSecret() }, { how: 'key' })
    if (Object.keys(problems).length > 0) return again(ctx, res, seen, form, problems)

    const result = await refundOrder(
      ctx,
      order.id,
      {
        ...amounts,
        reason: form.reason ?? null,
        note: form.note === '' ? null : form.note,
        formKey: form.key,
        paymentId: refundable.payment.id,
      },
      witnessOf(res),
    )
    if (result.kind === 'stored') return toResult(res, order.number, result.refund.id)

    // Asking JustiFi may have brought news: the form tells how it stands now.
    const { merchantId, number } = order
    const now = await getDeskOrder(ctx.db, merchantId, number)
    if (result.kind === 'other_order') return again(ctx, res, now, form, { how: 'key' })
    await again(ctx, res, now, form, { amount: PROBLEM_OF[result.kind] }, STATUS_OF[result.kind])
  }
}

type Refused = Exclude<RefundResult['kind'], 'stored' | 'other_order'>

const PROBLEM_OF = {
  not_free: 'stale',
  in_progress: 'in_progress',
  cannot_check: 'cannot_check',
} as const satisfies Record<Refused, string>

const STATUS_OF: Record<Refused, number> = { not_free: 422, in_progress: 422, cannot_check: 503 }

function again(
  ctx: AppContext,
  res: Response,
  seen: DeskOrder,
  form: RefundForm,
  problems: RefundProblems,
  status = 422,
): void {
  const page = refundPage({ ctx, visit: deskOf(res), seen, form, problems })
  render(res, 'merchant/orders/refund', page, status)
}

/** The order's page, which tells what became of the refund. */
function toResult(res: Response, number: string, refundId: string): void {
  res.redirect(303, `${orderDeskPath(number)}?refund=${refundId}`)
}
