import { compiled } from '../../db/compiled.ts'
import type { Db } from '../../db/database.ts'

/** An order as the export has it, with the payment that counts for it. */
export type ExportedOrder = {
  id: string
  number: string
  status: string
  reason: string | null
  created_at: string
  paid_at: string | null
  customer_name: string
  customer_email: string
  currency: string
  total_cents: number
  paid_cents: number
  refunded_cents: number
  disputed_cents: number
  intent_id: string | null
  payment_id: string | null
  fee_cents: number | null
  method: string | null
  last_four: string | null
}

const exported = compiled((db, merchantId: string, ids: string[]) =>
  db
    .selectFrom('orders')
    .leftJoin('payments', (join) =>
      join
        .onRef('payments.id', '=', 'orders.payment_id')
        .onRef('payments.order_id', '=', 'orders.id'),
    )
    .select(['orders.id', 'orders.number', 'orders.status', 'orders.reason', 'orders.created_at'])
    .select(['orders.paid_at', 'orders.customer_name', 'orders.customer_email', 'orders.currency'])
    .select(['orders.total_cents', 'orders.paid_cents', 'orders.refunded_cents'])
    .select(['orders.disputed_cents', 'orders.intent_id', 'orders.payment_id'])
    .select(['payments.fee_cents', 'payments.method', 'payments.last_four'])
    .where('orders.merchant_id', '=', merchantId)
    .where('orders.id', 'in', ids),
)
const items = compiled((db, merchantId: string, ids: string[]) =>
  db
    .selectFrom('order_items')
    .select(['order_id', 'line', 'product_name', 'product_slug'])
    .select(['unit_price_cents', 'quantity', 'total_cents'])
    .where('merchant_id', '=', merchantId)
    .where('order_id', 'in', ids)
    .orderBy('order_id')
    .orderBy('line'),
)

export type ExportedItem = Awaited<ReturnType<typeof items>>[number]

/** The orders of these ids, in their order. */
export async function exportOrders(
  db: Db,
  merchantId: string,
  ids: string[],
): Promise<ExportedOrder[]> {
  if (ids.length === 0) return []
  const rows = new Map((await exported(db, merchantId, ids)).map((row) => [row.id, row]))
  return ids.flatMap((id) => rows.get(id) ?? [])
}

/** The lines of these orders, by order. */
export async function exportItems(
  db: Db,
  merchantId: string,
  ids: string[],
): Promise<Map<string, ExportedItem[]>> {
  if (ids.length === 0) return new Map()
  return Map.groupBy(await items(db, merchantId, ids), ({ order_id }) => order_id)
}
