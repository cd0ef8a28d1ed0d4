import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  findProduct,
  findProducts,
  listFirstProducts,
  listProducts,
} from '../src/catalog/queries.ts'
import { seedDemo } from '../src/demo/seed-demo.ts'
import { findShop, listShops } from '../src/merchants/queries.ts'
import type { Shop } from '../src/merchants/shop.ts'
import { CURRENCIES } from '../src/money.ts'
import { ENGINES, openWebContext, type WebContext } from './support/web-context.ts'

const PUBLIC = join(import.meta.dirname, '../public')

describe.each(ENGINES)('the catalogue on %s', (engine) => {
  let ctx: WebContext
  let pottery: Shop
  let paper: Shop

  beforeEach(async () => {
    ctx = await openWebContext({ engine })
    await seedDemo(ctx.db, ctx.clock)
    ;[pottery, paper] = (await listShops(ctx.db)) as [Shop, Shop]
  })
  afterEach(() => ctx.close())

  it('finds a shop by its slug', async () => {
    expect(await findShop(ctx.db, 'northline-paper')).toEqual(paper)
    expect(paper).toMatchObject({
      name: 'Northline Paper',
      currency: 'cad',
      timeZone: 'America/Toronto',
      accountId: expect.stringMatching(/^acc_/),
    })
  })

  it('X09: finds neither shop nor product under what is no slug', async () => {
    for (const slug of [
      'nobody',
      '',
      'Northline-Paper',
      'northline-paper ',
      '../x',
      "' or 1=1 --",
      'a\0b',
      '%',
    ]) {
      expect(await findShop(ctx.db, slug)).toBeUndefined()
      expect(await findProduct(ctx.db, pottery.merchantId, slug)).toBeUndefined()
    }
  })

  it("lists a shop's products in its order, and no other's", async () => {
    const products = await listProducts(ctx.db, pottery.merchantId)

    expect(products.map(({ slug }) => slug).slice(0, 3)).toEqual([
      'blue-mug',
      'speckled-bowl',
      'dinner-plate',
    ])
    expect(new Set(products.map(({ merchantId }) => merchantId))).toEqual(
      new Set([pottery.merchantId]),
    )
  })

  it('X06: does not find a product of another shop', async () => {
    const [mug] = await listProducts(ctx.db, pottery.merchantId)
    if (!mug) throw new Error('the pottery sells nothing')

    expect(await findProduct(ctx.db, pottery.merchantId, mug.slug)).toEqual(mug)
    expect(await findProduct(ctx.db, paper.merchantId, mug.slug)).toBeUndefined()
    expect(await findProducts(ctx.db, pottery.merchantId, [mug.id])).toEqual([mug])
    expect(await findProducts(ctx.db, paper.merchantId, [mug.id])).toEqual([])
    expect(await findProducts(ctx.db, pottery.merchantId, [])).toEqual([])
  })

  it('M08: does not show what is archived', async () => {
    const before = await listProducts(ctx.db, pottery.merchantId)
    await ctx.db
      .updateTable('products')
      .set({ archived_at: '2026-01-01T00:00:00.000Z' })
      .where('slug', '=', 'blue-mug')
      .execute()

    const ids = before.map(({ id }) => id)
    const left = before.slice(1)
    expect(await listProducts(ctx.db, pottery.merchantId)).toEqual(left)
    expect(await findProduct(ctx.db, pottery.merchantId, 'blue-mug')).toBeUndefined()
    expect(await findProducts(ctx.db, pottery.merchantId, ids)).toHaveLength(left.length)
    expect((await listFirstProducts(ctx.db, 1)).map(({ slug }) => slug)).not.toContain('blue-mug')
  })

  it('shows the first few products of each shop', async () => {
    const [mug, bowl] = await listProducts(ctx.db, pottery.merchantId)
    const [notebook, pen] = await listProducts(ctx.db, paper.merchantId)

    const first = await listFirstProducts(ctx.db, 2)

    expect(first.filter((one) => one.merchantId === pottery.merchantId)).toEqual([mug, bowl])
    expect(first.filter((one) => one.merchantId === paper.merchantId)).toEqual([notebook, pen])
    expect(first).toHaveLength(4)
  })

  it('leaves demo shops that are there as they are', async () => {
    await ctx.db.updateTable('products').set({ price_cents: 1 }).execute()
    await ctx.db.deleteFrom('products').where('slug', '=', 'egg-cup').execute()

    await seedDemo(ctx.db, ctx.clock)

    expect(await listShops(ctx.db)).toEqual([pottery, paper])
    const products = await listProducts(ctx.db, pottery.merchantId)
    expect(products.map(({ priceCents }) => priceCents)).toEqual(products.map(() => 1))
    expect(products).toHaveLength(8)
  })

  it('has demo shops in each currency, with eight products or more, each with its picture', async () => {
    expect([pottery.currency, paper.currency]).toEqual(CURRENCIES)

    for (const shop of [pottery, paper]) {
      const products = await listProducts(ctx.db, shop.merchantId)
      expect(products.length).toBeGreaterThanOrEqual(8)
      for (const { image } of products) {
        const path = join(PUBLIC, image?.path ?? 'none')
        expect(existsSync(path)).toBe(true)
        expect(readFileSync(path).length).toBeLessThan(3_000)
        expect(image?.alt).toMatch(/\w{3}/)
      }
    }
  })
})
