import type { AppContext } from '../../../context.ts'
import type { Desk } from '../desk.ts'
import { exportOrderList } from './export.ts'
import { resolveItem, showOrders } from './list.ts'
import {
  cancelDeskOrder,
  checkOrder,
  dealWithRefundOfOrder,
  fulfilDeskOrder,
  resendOrderMail,
  reviewOrder,
  showOrder,
} from './order.ts'
import { EXPORT_PATH, OPEN_ITEMS_PATH, ORDERS_PATH } from './paths.ts'
import { checkRefund, makeRefund, showRefund } from './refund.ts'

/** The merchant's orders: found, looked at, and acted on. */
export function orderDeskRoutes(ctx: AppContext, desk: Desk): void {
  const one = `${ORDERS_PATH}/:number`

  desk.page(ORDERS_PATH, 'view', showOrders(ctx))
  desk.page(EXPORT_PATH, 'export', exportOrderList(ctx))
  desk.page(one, 'view', showOrder(ctx))
  desk.form(`${one}/check`, 'work', checkOrder(ctx))
  desk.form(`${one}/cancel`, 'work', cancelDeskOrder(ctx))
  desk.form(`${one}/fulfil`, 'work', fulfilDeskOrder(ctx))
  desk.form(`${one}/review`, 'work', reviewOrder(ctx))
  desk.form(`${one}/mails/:mail/resend`, 'work', resendOrderMail(ctx))
  desk.page(`${one}/refund`, 'refund', showRefund(ctx))
  desk.form(`${one}/refund`, 'refund', checkRefund(ctx))
  desk.form(`${one}/refunds`, 'refund', makeRefund(ctx))
  desk.form(`${one}/refunds/:refund/dealt-with`, 'work', dealWithRefundOfOrder(ctx))
  desk.form(`${OPEN_ITEMS_PATH}/:item/resolve`, 'work', resolveItem(ctx))
}
