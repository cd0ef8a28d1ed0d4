import { afterEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { createApp } from '../src/app.ts'
import { placeAnOrder } from './support/placed-order.ts'
import { openWebContext, type WebContext } from './support/web-context.ts'

describe('the mails of the outbox, while working on them', () => {
  let ctx: WebContext

  afterEach(() => ctx.close())

  it('are listed with their text, and shown as they would look', async () => {
    ctx = await openWebContext({ publicUrl: 'http://localhost:3000' })
    const { order, token } = await placeAnOrder(ctx)
    const app = createApp(ctx)

    const list = await request(app).get('/dev/mails').expect(200)
    const path = /href="(\/dev\/mails\/[^"]+)"/.exec(list.text)?.[1] ?? ''
    const mail = await request(app).get(path).expect(200)

    expect(list.text).toContain(`Your order ${order.number} at Birch &amp; Clay`)
    expect(list.text).toContain(`http://localhost:3000/orders/${token}`)
    expect(list.text).toContain('ada@customer.example')
    expect(mail.text).toContain('<h1')
    expect(mail.text).toContain(`http://localhost:3000/orders/${token}`)
  })

  it('X01: can do nothing, whatever was written into them', async () => {
    ctx = await openWebContext({ publicUrl: 'http://localhost:3000' })
    await placeAnOrder(ctx, {
      shop: { name: '<script>alert(1)</script>' },
      productName: '<img src=x onerror=alert(1)>',
      customerEmail: '<svg/onload=alert(1)>@x.example',
    })
    const app = createApp(ctx)

    const list = await request(app).get('/dev/mails').expect(200)
    const path = /href="(\/dev\/mails\/[^"]+)"/.exec(list.text)?.[1] ?? ''
    const mail = await request(app).get(path).expect(200)

    for (const html of [list.text, mail.text]) expect(html).not.toMatch(/<(script>|img|svg)/)
    expect(list.headers['content-security-policy']).toContain("default-src 'none'")
    expect(mail.headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    )
  })

  it.each([
    { where: 'in production', given: { production: true, publicUrl: 'http://localhost:3000' } },
    { where: 'where others can reach the shop', given: { publicUrl: 'https://shop.test' } },
  ])('are nowhere $where', async ({ given }) => {
    ctx = await openWebContext(given)
    await placeAnOrder(ctx)
    const app = createApp(ctx)
    const { id } = await ctx.db.selectFrom('outbox').select('id').executeTakeFirstOrThrow()

    await request(app).get('/dev/mails').expect(404)
    await request(app).get(`/dev/mails/${id}`).expect(404)
  })

  it('shows the list also where a mail cannot be made', async () => {
    ctx = await openWebContext({ publicUrl: 'http://localhost:3000' })
    await placeAnOrder(ctx)
    await ctx.db.updateTable('orders').set({ token_sealed: 'not sealed by us' }).execute()

    const list = await request(createApp(ctx)).get('/dev/mails').expect(200)

    expect(list.text).toContain('This mail cannot be made.')
    await request(createApp(ctx)).get('/dev/mails/unknown').expect(404)
  })
})
