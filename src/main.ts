import { join } from 'node:path'
import { SECOND } from './clock.ts'
import { type Config, ConfigError, type JustifiConfig, loadConfig } from './config.ts'
import { SchemaTooNewError } from './db/migrate.ts'
import { newSecret } from './ids.ts'
import { createLog, type Logger } from './log.ts'
import { startShop } from './start-shop.ts'

/** Past the deadlines of every part: whatever still holds the process then is cut off. */
const LAST_RESORT = 9.7 * SECOND

try {
  await run(loadConfig())
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof SchemaTooNewError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

async function run(config: Config): Promise<void> {
  const log = createLog(config.logLevel)
  exitOnUnforeseen(log)

  if (config.justifi) {
    const { justifi, webhookSecrets } = config
    const shop = await startShop(config, { log, justifi, webhookSecrets })
    announce({ url: shop.url })
    closeOnSignal(log, [shop])
    return
  }
  await runWithSandbox(config, log)
}

/** The demo: two shops, and our own sandbox in JustiFi's place. */
async function runWithSandbox(config: Config, log: Logger): Promise<void> {
  const { startSandbox } = await import('./sandbox/start-sandbox.ts')
  const { seedDemo } = await import('./demo/seed-demo.ts')

  const sandbox = await startSandbox({
    port: config.sandboxPort,
    host: config.host,
    journalPath: join(config.dataDir, 'sandbox.jsonl'),
  })
  const webhookSecrets = config.webhookSecrets.length > 0 ? config.webhookSecrets : [newSecret()]
  const shop = await startShop(config, {
    log,
    justifi: sandboxCredentials(sandbox.url),
    webhookSecrets,
    prepare: ({ db, clock }) => seedDemo(db, clock),
  })
  await publishTo(`${shop.listeningUrl}/webhooks/justifi`, webhookSecrets, sandbox.url)

  announce({ url: shop.url, sandboxUrl: sandbox.url })
  process.stdout.write(
    `\n  Shops     ${shop.url}/\n` +
      `  Mails     ${shop.url}/dev/mails\n` +
      `  Sandbox   ${sandbox.url}/_sandbox  (plays JustiFi; no money moves)\n\n`,
  )
  closeOnSignal(log, [shop, sandbox])
}

function sandboxCredentials(url: string): JustifiConfig {
  return {
    clientId: 'test_demo',
    clientSecret: 'test_demo',
    apiUrl: url,
    flow: 'sessions',
    checkoutUrl: `${url}/r/{id}`,
  }
}

/** The sandbox keeps its publishers from earlier starts, when the shop was elsewhere. */
async function publishTo(
  url: string,
  [secret]: readonly string[],
  sandboxUrl: string,
): Promise<void> {
  const publishers = `${sandboxUrl}/_sandbox/publishers`
  await fetch(publishers, { method: 'DELETE' })
  const registered = await fetch(publishers, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, secret }),
  })
  if (!registered.ok) throw new Error(`the sandbox does not publish to ${url}`)
}

/** The line that tools wait for. */
function announce(urls: { url: string; sandboxUrl?: string }): void {
  process.stdout.write(`${JSON.stringify({ msg: 'listening', ...urls })}\n`)
}

function closeOnSignal(log: Logger, parts: { close(): Promise<void> }[]): void {
  async function close(): Promise<void> {
    setTimeout(() => process.exit(1), LAST_RESORT).unref()
    for (const part of parts) await part.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      close().catch((err: unknown) => {
        log.fatal({ err }, 'the shop could not be closed')
        process.exit(1)
      })
    })
  }
}

/** A fault that nobody foresaw leaves unknown state behind; a fresh process has none. */
function exitOnUnforeseen(log: Logger): void {
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'unforeseen fault: the process ends')
    process.exit(1)
  })
}
