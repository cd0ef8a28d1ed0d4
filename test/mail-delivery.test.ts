import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { DAY, HOUR, MINUTE, SECOND } from '../src/clock.ts'
import type { AppContext } from '../src/context.ts'
import { type Db, openDatabase } from '../src/db/database.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { createLog } from '../src/log.ts'
import { deliverDueMails, deliverMails, nextTryAt } from '../src/mail/deliver-mails.ts'
import { createMailer, type Mailer } from '../src/mail/mailer.ts'
import {
  CUSTOMER_MAIL_KINDS,
  enqueueMails,
  type MailKind,
  MERCHANT_MAIL_KINDS,
  type NewMail,
} from '../src/mail/outbox.ts'
import { eventually } from './support/eventually.ts'
import { MailServer } from './support/mail-server.ts'
import { placeAnOrder } from './support/placed-order.ts'
import { createTestDatabase } from './support/postgres.ts'
import { ENGINES, openWebContext, type WebContext } from './support/web-context.ts'

const KINDS = [...CUSTOMER_MAIL_KINDS, ...MERCHANT_MAIL_KINDS]
const FROM = 'Shop <no-reply@shop.test>'

let ctx: WebContext
let server: MailServer
let mailer: Mailer

function mailerTo(url: string): Mailer {
  return createMailer({ smtpUrl: url, from: FROM })
}

/** Rounds, until one finds no more that is due or no server. */
async function deliver(to = mailer, context: AppContext = ctx): Promise<void> {
  for (;;) {
    const { more, answered } = await deliverDueMails(context, to)
    if (!more || !answered) return
  }
}

function outbox(context: AppContext = ctx) {
  return context.db.selectFrom('outbox').selectAll().orderBy('id').execute()
}

function put(mails: NewMail[]): Promise<number> {
  return ctx.db.transaction().execute((trx) => enqueueMails(trx, mails, ctx.clock.now()))
}

type Ordered = Awaited<ReturnType<typeof placeAnOrder>>

function mailAbout({ order }: Ordered, kind: MailKind, key: string = kind): NewMail {
  const data = { amountCents: 500, reason: 'paid_twice' }
  return { kind, key: `${key}:${order.id}`, orderId: order.id, merchantId: order.merchantId, data }
}

