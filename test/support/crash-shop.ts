import { Kysely } from 'kysely'
import { createApp } from '../../src/app.ts'
import type { Clock } from '../../src/clock.ts'
import type { DatabaseConfig } from '../../src/config.ts'
import { type AppContext, createContext } from '../../src/context.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import { postgresDialect } from '../../src/db/postgres.ts'
import type { Schema } from '../../src/db/schema.ts'
import { sqliteDialect } from '../../src/db/sqlite.ts'
import { seedDemo } from '../../src/demo/seed-demo.ts'
import type { CallLimits } from '../../src/justifi/call-limits.ts'
import { createHostedCheckout } from '../../src/justifi/create-hosted-checkout.ts'
import type { Logger } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { createLinkTokens } from '../../src/orders/link-token.ts'
import { makeDue } from '../../src/orders/queries/due-orders.ts'
import { closeServer, createHttpServer, listen } from '../../src/server.ts'
import { type Probe, probedDialect, probedJustifi } from './crash-points.ts'

/** What the shops of one test share, so that one takes over where another has ended. */
const SESSION_SECRET = 'a session secret that outlives its shops'
export const CRASH_WEBHOOK_SECRET = 'sigk_crash'
/** Where customers return to. Nobody listens there: a test takes the path and asks a shop. */
export const CRASH_SHOP_ORIGIN = 'http://shop.test'

export type CrashShopOptions = {
  database: DatabaseConfig
  sandboxUrl: string
  clock: Clock
  log: Logger
  probe: Probe
  limits?: Partial<CallLimits>
  /** 0, the default, picks a free one. */
  port?: number
}

export type CrashShop = {
  /** Where it listens. */
  url: string
  ctx: AppContext
  close(): Promise<void>
  /** Dies on the spot: what is going on is not gone on with. `crash` has to follow. */
  die(): void
  /**
   * Ends it without a goodbye: from now on it writes nothing and asks nothing, whatever it is in
   * the middle of. Calls that JustiFi has received are not taken back.
   */
  crash(): Promise<void>
}

/** In place of a dead process: whatever it would have done next is not done. */
export class Crashed extends Error {
  override name = 'Crashed'
}

/**
 * A shop as src/start-shop.ts puts it together, but with crash points, and with no work in the
 * background: a test makes the rounds.
 */
export async function openCrashShop(options: CrashShopOptions): Promise<CrashShop> {
  const { clock, log, sandboxUrl } = options
  const dying = new AbortController()
  let isDead = false
  const die = () => {
    isDead = true
    dying.abort()
  }
  const probe: Probe = async (point) => {
    if (isDead) throw new Crashed(point)
    await options.probe(point)
    if (isDead) throw new Crashed(point)
  }

  const db = new Kysely<Schema>({
    dialect: probedDialect(dialectOf(options.database, log), probe),
  })
  await migrateDatabase(db)
  await seedDemo(db, clock)

  const justifi = createHostedCheckout({
    flow: 'sessions',
    clientId: 'test_crash',
    clientSecret: 'test_crash',
    apiUrl: sandboxUrl,
    checkoutUrlTemplate: `${sandboxUrl}/r/{id}`,
    log,
    clock,
    signal: dying.signal,
    ...(options.limits && { limits: options.limits }),
  })
  const ctx = createContext({
    publicUrl: CRASH_SHOP_ORIGIN,
    production: false,
    db,
    justifi: probedJustifi(justifi, probe),
    linkTokens: createLinkTokens([SESSION_SECRET]),
    log,
    metrics: createMetrics(),
    clock,
    sessionSecrets: [SESSION_SECRET],
    webhookSecrets: [CRASH_WEBHOOK_SECRET],
    trustProxy: false,
    metricsToken: undefined,
    sendsMail: false,
    limits: { requestsPerMinute: 1_000_000, checkoutsPerMinute: 1_000_000 },
  })

  const server = createHttpServer()
  server.on('request', ({ method }, res) => {
    const end = res.end
    res.end = (...parameters: unknown[]) => {
      const answer = `${method} ${res.statusCode}`
      void Promise.resolve(probe(`before answer ${answer}`)).catch(() => {})
      if (isDead) return res.destroy()
      end.apply(res, parameters as Parameters<typeof end>)
      void Promise.resolve(probe(`after answer ${answer}`)).catch(() => {})
      return res
    }
  })
  server.on('request', createApp(ctx))
  const url = await listen(server, { host: '127.0.0.1', port: options.port ?? 0 })
  await makeDue(db, ['awaiting_payment', 'failed', 'processing'], clock.now())

  return {
    url,
    ctx,
    async close() {
      await closeServer(server, 1_000)
      await db.destroy()
    },
    die,
    async crash() {
      die()
      server.closeAllConnections()
      await closeServer(server, 100)
      await db.destroy()
    },
  }
}

function dialectOf(database: DatabaseConfig, log: Logger) {
  return database.engine === 'sqlite'
    ? sqliteDialect(database.path)
    : postgresDialect(database.url, log)
}
