import type { RequestHandler } from 'express'
import type { AppContext } from '../../../context.ts'
import { localDay, localMoments } from '../../../local-time.ts'
import { recordAct } from '../../../merchants/audit-log.ts'
import type { Shop } from '../../../merchants/shop.ts'
import { plainMoney } from '../../../money.ts'
import { netCentsOf } from '../../../orders/net.ts'
import {
  filterParams,
  type OrderCriteria,
  orderCriteria,
  readOrderFilter,
} from '../../../orders/order-filter.ts'
import {
  type ExportedItem,
  type ExportedOrder,
  exportItems,
  exportOrders,
} from '../../../orders/queries/desk-export.ts'
import { listOrderIds } from '../../../orders/queries/desk-list.ts'
import { csvLine, isHeadersOnly, sendCsv } from '../csv.ts'
import { deskOf } from '../desk.ts'
import { queryOf, renderList } from './list.ts'

const ORDER_COLUMNS = [
  ...['number', 'status', 'reason', 'created_local', 'created_utc', 'paid_utc'],
  ...['customer_name', 'customer_email', 'currency', 'total', 'refunded', 'fee', 'net'],
  ...['method', 'last_four', 'payment_id', 'payment_intent_id'],
]
/** With `rows=items`, after the others, which are then repeated for each item of an order. */
const ITEM_COLUMNS = [
  ...['item', 'product', 'product_slug', 'quantity', 'unit_price', 'item_total'],
  // The same amounts in minor units, for programs that compute with them.
  ...['total_minor', 'unit_price_minor', 'item_total_minor'],
]

/** Small enough that whoever else wants the database waits for milliseconds. */
const BATCH = 250

type Rows = 'orders' | 'items'

/**
 * GET /merchant/orders.csv: all orders of the list's filter, newest first, however many. With
 * `rows=items` there is a row for each item of them; `bom=1` is for Excel.
 */
export function exportOrderList(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { user, shop } = deskOf(res)
    const read = readOrderFilter(queryOf(req))
    if (Object.keys(read.problems).length > 0) return renderList(ctx, res, read, null)

    const now = ctx.clock.now()
    const rows: Rows = req.query.rows === 'items' ? 'items' : 'orders'
    const data = { filter: filterParams(read.filter).toString(), rows }
    const { merchantId, timeZone } = shop
    const act = { merchantId, actor: user.email, kind: 'orders_exported', data } as const
    if (!isHeadersOnly(req)) await recordAct(ctx.db, act, now)

    const header = rows === 'items' ? [...ORDER_COLUMNS, ...ITEM_COLUMNS] : ORDER_COLUMNS
    const criteria = orderCriteria(read.filter, timeZone, now)
    const name = `orders-${shop.slug}-${localDay(now, timeZone)}`
    const file = { name, header, forExcel: req.query.bom === '1' }
    await sendCsv(res, file, exportedLines(ctx, shop, criteria, rows))
  }
}

/** Batches of finished lines. Each is asked for when the one before was taken. */
async function* exportedLines(
  ctx: AppContext,
  shop: Shop,
  criteria: OrderCriteria,
  rows: Rows,
): AsyncGenerator<string> {
  const { merchantId } = shop
  const localAt = localMoments(shop.timeZone)
  let after: string | null = null
  do {
    const { ids, next } = await listOrderIds(ctx.db, merchantId, criteria, after, BATCH)
    const orders = await exportOrders(ctx.db, merchantId, ids)
    const items = rows === 'items' ? await exportItems(ctx.db, merchantId, ids) : undefined

    // Joined at once: strings that grow bit by bit are kept as long chains of their parts.
    const lines = orders.flatMap((order) => {
      const cells = orderCells(order, localAt)
      if (!items) return csvLine(cells)
      return (items.get(order.id) ?? []).map((item) =>
        csvLine([...cells, ...itemCells(order, item)]),
      )
    })
    yield lines.join('')
    after = next
  } while (after !== null)
}

function orderCells(order: ExportedOrder, localAt: (at: string) => string): (string | null)[] {
  const { refunded_cents: refunded, fee_cents: fee } = order
  const net = order.payment_id === null ? null : netOf(order)
  return [
    order.number,
    order.status,
    order.reason,
    localAt(order.created_at),
    utcMoment(order.created_at),
    order.paid_at && utcMoment(order.paid_at),
    order.customer_name,
    order.customer_email,
    order.currency,
    plainMoney(order.total_cents),
    plainMoney(refunded),
    fee === null ? null : plainMoney(fee),
    net === null ? null : plainMoney(net),
    order.method,
    order.last_four,
    order.payment_id,
    order.intent_id,
  ]
}

function netOf(order: ExportedOrder): number {
  return netCentsOf({
    paidCents: order.paid_cents,
    refundedCents: order.refunded_cents,
    disputedCents: order.disputed_cents,
    feeCents: order.fee_cents,
  })
}

function itemCells(order: ExportedOrder, item: ExportedItem): (string | number)[] {
  return [
    item.line,
    item.product_name,
    item.product_slug,
    item.quantity,
    plainMoney(item.unit_price_cents),
    plainMoney(item.total_cents),
    order.total_cents,
    item.unit_price_cents,
    item.total_cents,
  ]
}

/** The stored form, less its milliseconds. */
function utcMoment(at: string): string {
  return `${at.slice(0, 19)}Z`
}
