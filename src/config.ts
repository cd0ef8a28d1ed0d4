import dotenv from 'dotenv'
import { z } from 'zod'

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

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a port number from 0 to 65535')

const webUrl = z
  .string()
  .refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value), {
    message: 'must be an absolute URL that begins with https:// (or http:// outside production)',
  })
  .transform((value) => value.replace(/\/+$/, ''))

const secrets = (what: string, minLength: number) =>
  z
    .string()
    .transform((value) => value.split(',').map((secret) => secret.trim()))
    .refine((list) => list.length <= 2, `holds at most two ${what}, separated by a comma`)
    .refine(
      (list) => list.every((secret) => secret.length >= minLength),
      `must be ${minLength} characters or longer`,
    )

const addresses = /^(loopback|linklocal|uniquelocal|[0-9a-f.:]+(\/\d{1,3})?)$/i
const trustProxy = z
  .string()
  .refine(
    (value) => /^\d{1,2}$/.test(value) || value.split(',').every((a) => addresses.test(a.trim())),
    'must be a number of proxies, or addresses separated by commas (never "true")',
  )
  .transform((value) =>
    /^\d{1,2}$/.test(value) ? Number(value) : value.split(',').map((a) => a.trim()),
  )

const Environment = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'], 'must be development, production or test')
    .default('development'),
  HOST: z.string().optional(),
  PORT: port.default(3000),
  PUBLIC_URL: webUrl
    .refine((value) => !/[?#@]/.test(value) && new URL(value).pathname === '/', {
      message: 'must be an origin such as https://shop.example, with no path',
    })
    .transform((value) => new URL(value).origin)
    .optional(),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:PATH or postgres://…')
    .optional(),
  DATA_DIR: z.string().default('./data'),
  SESSION_SECRET: secrets('secrets', 32).optional(),
  JUSTIFI_CLIENT_ID: z
    .string()
    .regex(/^(test|live)_/, 'must begin with test_ or live_, which says whether money moves')
    .optional(),
  JUSTIFI_CLIENT_SECRET: z.string().optional(),
  JUSTIFI_API_URL: webUrl.default('https://api.justifi.ai'),
  JUSTIFI_HOSTED_FLOW: z
    .enum(['sessions', 'checkouts'], 'must be sessions')
    .refine((flow) => flow === 'sessions', {
      message: 'checkouts is not supported yet; leave it unset or use sessions',
    })
    .default('sessions'),
  JUSTIFI_CHECKOUT_URL: webUrl
    .refine((value) => value.includes('{id}'), 'must contain {id}')
    .default('https://checkout.justifi.ai/r/{id}'),
  JUSTIFI_WEBHOOK_SECRET: secrets('secrets', 1).optional(),
  SANDBOX_PORT: port.optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/.+/, 'must begin with smtp:// or smtps://')
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>@]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      'must be an address such as no-reply@shop.example or Shop <no-reply@shop.example>',
    )
    .default('Shop <no-reply@localhost>'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be one of fatal, error, warn, info, debug, trace, silent',
    )
    .optional(),
  TRUST_PROXY: trustProxy.optional(),
  WATCH_INTERVAL_MS: z
    .string()
    .regex(/^[1-9]\d{1,6}$/, 'must be a number of milliseconds, 10 or more')
    .transform(Number)
    .default(5_000),
  METRICS_TOKEN: z.string().optional(),
})

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
