import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  addToCart,
  countPieces,
  MAX_ITEMS,
  parseQuantity,
  type StoredCart,
  setQuantity,
} from '../src/cart/cart.ts'
import { priceCart, seenCart } from '../src/cart/price-check.ts'
import type { Product } from '../src/catalog/product.ts'

const MUG = product('mug', 2_400)
const BOWL = product('bowl', 3_333)

describe('a quantity in a form', () => {
  it.each([
    ['1', 1],
    [' 7 ', 7],
    ['07', 7],
    ['99', 99],
  ])('M05: reads %j', (text, quantity) => {
    expect(parseQuantity(text, 1)).toBe(quantity)
  })

  it.each([
    ...[
      '',
      ' ',
      '-1',
      '+1',
      '1.5',
      '10,5',
      '1e1',
      '0x1',
      '100',
      '1000000000',
      'NaN',
      '１０',
      '1 2',
    ],
    ...['1\n', '٣', 'abc', '9'.repeat(100_000), ' '.repeat(100_000)],
  ])('M05, X06: refuses %j', (text) => {
    expect(parseQuantity(text, 1)).toBeUndefined()
  })

  it.each([1, null, undefined, ['1'], { valueOf: () => 1 }])('X06: refuses %p', (value) => {
    expect(parseQuantity(value, 1)).toBeUndefined()
  })

  it('takes 0 only where it removes', () => {
    expect([parseQuantity('0', 0), parseQuantity('0', 1)]).toEqual([0, undefined])
  })
})

describe('a cart', () => {
  it('adds up what is added twice', () => {
    const cart = filled([MUG, 2], [BOWL, 1], [MUG, 3])

    expect(cart.items.map(({ productId, quantity }) => [productId, quantity])).toEqual([
      ['mug', 5],
      ['bowl', 1],
    ])
    expect(countPieces(cart)).toBe(6)
  })

  it('is another version after each change, and the same where nothing changes', () => {
    const cart = filled([MUG, 2])
    const more = changed(cart, MUG, 3)

    expect(more.key).not.toBe(cart.key)
    expect(changed(more, MUG, 3)).toEqual(more)
    expect(changed(more, MUG, 0)).toEqual({ items: [], key: expect.any(String) })
    expect(changed(more, BOWL, 0)).toEqual(more)
  })

  it('holds at most 50 different products, however often asked', () => {
    const full = filled(...many(MAX_ITEMS).map((one): [Product, number] => [one, 1]))

    expect(addToCart(full, MUG, 1)).toBeUndefined()
    expect(setQuantity(full, MUG, 1)).toBeUndefined()
    expect(addToCart(full, product('p7', 1), 1)?.items).toHaveLength(MAX_ITEMS)
  })
})

describe('the price check', () => {
  it('M05: makes the total of whole cents, line by line', () => {
    const cart = filled([BOWL, 3], [product('drop', 1), 1])

    const priced = priceCart(cart, [product('drop', 1), BOWL])

    expect(priced.lines.map((line) => line.totalCents)).toEqual([9_999, 1])
    expect(priced).toMatchObject({ totalCents: 10_000, changes: [] })
  })

  it('M05: sums lines to the total for any cart', () => {
    const items = fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        price: fc.integer({ min: 1, max: 99_999_999 }),
        quantity: fc.integer({ min: 1, max: 99 }),
      }),
      { selector: ({ id }) => id, maxLength: MAX_ITEMS },
    )

    fc.assert(
      fc.property(items, (given) => {
        const products = given.map(({ id, price }) => product(id, price))
        const cart = filled(
          ...given.map(({ quantity }, i): [Product, number] => [at(products, i), quantity]),
        )
        const { lines, totalCents } = priceCart(cart, products)

        const expected = given.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
        expect(totalCents).toBe(expected)
        expect(lines.reduce((sum, line) => sum + line.totalCents, 0)).toBe(expected)
        expect(Number.isSafeInteger(totalCents)).toBe(true)
      }),
    )
  })

  it('M07: tells of a price that changed since it was seen, and charges the new one', () => {
    const cart = filled([MUG, 2])

    const priced = priceCart(cart, [{ ...MUG, priceCents: 2_600 }])

    expect(priced.changes).toEqual([
      { kind: 'price_changed', name: 'mug', fromCents: 2_400, toCents: 2_600 },
    ])
    expect(priced.totalCents).toBe(5_200)
  })

  it('M08: tells of a product that is gone by the name it had, and charges nothing for it', () => {
    const priced = priceCart(filled([MUG, 2], [BOWL, 1]), [BOWL])

    expect(priced.changes).toEqual([{ kind: 'gone', name: 'mug' }])
    expect(priced.totalCents).toBe(3_333)
  })

  it('caps a quantity at 99, and tells', () => {
    const priced = priceCart(filled([MUG, 99], [MUG, 99]), [MUG])

    expect(priced.changes).toEqual([{ kind: 'quantity_capped', name: 'mug', from: 198, to: 99 }])
    expect(priced.totalCents).toBe(99 * 2_400)
  })

  it('has nothing more to tell once the changes were seen', () => {
    const cart = filled([MUG, 99], [MUG, 1], [BOWL, 1])
    const products = [{ ...MUG, priceCents: 2_600 }]

    const seen = seenCart(priceCart(cart, products))

    expect(priceCart(seen, products).changes).toEqual([])
    expect(seen.items).toHaveLength(1)
    expect(seen.key).not.toBe(cart.key)
  })

  it.each([
    [50, 'too_small'],
    [51, undefined],
    [99_999_999, undefined],
    [100_000_000, 'too_large'],
  ])('M06: says of a total of %d cents: %s', (priceCents, obstacle) => {
    const one = product('one', priceCents)

    expect(priceCart(filled([one, 1]), [one]).obstacle).toBe(obstacle)
  })

  it('says that an empty cart cannot be ordered', () => {
    expect(priceCart({ items: [], key: '' }, [])).toEqual({
      lines: [],
      totalCents: 0,
      changes: [],
      obstacle: 'empty',
    })
  })
})

function product(slug: string, priceCents: number): Product {
  const words = { slug, name: slug, description: '' }
  return { id: slug, merchantId: 'merchant', ...words, priceCents, image: null }
}

function many(count: number): Product[] {
  return Array.from({ length: count }, (_, index) => product(`p${index}`, 100))
}

function filled(...added: [Product, number][]): StoredCart {
  return added.reduce<StoredCart>(
    (cart, [one, quantity]) => addToCart(cart, one, quantity) ?? cart,
    { items: [], key: 'first' },
  )
}

function changed(cart: StoredCart, one: Product, quantity: number): StoredCart {
  return setQuantity(cart, one, quantity) ?? { items: [], key: 'refused' }
}

function at(products: Product[], index: number): Product {
  return products[index] ?? MUG
}
