import { compiled } from '../db/compiled.ts'
import type { Transaction } from '../db/database.ts'

/** An order as its pieces know it. */
type Ordered = { id: string; merchantId: string }
type Line = { productId: string; quantity: number }

/** Fewer pieces are left than were asked for. Whoever throws it undoes the transaction. */
export class SoldOutError extends Error {
  override name = 'SoldOutError'
}

/** Statuses in which an order keeps nothing aside. A review leaves the pieces where they are. */
const GIVEN_UP = new Set(['cancelled', 'expired'])
/** And those in which it has them, whatever was left when its money came. */
const MONEY_CAME = new Set(['processing', 'paid', 'partially_refunded', 'refunded', 'disputed'])

const countedProducts = compiled((db, merchantId: string, ids: string[]) =>
  db
    .selectFrom('products')
    .select('id')
    .where('merchant_id', '=', merchantId)
    .where('id', 'in', ids)
    .where('stock', 'is not', null)
    .orderBy('id'),
)

const countedItems = compiled((db, orderId: string, merchantId: string) =>
  db
    .selectFrom('order_items')
    .select(['line', 'product_id', 'quantity', 'held'])
    .where('order_id', '=', orderId)
    .where('merchant_id', '=', merchantId)
    .where('held', 'is not', null)
    .orderBy('product_id'),
)

/**
 * Takes the pieces of an order that is being placed, of those products that are counted.
 *
 * @throws SoldOutError
 */
export async function takeStock(
  trx: Transaction,
  order: Ordered,
  lines: readonly Line[],
): Promise<void> {
  const ids = lines.map(({ productId }) => productId)
  // In one order for everybody, so that two who buy the same things do not wait for each other.
  for (const { id } of await countedProducts(trx, order.merchantId, ids)) {
    const quantity = lines.find(({ productId }) => productId === id)?.quantity ?? 0
    if (!(await take(trx, order, id, quantity))) throw new SoldOutError('too few pieces are left')
    await noteHeld(trx, order, id, quantity)
  }
}

/**
 * Takes again what an order gave back when it expired.
 *
 * @throws SoldOutError
 */
export async function takeStockAgain(trx: Transaction, order: Ordered): Promise<void> {
  for (const item of await itemsWith(trx, order, 'nothing')) {
    const taken = await take(trx, order, item.product_id, item.quantity)
    if (!taken) throw new SoldOutError('too few pieces are left')
    await noteHeld(trx, order, item.product_id, item.quantity)
  }
}

/**
 * Moves pieces as an order's new status says, in the transaction that writes it: back where it was
 * cancelled or expired, once; and away where money came for one that had given them back, even
 * where none are left. The merchant then owes what the count says is missing.
 */
export async function stockFollows(
  trx: Transaction,
  order: Ordered,
  status: string,
): Promise<void> {
  if (GIVEN_UP.has(status)) {
    for (const { product_id: productId, held } of await itemsWith(trx, order, 'something')) {
      await move(trx, order, productId, held ?? 0)
      await noteHeld(trx, order, productId, 0)
    }
  }
  if (MONEY_CAME.has(status)) {
    for (const { product_id: productId, quantity } of await itemsWith(trx, order, 'nothing')) {
      await move(trx, order, productId, -quantity)
      await noteHeld(trx, order, productId, quantity)
    }
  }
}

async function itemsWith(
  trx: Transaction,
  { id, merchantId }: Ordered,
  held: 'something' | 'nothing',
) {
  const items = await countedItems(trx, id, merchantId)
  return items.filter((item) => (held === 'nothing' ? item.held === 0 : item.held !== 0))
}

/**
 * The one UPDATE checks and takes, whoever else buys at the same moment. A product that is not
 * counted any more has enough.
 */
async function take(
  trx: Transaction,
  { merchantId }: Ordered,
  productId: string,
  quantity: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('products')
    .set((set) => ({ stock: set('stock', '-', quantity) }))
    .where('merchant_id', '=', merchantId)
    .where('id', '=', productId)
    .where((enough) => enough.or([enough('stock', '>=', quantity), enough('stock', 'is', null)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

async function move(
  trx: Transaction,
  { merchantId }: Ordered,
  productId: string,
  pieces: number,
): Promise<void> {
  await trx
    .updateTable('products')
    .set((set) => ({ stock: set('stock', '+', pieces) }))
    .where('merchant_id', '=', merchantId)
    .where('id', '=', productId)
    .execute()
}

async function noteHeld(
  trx: Transaction,
  { id, merchantId }: Ordered,
  productId: string,
  pieces: number,
): Promise<void> {
  await trx
    .updateTable('order_items')
    .set({ held: pieces })
    .where('order_id', '=', id)
    .where('merchant_id', '=', merchantId)
    .where('product_id', '=', productId)
    .execute()
}
