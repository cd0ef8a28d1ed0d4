import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { SECOND } from './clock.ts'
import { keepMemorySmall } from './collector.ts'
import { type Config, ConfigError, type JustifiConfig, loadConfig } from './config.ts'
import { SchemaTooNewError } from './db/migrate.ts'
import { databaseTrouble } from './db/unavailable.ts'
import type { DemoSignIn } from './demo/demo-users.ts'
import { newSecret } from './ids.ts'
import { createLog, type Logger } from './log.ts'
import { startShop } from './start-shop.ts'

/** Past the deadlines of every part: whatever still holds the process then is cut off. */
const LAST_RESORT = 9.7 * SECOND

/** What a data folder that cannot be made or written answers. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST', 'ENOENT']

try {
  await run(loadConfig())
  // What `npm start` lets Node keep for the next start. Node would write it when it ends, and a
  // process that is killed does not get there.
  flushCompileCache()
  keepMemorySmall()
} catch (error) {
  const reason = reasonNotToStart(error)
  if (reason === undefined) throw error
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}

type SystemFault = NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string }

/** What an operator can mend. Anything else is a fault, and is told as one. */
function reasonNotToStart(error: unknown): string | undefined {
  if (error instanceof ConfigError || error instanceof SchemaTooNewError) return error.message
  const { code, syscall, address, port, path, hostname } = error as SystemFault
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${address} is in use: set another PORT or SANDBOX_PORT.`
  if (code === 'EACCES' && port !== undefined)
    return `Port ${port} may not be listened on by this user: set another PORT.`
  if (code === 'EADDRNOTAVAIL' || (code === 'ENOTFOUND' && syscall === 'getaddrinfo'))
    return `This machine has no address ${address ?? hostname}: check HOST and DATABASE_URL.`
  if (path !== undefined && UNWRITABLE.includes(code ?? ''))
    return `${path} cannot be written (${code}): check DATA_DIR and who owns it.`
  return databaseTrouble(error)
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
  const { seedDemoUsers } = await import('./demo/demo-users.ts')

  const sandbox = await startSandbox({
    port: config.sandboxPort,
    host: config.host,
    journalPath: join(config.dataDir, 'sandbox.jsonl'),
  })
  const webhookSecrets = config.webhookSecrets.length > 0 ? config.webhookSecrets : [newSecret()]
  let signIns: Promise<DemoSignIn[]> = Promise.resolve([])
  const shop = await startShop(config, {
    log,
    justifi: sandboxCredentials(sandbox.url),
    webhookSecrets,
    async prepare({ db, clock }) {
      await seedDemo(db, clock)
      // Their passwords take a while, on threads of their own.
      signIns = seedDemoUsers(db, clock, config.dataDir)
      signIns.catch(() => undefined)
    },
  })
  await publishTo(`${shop.listeningUrl}/webhooks/justifi`, webhookSecrets, sandbox.url)

  for (const { email, password, shop: name } of await signIns) {
    process.stdout.write(`demo sign-in: ${email} ${password} (${name})\n`)
  }
  announce({ url: shop.url, sandboxUrl: sandbox.url })
  process.stdout.write(
    `\n  Shops     ${shop.url}/\n` +
      `  Desk      ${shop.url}/merchant\n` +
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
  let isClosing = false

  async function close(): Promise<void> {
    // A terminal and npm both pass Ctrl-C on: the second must not cut what the first lets finish.
    if (isClosing) return
    isClosing = true
    setTimeout(() => process.exit(1), LAST_RESORT).unref()
    for (const part of parts) await part.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
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
