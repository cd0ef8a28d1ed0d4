import { type Placed, placeOrder } from '../../../src/checkout/place-order.ts'
import type { AppContext } from '../../../src/context.ts'
import { findShop } from '../../../src/merchants/queries.ts'

export const SHOP = 'fernhill-pottery'
export const MUG_CENTS = 2_400

/** An order as the demo shop's checkout places it. */
export async function placeOneMug(ctx: AppContext, checkoutKey: string): Promise<Placed> {
  const shop = await findShop(ctx.db, SHOP)
  if (!shop) throw new Error(`there is no shop ${SHOP}`)
  return placeOrder(ctx, {
    shop,
    lines: [
      {
        productId: 'prod-blue-mug',
        productSlug: 'blue-mug',
        productName: 'Blue mug',
        unitPriceCents: MUG_CENTS,
        quantity: 1,
      },
    ],
    customerName: 'Ann Example',
    customerEmail: 'ann@example.com',
    checkoutKey,
  })
}
