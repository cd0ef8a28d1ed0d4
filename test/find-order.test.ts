import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import request, { type Response } from 'supertest'
import { createApp } from '../src/app.ts'
import { MINUTE } from '../src/clock.ts'
import { deliverDueMails } from '../src/mail/deliver-mails.ts'
import { createMailer } from '../src/mail/mailer.ts'
import { MailServer } from './support/mail-server.ts'
import { placeAnOrder } from './support/placed-order.ts'
import { ENGINES, openWebContext, type WebContext } from './support/web-context.ts'

const EMAIL = 'ada@customer.example'

let ctx: WebContext
let app: ReturnType<typeof createApp>

type Asked = { number: string; email: string }

/** Opens the form and sends it, from an address of its own each time unless told. */
async function find(asked: Partial<Asked>, from = newAddress()): Promise<Response> {
  const browser = request.agent(app).set('X-Forwarded-For', from)
  const form = await browser.get('/orders/find').expect(200)
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(form.text)?.[1]
  return browser
    .post('/orders/find')
    .type('form')
    .send({ ...asked, _csrf })
}

let addresses = 0
function newAddress(): string {
  addresses += 1
  return `192.0.2.${addresses % 256}`
}

function links() {
  return ctx.db.selectFrom('outbox').selectAll().where('kind', '=', 'order_link').execute()
}

describe.each(ENGINES)('looking for an order on %s', (engine) => {
  beforeEach(async () => {
    ctx = await openWebContext({ engine, trustProxy: 1 })
    app = createApp(ctx)
  })
  afterEach(() => ctx.close())

  it('answers the same whether there is such an order or not', async () => {
    const { order } = await placeAnOrder(ctx)
    const other = await placeAnOrder(ctx, { customerEmail: 'bob@customer.example' })

    const answers = [
      await find({ number: order.number, email: EMAIL }),
      await find({ number: order.number, email: 'eve@customer.example' }),
      await find({ number: other.order.number, email: EMAIL }),
      await find({ number: 'ZZZZ9999', email: EMAIL }),
    ]

    expect(answers[0]?.status).toBe(303)
    expect(answers[0]?.headers.location).toBe('/orders/find?sent=yes')
    expect(new Set(answers.map(comparable)).size).toBe(1)
    expect((await links()).map(({ order_id }) => order_id)).toEqual([order.id])
  })

  it('sends the link, which opens the order', async () => {
    const { order, token } = await placeAnOrder(ctx)
    const server = await MailServer.open()
    await find({ number: order.number, email: EMAIL })

    await deliverDueMails(ctx, createMailer({ smtpUrl: server.url, from: 'no-reply@shop.test' }))
    await server.close()

    const mail = server.received.find(({ subject }) => subject.startsWith('The link'))
    expect(mail?.to).toEqual([EMAIL])
    const path = /http:\/\/shop\.test(\/orders\/\S+)/.exec(mail?.text ?? '')?.[1] ?? ''
    expect(path).toBe(`/orders/${token}`)
    const page = await request(app).get(path).expect(200)
    expect(page.text).toContain(`data-order-number="${order.number}"`)
  })

  it('takes the number as people type it, and the address in any capitals', async () => {
    const { order } = await placeAnOrder(ctx)
    const { number } = order

    await find({
      number: ` #${number.slice(0, 4).toLowerCase()}-${number.slice(4)} `,
      email: 'Ada@Customer.EXAMPLE',
    })

    expect(await links()).toHaveLength(1)
  })

  it('fills nobody’s mailbox: one link of an order in ten minutes, from wherever it is asked', async () => {
    const { order } = await placeAnOrder(ctx)
    const asked = { number: order.number, email: EMAIL }
    // To the beginning of the next ten minutes.
    ctx.pass(10 * MINUTE - (ctx.clock.now().getTime() % (10 * MINUTE)))

    const answers = [await find(asked), await find(asked), await find(asked)]
    const atFirst = await links()
    ctx.pass(10 * MINUTE)
    await find(asked)

    expect(new Set(answers.map(comparable)).size).toBe(1)
    expect(atFirst).toHaveLength(1)
    expect(await links()).toHaveLength(2)
  })

  it('lets one address try twenty times in a quarter of an hour', async () => {
    const { order } = await placeAnOrder(ctx)
    for (let n = 0; n < 20; n++) {
      expect((await find({ number: 'ZZZZ9999', email: EMAIL }, '198.51.100.1')).status).toBe(303)
    }

    const refused = await find({ number: order.number, email: EMAIL }, '198.51.100.1')

    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(14 * 60)
    expect(refused.text).toContain('data-status="429"')
    expect(await links()).toEqual([])
    ctx.pass(15 * MINUTE)
    expect((await find({ number: order.number, email: EMAIL }, '198.51.100.1')).status).toBe(303)
    expect(await links()).toHaveLength(1)
  })
})