describe.each(ENGINES)('the outbox on %s', (engine) => {
  beforeEach(async () => {
    ctx = await openWebContext({ engine, publicUrl: 'https://shop.test:8443' })
    server = await MailServer.open()
    mailer = mailerTo(server.url)
  })
  afterEach(async () => {
    await server.close()
    await ctx.close()
  })

  it('sends each kind once, with its text, its HTML and its link, to whom it is for', async () => {
    const placed = await placeAnOrder(ctx)
    const mails = KINDS.map((kind) => mailAbout(placed, kind))
    // `order_placed` was put down by the placing itself.
    await put(mails.filter(({ kind }) => kind !== 'order_placed'))

    await deliver()
    ctx.pass(DAY)
    await deliver()

    expect(server.received).toHaveLength(KINDS.length)
    const link = `https://shop.test:8443/orders/${placed.token}`
    const merchantLink = `https://shop.test:8443/merchant/orders/${placed.order.number}`
    const rows = await outbox()
    for (const mail of server.received) {
      const row = rows.find(({ id }) => mail.messageId === `<${id}@shop.test>`)
      const forMerchant = row?.kind.startsWith('merchant_')

      expect(mail.to).toEqual([forMerchant ? 'help@birch.example' : 'ada@customer.example'])
      expect(mail.from).toBe('no-reply@shop.test')
      expect(mail.text).toContain(forMerchant ? merchantLink : link)
      expect(mail.html).toContain(forMerchant ? merchantLink : link)
      expect(mail.headers.get('from')).toEqual([FROM])
      expect(mail.headers.get('reply-to')).toEqual(
        forMerchant ? undefined : ['"Birch & Clay" <help@birch.example>'],
      )
      expect(mail.headers.get('auto-submitted')).toEqual(['auto-generated'])
    }
    expect(new Set(server.received.map(({ messageId }) => messageId)).size).toBe(KINDS.length)
    expect(rows.map(({ sent_at, attempts }) => [sent_at !== null, attempts])).toEqual(
      KINDS.map(() => [true, 1]),
    )
  })

  it('takes each key once, however often and whenever it is told', async () => {
    const placed = await placeAnOrder(ctx)
    const paid = mailAbout(placed, 'order_paid')

    await Promise.all([put([paid]), put([paid, paid])])
    await deliver()
    await put([paid])
    await deliver()

    const subjects = server.received.map(({ subject }) => subject.slice(0, 10)).sort()
    expect(subjects).toEqual(['Payment re', 'Your order'])
  })

  it('keeps nothing of a transaction that did not happen', async () => {
    const placed = await placeAnOrder(ctx)

    const failed = ctx.db.transaction().execute(async (trx) => {
      await enqueueMails(trx, [mailAbout(placed, 'order_paid')], ctx.clock.now())
      throw new Error('the power went out')
    })

    await expect(failed).rejects.toThrow('the power went out')
    expect(await outbox()).toHaveLength(1)
  })

  it('keeps mails while the server is down, and sends them when it is back', async () => {
    const { port } = server
    await server.close()
    const placed = await placeAnOrder(ctx)
    const twelve = Array.from({ length: 12 }, (_, n) => mailAbout(placed, 'order_paid', `paid${n}`))
    await put(twelve)

    for (let hours = 0; hours < 12; hours++) {
      await deliver()
      ctx.pass(HOUR)
    }
    const waiting = await outbox()
    server = await MailServer.open(port)
    ctx.pass(6 * HOUR)
    await deliver()

    expect(waiting.every(({ sent_at }) => sent_at === null)).toBe(true)
    expect(
      waiting.some(({ last_error }) => last_error === 'unreachable: ECONNREFUSED at CONN'),
    ).toBe(true)
    expect(server.received).toHaveLength(13)
    expect((await outbox()).every(({ sent_at }) => sent_at !== null)).toBe(true)
  })

  it('puts off only a few mails at a time while no server answers', async () => {
    await server.close()
    const placed = await placeAnOrder(ctx)
    await put(Array.from({ length: 12 }, (_, n) => mailAbout(placed, 'order_paid', `paid${n}`)))

    await deliver()

    expect((await outbox()).filter(({ attempts }) => attempts > 0)).toHaveLength(4)
    server = await MailServer.open()
  })

  it('leaves a mail to who has its lease by now', async () => {
    await placeAnOrder(ctx)
    const gate = Promise.withResolvers<void>()
    let second: Promise<void> | undefined
    server.onTaken = async () => {
      // So slow that the lease runs out, and another takes the mail; then it is a no after all.
      server.onTaken = () => gate.promise
      ctx.pass(5 * MINUTE)
      second = deliver()
      await eventually(async () => expect(server.received).toHaveLength(2))
      throw new Error('not now')
    }

    await deliver()
    const meanwhile = await outbox()
    await deliver()
    gate.resolve()
    await second

    expect(meanwhile).toMatchObject([{ attempts: 2, last_error: null }])
    expect(meanwhile[0]?.leased_until).not.toBeNull()
    expect(server.received).toHaveLength(2)
    expect(await outbox()).toMatchObject([{ attempts: 2, last_error: null, leased_until: null }])
  })

  it('tries a refused mailbox once a day, and says so without what was said about people', async () => {
    await placeAnOrder(ctx)
    server.refusal = { code: 550, text: '5.1.1 <ada@customer.example>: no such person' }

    await deliver()
    ctx.pass(12 * HOUR)
    await deliver()
    const [row] = await outbox()
    server.refusal = undefined
    ctx.pass(12 * HOUR)
    await deliver()

    expect(row).toMatchObject({ attempts: 1, last_error: 'refused: 550 5.1.1 at RCPT TO' })
    expect(JSON.stringify(ctx.logged())).not.toContain('ada@')
    expect(server.received).toHaveLength(1)
    expect(await outbox()).toMatchObject([{ attempts: 2, last_error: null }])
  })

  it('tries again soon after a no that is not for good', async () => {
    await placeAnOrder(ctx)
    server.refusal = { code: 451, text: 'greylisted' }

    await deliver()
    server.refusal = undefined
    ctx.pass(30 * SECOND)
    await deliver()

    expect(server.received).toHaveLength(1)
  })

  it('sends to the address that the order has by then', async () => {
    const placed = await placeAnOrder(ctx, { customerEmail: 'wrong@customer.example' })
    await ctx.db
      .updateTable('orders')
      .set({ customer_email: 'right@customer.example' })
      .where('id', '=', placed.orderId)
      .execute()

    await deliver()

    expect(server.received.map(({ to }) => to)).toEqual([['right@customer.example']])
  })

  it('gives up after a week, and keeps what it could not send', async () => {
    await placeAnOrder(ctx)
    ctx.pass(7 * DAY + SECOND)

    await deliver()
    ctx.pass(30 * DAY)
    await deliver()

    expect(server.received).toEqual([])
    expect(await outbox()).toMatchObject([{ sent_at: null, attempts: 1, last_error: 'too_old' }])
  })

  it('goes on past a mail that cannot be made', async () => {
    const broken = await placeAnOrder(ctx)
    await placeAnOrder(ctx, { customerEmail: 'bob@customer.example' })
    await ctx.db
      .updateTable('orders')
      .set({ token_sealed: 'not sealed by us' })
      .where('id', '=', broken.orderId)
      .execute()

    await deliver()

    expect(server.received.map(({ to }) => to)).toEqual([['bob@customer.example']])
    expect((await outbox())[0]).toMatchObject({ sent_at: null, last_error: 'unmade' })
  })

  it('counts what became of each try', async () => {
    await placeAnOrder(ctx)
    server.refusal = { code: 550, text: 'no' }
    await deliver()
    server.refusal = undefined
    ctx.pass(DAY)
    await deliver()

    const metrics = await ctx.metrics.registry.metrics()
    expect(metrics).toContain('shop_mails_total{kind="order_placed",result="refused"} 1')
    expect(metrics).toContain('shop_mails_total{kind="order_placed",result="sent"} 1')
  })
})

