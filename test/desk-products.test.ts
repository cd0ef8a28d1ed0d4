import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { slugOf } from '../src/catalog/manage-products.ts'
import { listManaged, PRODUCTS_SHOWN } from '../src/catalog/managed-products.ts'
import { readImage } from '../src/catalog/product-images.ts'
import { newId } from '../src/ids.ts'
import { parseMoney } from '../src/money.ts'
import { Clerk } from './support/clerk.ts'
import { GIF, HTML, jpeg, png, SVG, webp } from './support/pictures.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const PRODUCTS = '/merchant/products'
const MUG = { name: 'Tall mug', description: 'Tall.\nBlue.', price: '12.50', stock: '' }

describe.each(ENGINES)('the products of a shop on %s', (engine) => {
  const clock = new TestClock()
  let store: Store
  let clerk: Clerk

  beforeAll(async () => {
    store = await Store.open({ engine, clock })
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    clock.advance(60)
    clerk = await Clerk.signIn(store, { role: 'staff' })
    await clerk.see(`${PRODUCTS}/new`)
  })

  function send(path: string, fields: Record<string, string>, picture?: Buffer, by = clerk) {
    let sent = by.agent.post(path)
    for (const [name, value] of Object.entries({ _csrf: by.csrf, ...fields })) {
      sent = sent.field(name, value)
    }
    // Named and called what it is not: only its bytes count.
    const named = { filename: 'picture.png', contentType: 'image/png' }
    return picture ? sent.attach('picture', picture, named) : sent
  }

  async function make(fields: Record<string, string> = {}, picture?: Buffer): Promise<string> {
    const answer = await send(PRODUCTS, { ...MUG, ...fields }, picture)
    if (answer.status !== 303) throw new Error(wordsOf(answer))
    return String(answer.headers.location).replace('?notice=created', '')
  }

  async function formOf(path: string, by = clerk) {
    const page = await by.see(path)
    return { version: hiddenField(page, 'version'), stock_seen: hiddenField(page, 'stock_seen') }
  }

  async function stored(path: string) {
    return store.ctx.db
      .selectFrom('products')
      .selectAll()
      .where('id', '=', path.split('/').at(-1) ?? '')
      .executeTakeFirstOrThrow()
  }

  it('are added with a price in major units, at an address made from the name, last', async () => {
    const path = await make({ name: 'Müsli bowl, large', price: '$7.5', stock: '12' })
    expect(await stored(path)).toMatchObject({
      slug: 'musli-bowl-large',
      price_cents: 750,
      stock: 12,
      version: 1,
    })
    const page = await request(store.url).get('/shops/fernhill-pottery/products/musli-bowl-large')
    expect(wordsOf(page)).toContain('Müsli bowl, large $7.50 USD Tall. Blue.')
    expect(wordsOf(await clerk.see(PRODUCTS))).toMatch(/Müsli bowl, large \$7\.50 12 Up Müsli/)

    const twin = await make({ name: 'Müsli bowl large' })
    expect((await stored(twin)).slug).toBe('musli-bowl-large-2')
  })

  it.each([
    ['name', '', 'Enter a name'],
    ['name', 'x'.repeat(101), 'at most 100 characters'],
    ['price', '', 'Enter a price like 12.50'],
    ['price', '12,50', 'Enter a price like 12.50'],
    ['price', '-1', 'Enter a price like 12.50'],
    ['price', '1e3', 'Enter a price like 12.50'],
    ['price', '0.00', 'Enter a price of 0.01 or more'],
    ['price', '9.999', 'Enter a price like 12.50'],
    ['stock', '1.5', 'Enter a whole number of pieces'],
    ['description', 'x'.repeat(4_001), 'at most 4000 characters'],
  ])('are not added with the %s %j, and what was typed is kept', async (field, value, text) => {
    const answer = await send(PRODUCTS, { ...MUG, name: 'Kept "name"', [field]: value })
    expect(answer.status).toBe(422)
    expect(wordsOf(answer)).toContain(text)
    expect(answer.text).toMatch(/<title>Error: /)
    if (field !== 'name') expect(answer.text).toContain('value="Kept &#34;name&#34;"')
  })

  it.each([
    ['of 4,001 characters', `${'é\n'.repeat(2_000)}!`],
    ['of 100,000 characters', `${'é\n'.repeat(49_999)}!!`],
    ['of 250,000 characters, half of them digits', `${'1 '.repeat(124_999)}!!`],
  ])(
    'lose nothing of a description %s, nor of what was typed beside it',
    async (_what, description) => {
      const typed = { description, name: 'n'.repeat(101), image_alt: `${'a'.repeat(900)} end!` }
      const answer = await send(PRODUCTS, { ...MUG, ...typed, price: '12.50 USD' }, png())
      expect(answer.status).toBe(422)
      expect(wordsOf(answer)).toContain('Enter a description of at most 4000 characters')
      expect(answer.text).toContain(`>\n${description}</textarea>`)
      for (const value of [typed.name, typed.image_alt, '12.50 USD']) {
        expect(answer.text).toContain(`value="${value}"`)
      }
      expect(answer.text).toMatch(/<textarea[^>]*name="description"[^>]* maxlength="4000"/)
      expect(answer.text).toMatch(/<input[^>]*name="name"[^>]* maxlength="100"/)
    },
  )

  it('have a description as long as its field takes, with line breaks as browsers send them', async () => {
    const lines = `${'line\n'.repeat(799)}line!`
    const path = await make({ name: 'Told at length', description: lines.replaceAll('\n', '\r\n') })
    expect((await stored(path)).description).toBe(lines)
  })

  it('are changed, and the log says so', async () => {
    const path = await make()
    const fields = { ...MUG, ...(await formOf(path)), name: 'Taller mug', price: '13' }
    expect((await send(path, fields)).headers.location).toBe(`${path}?notice=saved`)
    expect(await stored(path)).toMatchObject({
      name: 'Taller mug',
      slug: 'tall-mug',
      price_cents: 1_300,
      version: 2,
    })
    const owner = await Clerk.signIn(store)
    expect(wordsOf(await owner.see('/merchant/settings/log'))).toContain(
      `${clerk.email} Changed the product Taller mug`,
    )
  })

  it('tell the second of two who edit at once, and keep what they typed', async () => {
    const path = await make({ name: 'Two hands' })
    const other = await Clerk.signIn(store, { role: 'staff' })
    const [mine, theirs] = [await formOf(path), await formOf(path, other)]
    await send(path, { ...MUG, ...theirs, name: 'By the other' }, undefined, other)

    const told = await send(path, { ...MUG, ...mine, name: 'By me' })
    expect(told.status).toBe(422)
    expect(wordsOf(told)).toMatch(
      /Someone else changed this product at \d\d:\d\d \S+\. Your changes are below; check and save again\./,
    )
    expect(told.text).toContain('value="By me"')
    expect((await stored(path)).name).toBe('By the other')

    const version = hiddenField(told, 'version')
    expect((await send(path, { ...MUG, ...mine, version, name: 'By me' })).status).toBe(303)
    expect((await stored(path)).name).toBe('By me')
  })

  it('keep what was sold before a clash', async () => {
    const path = await make({ stock: '10' })
    const other = await Clerk.signIn(store, { role: 'staff' })
    const [mine, theirs] = [await formOf(path), await formOf(path, other)]
    const id = path.split('/').at(-1) ?? ''
    await store.ctx.db.updateTable('products').set({ stock: 8 }).where('id', '=', id).execute()
    await send(path, { ...MUG, ...theirs, stock: '10', description: 'New.' }, undefined, other)

    const told = await send(path, { ...MUG, ...mine, stock: '10', name: 'By me' })
    expect(told.status).toBe(422)
    expect(wordsOf(told)).toContain('8 are in stock now; your form began with 10')
    const again = {
      version: hiddenField(told, 'version'),
      stock_seen: hiddenField(told, 'stock_seen'),
    }
    expect((await send(path, { ...MUG, ...again, stock: '10', name: 'By me' })).status).toBe(303)
    expect((await stored(path)).stock).toBe(8)
  })

  it('ask for the picture again after a clash, and keep none that nothing shows', async () => {
    const path = await make({ name: 'Two hands' })
    const other = await Clerk.signIn(store, { role: 'staff' })
    const [mine, theirs] = [await formOf(path), await formOf(path, other)]
    await send(path, { ...MUG, ...theirs, name: 'By the other' }, undefined, other)

    const before = await rows()
    const fields = { ...MUG, ...mine, image_alt: 'A mug' }
    const told = await send(path, fields, png(5, 5, 1 + Math.floor(Math.random() * 1_000)))
    expect(told.status).toBe(422)
    expect(wordsOf(told)).toContain('Someone else changed this product')
    expect(wordsOf(told)).toContain('Choose the picture again')
    expect(await rows()).toEqual(before)
  })

  it.each(['1.5', '1e999', '-1', '', '9'.repeat(30)])(
    'take a form of version %j for one that came too late',
    async (version) => {
      const path = await make()
      const answer = await send(path, { ...MUG, ...(await formOf(path)), version })
      expect(answer.status).toBe(422)
      expect(wordsOf(answer)).toContain('Someone else changed this product')
    },
  )

  it('are logged with price and stock before and after, and with each move', async () => {
    const path = await make({ name: 'Told mug', stock: '4' })
    const form = await formOf(path)
    await send(path, { ...MUG, ...form, name: 'Told mug', price: '13', stock: '6' })
    await send(path, { ...MUG, ...(await formOf(path)), name: 'Told mug', price: '13', stock: '' })
    await clerk.send(`${path}/move`, { direction: 'up' })
    await clerk.send(`${path}/move`, { direction: 'down' })
    await clerk.send(`${path}/move`, { direction: 'down' })
    const owner = await Clerk.signIn(store)
    const log = wordsOf(await owner.see('/merchant/settings/log'))
    expect(log).toContain('Changed the product Told mug: price 12.50 → 13.00, stock 4 → 6')
    expect(log).toContain('Changed the product Told mug: stock 6 → not counted')
    expect(log).toContain('Moved the product Told mug up')
    // The last move had nowhere to go.
    expect(log.match(/Moved the product Told mug down/g)).toHaveLength(1)
  })

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    [
      'a part without an end',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form',
    ],
    ['an end too early', 'multipart/form-data; boundary=x', '--x--'.slice(0, 3)],
  ])('refuse an upload that is broken: %s', async (_what, type, body) => {
    const answer = await clerk.agent.post(PRODUCTS).set('Content-Type', type).send(body)
    expect(answer.status).toBe(400)
  })

  it('keep what was sold while the form was open', async () => {
    const path = await make({ stock: '10' })
    const form = await formOf(path)
    const id = path.split('/').at(-1) ?? ''
    await store.ctx.db.updateTable('products').set({ stock: 7 }).where('id', '=', id).execute()
    await send(path, { ...MUG, ...form, stock: '15' })
    expect((await stored(path)).stock).toBe(12)

    await send(path, { ...MUG, ...(await formOf(path)), stock: '' })
    expect((await stored(path)).stock).toBeNull()
    await send(path, { ...MUG, ...(await formOf(path)), stock: '4' })
    expect((await stored(path)).stock).toBe(4)
  })

  it('are archived and restored, never deleted', async () => {
    const path = await make({ name: 'Old mug' })
    const { slug } = await stored(path)
    const inShop = `/shops/fernhill-pottery/products/${slug}`
    await clerk.send(`${path}/archive`)
    expect((await request(store.url).get(inShop)).status).toBe(404)
    expect(wordsOf(await clerk.see(PRODUCTS))).not.toContain('Old mug')
    expect(wordsOf(await clerk.see(`${PRODUCTS}?archived=yes`))).toContain('Old mug')
    await clerk.see(path)
    await clerk.send(`${path}/restore`)
    expect((await request(store.url).get(inShop)).status).toBe(200)
  })

  it('change places in the catalogue', async () => {
    const path = await make({ name: 'Climber' })
    const order = async () =>
      [...(await clerk.see(PRODUCTS)).text.matchAll(/<th scope="row"[^>]*><a[^>]*>([^<]*)/g)].map(
        ([, name]) => name,
      )
    const before = await order()
    expect(before.at(-1)).toBe('Climber')
    await clerk.send(`${path}/move`, { direction: 'up' })
    expect((await order()).at(-2)).toBe('Climber')
    await clerk.send(`${path}/move`, { direction: 'down' })
    await clerk.send(`${path}/move`, { direction: 'down' })
    expect(await order()).toEqual(before)
  })

  it('are found by part of their name', async () => {
    await make({ name: '100% wool_mat' })
    const found = async (q: string) =>
      wordsOf(await clerk.see(`${PRODUCTS}?q=${encodeURIComponent(q)}`))
    expect(await found('WOOL')).toContain('100% wool_mat')
    expect(await found('0% wool_')).toContain('100% wool_mat')
    expect(await found('0%mat')).toContain('No product is called anything like “0%mat”')
    expect(await found("'; drop table products --")).toContain('No product is called')
  })

  it('are found by letters of any alphabet, whatever their case and accents', async () => {
    await make({ name: 'Éclair Ångström ΣΊΣΥΦΟΣ' })
    const found = async (q: string) =>
      wordsOf(await clerk.see(`${PRODUCTS}?q=${encodeURIComponent(q)}`))
    for (const q of ['ÉCLAIR', 'éclair', 'eclair', 'ÅNGSTRÖM', 'angstrom', 'σίσυφος']) {
      expect([q, (await found(q)).includes('Éclair Ångström ΣΊΣΥΦΟΣ $12.50')]).toEqual([q, true])
    }
  })

  it('are found in a catalogue of any length, in its order, no more than are shown', async () => {
    const { db } = store.ctx
    const [first] = await db.selectFrom('products').selectAll().limit(1).execute()
    if (!first) throw new Error('no product to copy')
    const rows = Array.from({ length: 1_300 }, (_, index) => ({
      ...first,
      slug: `crowd-${index}`,
      name: index % 600 === 599 ? `Rare ÖL ${index}` : `Crowd ${index}`,
      // Many share a place, and some of them are on both sides of what is read at once.
      position: 1_000 + Math.floor(index / 300),
      archived_at: `2026-01-0${1 + Math.floor(index / 300)}T00:00:00.000Z`,
    }))
    const insert = async (archived: boolean) => {
      for (let start = 0; start < rows.length; start += 100) {
        const some = rows.slice(start, start + 100)
        const values = some.map((row) => ({
          ...row,
          id: newId(),
          slug: `${row.slug}-${archived}`,
          archived_at: archived ? row.archived_at : null,
        }))
        await db.insertInto('products').values(values).execute()
      }
    }
    await insert(false)
    await insert(true)
    const find = async (search: string, archived: boolean) => {
      const products = await listManaged(db, first.merchant_id, { search, archived })
      return products.map(({ name }) => name)
    }
    try {
      expect(await find('rare öl', false)).toEqual(['Rare ÖL 599', 'Rare ÖL 1199'])
      expect(await find('rare öl', true)).toEqual(['Rare ÖL 1199', 'Rare ÖL 599'])
      const many = await find('crowd', false)
      expect([many.length, many[0]]).toEqual([PRODUCTS_SHOWN, 'Crowd 0'])
    } finally {
      await db.deleteFrom('products').where('slug', 'like', 'crowd-%').execute()
    }
  })

  it.each([
    ['image/png', png()],
    ['image/jpeg', jpeg()],
    ['image/webp', webp()],
  ])(
    'have a picture, %s by its bytes, that every instance serves for ever',
    async (type, bytes) => {
      const path = await make({ image_alt: 'A mug' }, bytes)
      const { image, slug } = await stored(path)
      expect(image).toMatch(/^uploads\/[0-9a-f]{64}$/)
      const page = await request(store.url).get(`/shops/fernhill-pottery/products/${slug}`)
      expect(page.text).toContain(`src="/assets/${image}"`)
      expect(page.text).toContain('alt="A mug"')

      const served = await request(store.url).get(`/assets/${image}`).buffer(true)
      expect(served.headers).toMatchObject({
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      })
      expect(Buffer.from(served.body)).toEqual(bytes)
      const again = await request(store.url)
        .get(`/assets/${image}`)
        .set('If-None-Match', String(served.headers.etag))
      expect(again.status).toBe(304)
    },
  )

  it.each([
    ['an SVG', SVG, 'Choose a picture that is a PNG, JPEG or WebP'],
    ['a web page', HTML, 'Choose a picture that is a PNG, JPEG or WebP'],
    ['a GIF', GIF, 'Choose a picture that is a PNG, JPEG or WebP'],
    ['a PNG that is cut short', png().subarray(0, 20), 'Choose a picture that is a PNG'],
    ['one of 1.1 MB', png(4, 3, 1_100_000), 'Choose a picture of at most 1 MB'],
    ['one of 8 MB', png(4, 3, 8_000_000), 'Choose a picture of at most 1 MB'],
    ['one of 30,000 pixels', png(30_000, 2), 'at most 6000 pixels on each side'],
    ['one of no pixels', jpeg(0, 9), 'at most 6000 pixels on each side'],
  ])('X10: refuse %s in words, whatever it is called', async (_what, bytes, text) => {
    const before = await rows()
    const answer = await send(PRODUCTS, { ...MUG, name: 'Kept', image_alt: 'A mug' }, bytes)
    expect(answer.status).toBe(422)
    expect(wordsOf(answer)).toContain(text)
    expect(answer.text).toContain('value="Kept"')
    expect(await rows()).toEqual(before)
  })

  it('refuse a form of 21 MB before it is read', async () => {
    const answer = await clerk.agent
      .post(PRODUCTS)
      .set('Content-Type', 'multipart/form-data; boundary=x')
      .set('Content-Length', String(21 * 1024 * 1024))
      .send('--x')
      .catch((error) => ({ status: error.code }))
    expect([413, 'ECONNRESET']).toContain(answer.status)
  })

  it('ask what a picture shows, and lose both together', async () => {
    const refused = await send(PRODUCTS, MUG, png())
    expect(refused.status).toBe(422)
    expect(wordsOf(refused)).toContain('Enter what the picture shows')
    expect(wordsOf(refused)).toContain('Choose the picture again')

    const path = await make({ image_alt: 'A mug' }, png())
    const kept = { ...MUG, ...(await formOf(path)), image_alt: 'Still a mug' }
    await send(path, kept)
    expect(await stored(path)).toMatchObject({ image_alt: 'Still a mug' })
    expect((await stored(path)).image).not.toBeNull()
    await send(path, { ...MUG, ...(await formOf(path)), image_alt: 'A mug', remove_image: 'yes' })
    expect(await stored(path)).toMatchObject({ image: null, image_alt: '' })
  })

  it('A15: take no upload without the token of its page', async () => {
    const answer = await send(PRODUCTS, { ...MUG, _csrf: 'wrong' }, png())
    expect(answer.status).toBe(403)
  })

  it('are only looked at by viewers', async () => {
    const path = await make({ name: 'Seen mug' })
    const viewer = await Clerk.signIn(store, { role: 'viewer' })
    const page = await viewer.see(path)
    expect(wordsOf(page)).toContain('Seen mug')
    expect(page.text).not.toContain('name="price"')
    await viewer.see('/merchant/account')
    expect((await send(path, MUG, png(), viewer)).status).toBe(403)
    expect((await viewer.send(`${path}/archive`)).status).toBe(403)
  })

  function rows() {
    return store.ctx.db
      .selectFrom('product_images')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
  }
})

