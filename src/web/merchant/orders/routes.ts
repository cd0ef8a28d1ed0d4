import type { AppContext } from '../../../context.ts'
import type { Desk } from '../desk.ts'
import { exportOrderList } from './export.ts'
import { resolveItem, showOrders } from './list.ts'
import { EXPORT_PATH, OPEN_ITEMS_PATH, ORDERS_PATH } from './paths.ts'

/** The merchant's orders: found, looked at, and acted on. */
export function orderDeskRoutes(ctx: AppContext, desk: Desk): void {
  desk.page(ORDERS_PATH, 'view', showOrders(ctx))
  desk.page(EXPORT_PATH, 'export', exportOrderList(ctx))
  desk.form(`${OPEN_ITEMS_PATH}/:item/resolve`, 'work', resolveItem(ctx))
}