describe('two instances on one PostgreSQL', () => {
  it('send each mail once', async () => {
    const database = await createTestDatabase()
    const log = createLog('silent')
    const dbs = [0, 1].map(() => openDatabase({ engine: 'postgres', url: database.url }, log))
    await migrateDatabase(dbs[0] as Db)
    const instances = await Promise.all(dbs.map((db) => openWebContext({ db })))
    ctx = instances[0] as WebContext
    server = await MailServer.open()
    const placed = await placeAnOrder(ctx)
    await put(Array.from({ length: 40 }, (_, n) => mailAbout(placed, 'order_paid', `paid${n}`)))

    const stops = instances.flatMap((instance) =>
      [1, 2].map(() => deliverMails(instance, mailerTo(server.url), 5)),
    )
    await eventually(async () => {
      expect((await outbox()).every(({ sent_at }) => sent_at !== null)).toBe(true)
    }, 20_000)
    await Promise.all(stops.map((stop) => stop()))

    expect(server.received).toHaveLength(41)
    expect(new Set(server.received.map(({ messageId }) => messageId)).size).toBe(41)
    await server.close()
    await Promise.all(dbs.map((db) => db.destroy()))
    await Promise.all(instances.map((instance) => instance.close()))
    await database.drop()
  })
})

describe('what goes over the line', () => {
  beforeEach(async () => {
    ctx = await openWebContext()
    server = await MailServer.open()
    mailer = mailerTo(server.url)
  })
  afterEach(async () => {
    await server.close()
    await ctx.close()
  })

  it('X05: has no header that somebody typed', async () => {
    const shop = {
      name: 'Birch\r\nBcc: <victim@example.com>\r\n\r\n<b>',
      supportEmail: 'a@b.example',
    }
    await placeAnOrder(ctx, { shop, productName: 'Mug\r\nX-Evil: 1\r\n.\r\nMAIL FROM:<x>' })

    await deliver()

    const [mail] = server.received
    expect(server.received).toHaveLength(1)
    expect(mail?.to).toEqual(['ada@customer.example'])
    expect([...(mail?.headers.keys() ?? [])].sort()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'reply-to',
      'subject',
      'to',
      'x-auto-response-suppress',
    ])
    expect(mail?.headers.get('reply-to')?.[0]).toMatch(/<a@b\.example>$/)
    expect(mail?.text).toContain('Mug X-Evil: 1 . MAIL FROM:<x> × 2: $12.00 USD')
  })

  it.each([
    'ada@customer.example\r\nBcc: victim@example.com',
    'ada@customer.example, victim@example.com',
    'ada@customer.example> RCPT TO:<victim@example.com',
    'nobody',
  ])('X05: refuses to send to what is not one address: %j', async (customerEmail) => {
    await placeAnOrder(ctx, { customerEmail })

    await deliver()

    expect(server.received).toEqual([])
    expect(await outbox()).toMatchObject([{ last_error: 'refused: not an address' }])
  })

  it('carries letters of every script, in names and in texts', async () => {
    await placeAnOrder(ctx, { shop: { name: 'Zoë’s 陶器 & Söhne' }, productName: 'Töpfchen 🏺' })

    await deliver()

    const [mail] = server.received
    expect(mail?.subject).toContain('at Zoë’s 陶器 & Söhne')
    expect(mail?.text).toContain('Töpfchen 🏺 × 2')
    expect(mail?.html).toContain('Töpfchen 🏺 × 2')
    expect(mail?.headers.get('reply-to')?.[0]).toContain('<help@birch.example>')
    expect(Buffer.byteLength(mail?.raw ?? '')).toBe(mail?.raw.length)
  })

  it('holds no key of the order but its link, and no address but the recipient’s', async () => {
    await placeAnOrder(ctx)

    await deliver()

    const [mail] = server.received
    expect(mail?.raw.match(/ada@customer\.example/g)).toHaveLength(1)
    expect(mail?.raw).not.toContain('Byron')
  })
})

