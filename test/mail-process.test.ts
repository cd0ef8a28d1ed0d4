import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { DAY, MINUTE } from '../src/clock.ts'
import { readConfig } from '../src/config.ts'
import type { AppContext } from '../src/context.ts'
import { type Db, openDatabase } from '../src/db/database.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { createLog } from '../src/log.ts'
import { deliverDueMails } from '../src/mail/deliver-mails.ts'
import { createMailer } from '../src/mail/mailer.ts'
import { createLinkTokens } from '../src/orders/link-token.ts'
import { startSandbox } from '../src/sandbox/start-sandbox.ts'
import { startShop } from '../src/start-shop.ts'
import { eventually } from './support/eventually.ts'
import { MailServer } from './support/mail-server.ts'
import { placeAnOrder } from './support/placed-order.ts'
import { createTestDatabase, type TestDatabase } from './support/postgres.ts'
import { ENGINES, openWebContext, type WebContext } from './support/web-context.ts'

const ROOT = join(import.meta.dirname, '..')
const SECRET = 'a secret of the tests that is long enough'

let server: MailServer
let dataDir: string
let database: TestDatabase | undefined
let db: Db
let ctx: WebContext
let child: ChildProcess | undefined

async function open(engine: 'SQLite' | 'PostgreSQL'): Promise<void> {
  server = await MailServer.open()
  dataDir = mkdtempSync(join(tmpdir(), 'mails-'))
  database = engine === 'PostgreSQL' ? await createTestDatabase() : undefined
  const { database: settings } = readConfig(environment())
  db = openDatabase(settings, createLog('silent'))
  await migrateDatabase(db)
  const linkTokens = createLinkTokens([SECRET])
  ctx = await openWebContext({ db, linkTokens, publicUrl: 'http://shop.test' })
}

afterEach(async () => {
  child?.kill('SIGKILL')
  await server.close()
  await db.destroy()
  await ctx.close()
  await database?.drop()
  rmSync(dataDir, { recursive: true })
})

/** Of a shop on the same database; nobody is in JustiFi's place, unless a test says so. */
function environment(given: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'test',
    PORT: '0',
    PUBLIC_URL: 'http://shop.test',
    DATA_DIR: dataDir,
    DATABASE_URL: database?.url,
    SESSION_SECRET: SECRET,
    JUSTIFI_CLIENT_ID: 'test_mails',
    JUSTIFI_CLIENT_SECRET: 'test_mails',
    JUSTIFI_API_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'silent',
    WATCH_INTERVAL_MS: '20',
    ...given,
  }
}

function startProcess(): ChildProcess {
  child = spawn(process.execPath, ['src/main.ts'], {
    cwd: ROOT,
    env: environment({ SMTP_URL: server.url, MAIL_FROM: 'no-reply@shop.test' }),
    stdio: 'ignore',
  })
  return child
}

describe.each(ENGINES)('a shop that is killed, on %s', (engine) => {
  beforeEach(() => open(engine))

  it('C11: after the server took a mail, repeats it with the same Message-ID, once', async () => {
    await placeAnOrder(ctx)
    const shop = startProcess()
    const ended = once(shop, 'exit')
    server.onTaken = () => {
      shop.kill('SIGKILL')
      return ended
    }
    expect((await ended)[1]).toBe('SIGKILL')
    server.onTaken = () => {}
    const mailer = createMailer({ smtpUrl: server.url, from: 'no-reply@shop.test' })

    await deliverDueMails(ctx, mailer)
    expect(server.received).toHaveLength(1)
    ctx.pass(5 * MINUTE)
    await deliverDueMails(ctx, mailer)
    ctx.pass(DAY)
    await deliverDueMails(ctx, mailer)

    const [first, second, ...more] = server.received
    expect(more).toEqual([])
    expect(first?.messageId).toMatch(/^<[0-9a-f-]{36}@shop\.test>$/)
    expect(second?.messageId).toBe(first?.messageId)
    expect(second?.text).toBe(first?.text)
    expect(await db.selectFrom('outbox').select('attempts').execute()).toEqual([{ attempts: 2 }])
  })
})

describe('a running shop', () => {
  beforeEach(() => open('SQLite'))

  /** Runs a shop in this process, for as long as `work` takes. */
  async function whileRunning(
    given: NodeJS.ProcessEnv,
    work: (context: AppContext) => Promise<void>,
  ): Promise<void> {
    const sandbox = await startSandbox({ port: 0, host: '127.0.0.1' })
    const config = readConfig(environment({ JUSTIFI_API_URL: sandbox.url, ...given }))
    if (!config.justifi) throw new Error('the shop needs credentials')
    const { justifi, webhookSecrets } = config
    const shop = await startShop(config, { log: createLog('silent'), justifi, webhookSecrets })
    try {
      await work(shop.ctx)
    } finally {
      await shop.close()
      await sandbox.close()
    }
  }

  it('sends what is put down, by itself', async () => {
    await whileRunning({ SMTP_URL: server.url }, async (context) => {
      await placeAnOrder(context)
      await eventually(async () => expect(server.received).toHaveLength(1))
    })

    expect(server.received[0]?.subject).toMatch(/^Your order [0-9A-Z]{8} at Birch & Clay$/)
  })

  it('keeps mails where it is given no server to send by', async () => {
    await whileRunning({}, async (context) => {
      await placeAnOrder(context)
      await sleep(200)
    })

    expect(await db.selectFrom('outbox').selectAll().execute()).toMatchObject([
      { kind: 'order_placed', attempts: 0, sent_at: null, last_error: null },
    ])
  })
})
