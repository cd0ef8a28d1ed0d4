import { join } from 'node:path'
import { createApp } from './app.ts'
import { startLoop } from './background-loop.ts'
import { watch } from './checkout/watch.ts'
import { type Clock, MINUTE, SECOND, systemClock } from './clock.ts'
import type { Config, JustifiConfig } from './config.ts'
import { type AppContext, createContext, LIMITS, type Limits } from './context.ts'
import { openDatabase } from './db/database.ts'
import { migrateDatabase } from './db/migrate.ts'
import { pruneExpired } from './db/prune.ts'
import { runJobs } from './jobs/run-jobs.ts'
import { createHostedCheckout } from './justifi/create-hosted-checkout.ts'
import { keptSecret } from './kept-secret.ts'
import type { Logger } from './log.ts'
import { deliverMails } from './mail/deliver-mails.ts'
import { createMailer } from './mail/mailer.ts'
import { createMetrics } from './metrics.ts'
import { createLinkTokens } from './orders/link-token.ts'
import { closeServer, createHttpServer, listen } from './server.ts'

export type RunningShop = {
  /** As customers see it. */
  url: string
  listeningUrl: string
  ctx: AppContext
  /**
   * Takes no more requests and answers those under way. Calls to JustiFi are given up after 8
   * seconds, with their orders kept, and everything is over within 10.
   */
  close(): Promise<void>
}

const GIVE_UP_JUSTIFI_AFTER = 8 * SECOND
const CUT_CONNECTIONS_AFTER = 9 * SECOND
const PRUNE_EVERY = 10 * MINUTE

type Options = {
  log: Logger
  justifi: JustifiConfig
  webhookSecrets: readonly string[]
  clock?: Clock
  limits?: Limits
  /** Done when the database is ready and before the doors open. */
  prepare?: (ctx: Pick<AppContext, 'db' | 'clock'>) => Promise<void>
}

/**
 * Puts the parts together in the order in which they need each other, and opens the doors.
 *
 * @throws SchemaTooNewError
 * @throws Error where the database cannot be reached or the address cannot be listened on
 */
export async function startShop(config: Config, options: Options): Promise<RunningShop> {
  const { log, webhookSecrets, clock = systemClock, limits = LIMITS } = options

  const db = openDatabase(config.database, log)
  await migrateDatabase(db)
  await options.prepare?.({ db, clock })

  const metrics = createMetrics()
  const givingUp = new AbortController()
  const justifi = createHostedCheckout({
    flow: options.justifi.flow,
    clientId: options.justifi.clientId,
    clientSecret: options.justifi.clientSecret,
    apiUrl: options.justifi.apiUrl,
    checkoutUrlTemplate: options.justifi.checkoutUrl,
    log,
    clock,
    signal: givingUp.signal,
    onCall: ({ operation, outcome }) => metrics.justifiCalls.inc({ operation, outcome }),
  })

  // Links begin with an address that may only be known once the port is.
  const server = createHttpServer()
  const listeningUrl = await listen(server, config)

  const sessionSecrets =
    config.sessionSecrets.length > 0
      ? config.sessionSecrets
      : [keptSecret(join(config.dataDir, 'session-secret'))]
  const ctx = createContext({
    publicUrl: config.publicUrl ?? listeningUrl,
    production: config.production,
    db,
    justifi,
    linkTokens: createLinkTokens(sessionSecrets),
    log,
    metrics,
    clock,
    sessionSecrets,
    webhookSecrets,
    trustProxy: config.trustProxy,
    metricsToken: config.metricsToken,
    sendsMail: config.smtpUrl !== undefined,
    limits,
  })
  server.on(
    'request',
    createApp(ctx, () => !server.listening),
  )
  const stopWatching = await watch(ctx, config.watchIntervalMs)
  // Somebody waits in front of these.
  const stopJobs = runJobs(ctx, config.watchIntervalMs / 5)
  const stopDelivering = deliverBySmtp(ctx, config)
  const stopPruning = startLoop(
    async () => ({ more: (await pruneExpired(db, clock.now())) > 0, answered: true }),
    { name: 'pruning', intervalMs: PRUNE_EVERY, log },
  )

  return {
    url: ctx.publicUrl,
    listeningUrl,
    ctx,
    async close() {
      const giveUp = setTimeout(() => givingUp.abort(), GIVE_UP_JUSTIFI_AFTER)
      await Promise.all([
        stopWatching(),
        stopJobs(),
        stopDelivering(),
        stopPruning(),
        closeServer(server, CUT_CONNECTIONS_AFTER),
      ])
      clearTimeout(giveUp)
      await db.destroy()
    },
  }
}

/** Without a server to send by, mails stay in the outbox. */
function deliverBySmtp(ctx: AppContext, config: Config): () => Promise<void> {
  const { smtpUrl, mailFrom, watchIntervalMs } = config
  if (smtpUrl === undefined) return async () => {}
  return deliverMails(ctx, createMailer({ smtpUrl, from: mailFrom }), watchIntervalMs)
}
