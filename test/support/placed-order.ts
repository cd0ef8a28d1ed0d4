import { type Placed, placeOrder } from '../../src/checkout/place-order.ts'
import { timestamp } from '../../src/clock.ts'
import type { AppContext } from '../../src/context.ts'
import { newId, newSecret } from '../../src/ids.ts'
import type { Shop } from '../../src/merchants/shop.ts'
import type { Order } from '../../src/orders/order.ts'
import { getOrder } from '../../src/orders/queries/find-order.ts'
import { SHOP } from './order-pages.ts'

export type OrderFacts = { shop?: Partial<Shop>; productName?: string; customerEmail?: string }

/** An order of $12.00 at a shop of its own, on any context with a database. */
export async function placeAnOrder(
  ctx: AppContext,
  {
    shop: given,
    productName = 'Blue mug',
    customerEmail = 'ada@customer.example',
  }: OrderFacts = {},
): Promise<Placed & { order: Order; shop: Shop }> {
  const id = newId()
  const shop = { ...SHOP, merchantId: id, slug: `birch-${id}`, accountId: `acc_${id}`, ...given }
  await ctx.db
    .insertInto('merchants')
    .values({
      id,
      slug: shop.slug,
      name: shop.name,
      tagline: shop.tagline,
      currency: shop.currency,
      sub_account_id: shop.accountId,
      support_email: shop.supportEmail,
      time_zone: shop.timeZone,
      language: shop.language,
      created_at: timestamp(ctx.clock.now()),
    })
    .execute()
  const placed = await placeOrder(ctx, {
    shop,
    lines: [
      { productId: newId(), productSlug: 'mug', productName, unitPriceCents: 600, quantity: 2 },
    ],
    customerName: 'Ada Byron',
    customerEmail,
    checkoutKey: newSecret(),
  })
  return { ...placed, order: await getOrder(ctx.db, placed.orderId), shop }
}
