import dotenv from 'dotenv'
import type { z } from 'zod'
import { Environment } from './environment.ts'

/** Everything that can be set from outside, checked and resolved. See .env.example. */
export type Config = {
  production: boolean
  host: string
  /** 0 picks a free port. */
  port: number
  /** Absent: the listening URL. Never ends in a slash. */
  publicUrl: string | undefined
  database: DatabaseConfig
  dataDir: string
  /** Newest first; two while one is being replaced. Empty: one is made and kept in `dataDir`. */
  sessionSecrets: string[]
  /** Absent, outside production: the sandbox is started and stands in for JustiFi. */
  justifi: JustifiConfig | undefined
  /** Two while one is being replaced. */
  webhookSecrets: string[]
  /** 0 picks a free port. */
  sandboxPort: number
  smtpUrl: string | undefined
  mailFrom: string
  logLevel: string
  /** For Express' `trust proxy`: hops, or addresses and subnets. `false`: no proxy is believed. */
  trustProxy: number | string[] | false
  watchIntervalMs: number
  metricsToken: string | undefined
}

export type DatabaseConfig =
  | { engine: 'sqlite'; path: string }
  | { engine: 'postgres'; url: string }

export type JustifiConfig = {
  clientId: string
  clientSecret: string
  apiUrl: string
  flow: 'sessions'
  /** Contains `{id}`. */
  checkoutUrl: string
}

/** The environment is wrong. The message has a line for each problem. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: string[]

  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads `.env`, where there is one, beneath the process's own environment. */
export function loadConfig(): Config {
  const file: Record<string, string> = {}
  dotenv.config({ quiet: true, processEnv: file })
  // A blank in the process must not hide what the file has.
  return readConfig({ ...file, ...withoutBlanks(process.env) })
}

/**
 * The password for `npm run merchant`, exactly as it was given; undefined where it is to be typed.
 * Only ever of the process: one that is kept in a file would stay there.
 */
export function merchantPassword(): string | undefined {
  return process.env.MERCHANT_PASSWORD || undefined
}

/**
 * Resolves the environment to settings. Blank values count as unset.
 *
 * @throws ConfigError naming every problem at once
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = withoutBlanks(environment)
  const parsed = Environment.safeParse(given)
  const problems = [...(parsed.error?.issues ?? []).map(problemOf), ...combinationProblems(given)]
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const env = parsed.data
  const production = env.NODE_ENV === 'production'

  return {
    production,
    host: env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    database: databaseConfig(env.DATABASE_URL, env.DATA_DIR),
    dataDir: env.DATA_DIR,
    sessionSecrets: env.SESSION_SECRET ?? [],
    justifi:
      env.JUSTIFI_CLIENT_ID && env.JUSTIFI_CLIENT_SECRET
        ? {
            clientId: env.JUSTIFI_CLIENT_ID,
            clientSecret: env.JUSTIFI_CLIENT_SECRET,
            apiUrl: env.JUSTIFI_API_URL,
            flow: 'sessions',
            checkoutUrl: env.JUSTIFI_CHECKOUT_URL,
          }
        : undefined,
    webhookSecrets: env.JUSTIFI_WEBHOOK_SECRET ?? [],
    sandboxPort: env.SANDBOX_PORT ?? (env.PORT === 0 ? 0 : env.PORT + 1),
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    logLevel: env.LOG_LEVEL ?? (production ? 'info' : 'warn'),
    trustProxy: env.TRUST_PROXY ?? false,
    watchIntervalMs: env.WATCH_INTERVAL_MS,
    metricsToken: env.METRICS_TOKEN,
  }
}

const REQUIRED_IN_PRODUCTION = {
  JUSTIFI_CLIENT_ID: 'JustiFi dashboard, Developers, API keys',
  JUSTIFI_CLIENT_SECRET: 'JustiFi dashboard, Developers, API keys',
  JUSTIFI_WEBHOOK_SECRET: 'JustiFi dashboard, Developers, Event publishers',
  SESSION_SECRET: '32 random characters or more',
  PUBLIC_URL: 'the https:// origin that customers see',
}

/** What is wrong with the variables taken together. Each alone is checked by `Environment`. */
function combinationProblems(env: Record<string, string>): string[] {
  const problems: string[] = []

  if (env.NODE_ENV === 'production') {
    for (const [name, source] of Object.entries(REQUIRED_IN_PRODUCTION)) {
      if (!env[name]) problems.push(`${name} is required in production (${source})`)
    }
    for (const name of ['PUBLIC_URL', 'JUSTIFI_API_URL', 'JUSTIFI_CHECKOUT_URL']) {
      if (/^http:/i.test(env[name] ?? '')) problems.push(`${name} must be https in production`)
    }
  } else if (env.JUSTIFI_CLIENT_ID?.startsWith('live_')) {
    problems.push('JUSTIFI_CLIENT_ID is one that moves real money, which needs NODE_ENV=production')
  } else if (Boolean(env.JUSTIFI_CLIENT_ID) !== Boolean(env.JUSTIFI_CLIENT_SECRET)) {
    const missing = env.JUSTIFI_CLIENT_ID ? 'JUSTIFI_CLIENT_SECRET' : 'JUSTIFI_CLIENT_ID'
    problems.push(`${missing} is missing: give both credentials, or neither for the sandbox`)
  }
  if (!env.JUSTIFI_CLIENT_ID && env.PORT === '65535' && !env.SANDBOX_PORT) {
    problems.push('SANDBOX_PORT is missing: it is PORT + 1 otherwise, and there is no port 65536')
  }
  return problems
}

function withoutBlanks(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment)
      .map(([name, value]) => [name, value?.trim()] as const)
      .filter((entry): entry is [string, string] => Boolean(entry[1])),
  )
}

function problemOf(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')} ${issue.message}`
}

function databaseConfig(url: string | undefined, dataDir: string): DatabaseConfig {
  if (url === undefined) return { engine: 'sqlite', path: `${dataDir}/shop.sqlite` }
  if (url.startsWith('sqlite:')) return { engine: 'sqlite', path: url.slice('sqlite:'.length) }
  return { engine: 'postgres', url }
}