describe('the form for an order’s link', () => {
  beforeEach(async () => {
    ctx = await openWebContext({ trustProxy: 1 })
    app = createApp(ctx)
  })
  afterEach(() => ctx.close())

  it('is a page of its own, and no order’s', async () => {
    const page = await request(app).get('/orders/find').expect(200)

    expect(page.text).toContain('data-page="find-order"')
    expect(page.text).toContain('<h1>Find your order</h1>')
    expect(page.headers['cache-control']).toBe('no-store')
  })

  it('says what to do once the link was asked for', async () => {
    const page = await request(app).get('/orders/find?sent=yes').expect(200)

    expect(page.text).toContain('Look into your mailbox')
    expect(page.text).toContain('If there is an order with that number and email address')
  })

  it.each<[Partial<Asked>, string[]]>([
    [{}, ['Enter your order number', 'Enter your email address']],
    [{ number: 'K7QM2XR4', email: 'ada' }, ['Enter an email address like name@example.com']],
    [{ number: ' # ', email: EMAIL }, ['Enter your order number']],
  ])('names what is wrong with %j, and asks the database nothing', async (asked, problems) => {
    const page = await find(asked)

    expect(page.status).toBe(422)
    expect(page.text).toContain('<title>Error: ')
    for (const problem of problems) {
      expect(page.text.split(problem)).toHaveLength(3) // in the summary and at the field
    }
    expect(await ctx.db.selectFrom('rate_limits').selectAll().execute()).toEqual([])
  })

  it('keeps what was typed, and does nothing with it', async () => {
    const page = await find({ number: '"><b>', email: '"><script>@x' })

    expect(page.text).toContain('value="&#34;&gt;&lt;B&gt;"')
    expect(page.text).not.toContain('<script>@x')
    expect(page.text).not.toContain('<B>')
  })

  it('law 7: masks a card number that is typed for an order’s', async () => {
    const page = await find({ number: '4242 4242 4242 4242', email: 'ada' })

    expect(page.text).toContain('4242')
    expect(page.text).not.toMatch(/4242 ?4242/)
  })

  it('is refused without its token, and when another site sends it', async () => {
    await request(app)
      .post('/orders/find')
      .type('form')
      .send({ number: 'K7QM2XR4', email: EMAIL })
      .expect(403)
    await request(app)
      .post('/orders/find')
      .set('Sec-Fetch-Site', 'cross-site')
      .type('form')
      .send({ number: 'K7QM2XR4', email: EMAIL })
      .expect(403)
  })

  it('X08: takes each field once', async () => {
    const browser = request.agent(app)
    const form = await browser.get('/orders/find').expect(200)
    const token = encodeURIComponent(/name="_csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? '')

    await browser
      .post('/orders/find')
      .type('form')
      .send(`_csrf=${token}&number=K7QM2XR4&email=a%40b.example&email=c%40d.example`)
      .expect(400)
  })

  it('is linked from the page of a link that leads nowhere, and from every page’s end', async () => {
    const lost = await request(app)
      .get(`/orders/${'x'.repeat(43)}`)
      .expect(404)
    const home = await request(app).get('/').expect(200)

    expect(mainOf(lost.text)).toContain('href="/orders/find"')
    expect(home.text).toContain('href="/orders/find"')
  })
})

/** All of an answer that could tell one case from another. */
function comparable({ status, headers, text }: Response): string {
  const { date: _, 'x-request-id': __, ...rest } = headers
  return JSON.stringify([status, rest, text])
}

function mainOf(html: string): string {
  return /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? ''
}