describe('a server that does not behave', () => {
  let tcp: Server
  const connections: Socket[] = []

  beforeEach(async () => {
    ctx = await openWebContext()
    tcp = createServer((connection) => {
      connection.on('error', () => {})
      connections.push(connection)
    })
    await new Promise<void>((done) => tcp.listen(0, '127.0.0.1', done))
    mailer = mailerTo(`smtp://127.0.0.1:${(tcp.address() as AddressInfo).port}?greetingTimeout=200`)
  })
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.destroy()
    await new Promise((done) => tcp.close(done))
    await ctx.close()
  })

  it('is given up when it says nothing', async () => {
    await placeAnOrder(ctx)

    await deliver()

    expect(await outbox()).toMatchObject([{ last_error: 'unreachable: ETIMEDOUT at CONN' }])
  })

  it('does not hold up the end of the process', async () => {
    await placeAnOrder(ctx)
    // A byte of greeting at a time keeps every time-out of the conversation from running out.
    tcp.on('connection', (connection) => {
      const drip = setInterval(() => connection.write('2'), 50)
      connection.on('close', () => clearInterval(drip))
    })
    const { port } = tcp.address() as AddressInfo
    const patient = mailerTo(`smtp://127.0.0.1:${port}?greetingTimeout=60000`)
    const stop = deliverMails(ctx, patient, 5)
    await eventually(async () => expect(connections).toHaveLength(1))

    const start = performance.now()
    await stop()

    expect(performance.now() - start).toBeLessThan(7_000)
    expect(await outbox()).toMatchObject([{ last_error: 'unreachable: EABORT', sent_at: null }])
  })
})

describe('the gap before the next try', () => {
  const now = new Date('2026-03-02T12:00:00.000Z')
  const gaps = (outcome: 'deferred' | 'refused', random: number) =>
    [1, 2, 3, 10, 11, 50].map(
      (attempts) =>
        (nextTryAt(attempts, outcome, now, () => random).getTime() - now.getTime()) / SECOND,
    )

  it('begins at half a minute and doubles up to six hours', () => {
    expect(gaps('deferred', 0)).toEqual([30, 60, 120, 15_360, 21_600, 21_600])
  })

  it('is shortened by up to a fifth at random', () => {
    expect(gaps('deferred', 1)).toEqual([24, 48, 96, 12_288, 17_280, 17_280])
  })

  it('is about a day after a refusal', () => {
    expect(gaps('refused', 0)).toEqual([1, 2, 3, 4, 5, 6].map(() => DAY / SECOND))
  })
})