describe('X10: what a picture is', () => {
  it('is read from its bytes', () => {
    expect(readImage(png(640, 480))).toEqual({ type: 'image/png', width: 640, height: 480 })
    expect(readImage(jpeg(640, 480))).toEqual({ type: 'image/jpeg', width: 640, height: 480 })
    for (const form of ['VP8 ', 'VP8L', 'VP8X'] as const) {
      expect(readImage(webp(form, 640, 480))).toEqual({
        type: 'image/webp',
        width: 640,
        height: 480,
      })
    }
  })

  it('is nothing for any other bytes, and never an endless search', () => {
    const zeros = Buffer.alloc(1_000)
    const markers = Buffer.alloc(1_000_000, 0xff)
    markers.writeUInt16BE(0xffd8, 0)
    const empty = Buffer.alloc(100)
    empty.writeUInt32BE(0xffd8ffe0, 0)
    for (const bytes of [zeros, markers, empty, SVG, HTML, GIF, Buffer.alloc(0)]) {
      expect(readImage(bytes)).toBeUndefined()
    }
  })
})

describe('words of products', () => {
  it.each([
    ['12.50', 1_250],
    ['12.5', 1_250],
    ['12', 1_200],
    [' $0.01 ', 1],
    ['999999.99', 99_999_999],
    ['1000000', undefined],
    ['1.234', undefined],
    ['1,000', 100_000],
    ['.5', undefined],
    ['', undefined],
    ['٣', undefined],
  ])('read %j as %p cents', (text, cents) => {
    expect(parseMoney(text)).toBe(cents)
  })

  it.each([
    ['Blue mug', 'blue-mug'],
    ['  Ñandú — №5!  ', 'nandu-no5'],
    ['日本', 'product'],
    ['-'.repeat(80), 'product'],
    ['x'.repeat(80), 'x'.repeat(55)],
  ])('make %j into the address %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug)
  })
})
