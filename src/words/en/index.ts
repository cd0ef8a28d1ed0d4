import { cart } from './cart.ts'
import { catalog } from './catalog.ts'
import { checkout } from './checkout.ts'
import { desk } from './desk.ts'
import { deskEvents } from './desk-events.ts'
import { deskHome } from './desk-home.ts'
import { deskJobs } from './desk-jobs.ts'
import { deskLog } from './desk-log.ts'
import { deskOrders } from './desk-orders.ts'
import { deskProducts } from './desk-products.ts'
import { deskReconciliation } from './desk-reconciliation.ts'
import { deskSettings } from './desk-settings.ts'
import { deskUsers } from './desk-users.ts'
import { errors } from './errors.ts'
import { findOrder } from './find-order.ts'
import { layout } from './layout.ts'
import { mails } from './mails.ts'
import { orders } from './orders.ts'

/** A file for each part of the site. Amounts, numbers and times come ready-made as text. */
export const en = {
  layout,
  catalog,
  cart,
  checkout,
  orders,
  findOrder,
  mails,
  desk,
  deskUsers,
  deskProducts,
  deskSettings,
  deskLog,
  deskHome,
  deskJobs,
  deskEvents,
  deskReconciliation,
  deskOrders,
  errors,
}
