import { isIP } from 'node:net'
import { z } from 'zod'

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

/** What Express takes: a name for some, an address, or all addresses with a beginning. */
function isAddresses(value: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value.toLowerCase())) return true
  const [address = '', bits, ...more] = value.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
  return most > 0 && isRange && more.length === 0
}

const trustProxy = z
  .string()
  .transform((value) => value.split(',').map((address) => address.trim()))
  .refine(
    ([first = '', ...more]) =>
      (/^\d{1,2}$/.test(first) && more.length === 0) || [first, ...more].every(isAddresses),
    'must be a number of proxies, or addresses separated by commas (never "true")',
  )
  .transform((list) => (/^\d{1,2}$/.test(list[0] ?? '') ? Number(list[0]) : list))

/** Every variable, each for itself. What they are together is for `readConfig`. */
export const Environment = z.object({
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
    .refine((value) => value !== 'sqlite::memory:', 'must be a file, or all orders would be lost')
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
