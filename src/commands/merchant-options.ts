import { parseArgs } from 'node:util'
import { isEmail } from '../email-address.ts'
import { isTimeZone, SUB_ACCOUNT } from '../merchants/settings.ts'
import { SLUG } from '../merchants/shop.ts'
import { ROLES, type Role, userEmail } from '../merchants/user.ts'
import { CURRENCIES, type Currency } from '../money.ts'

export type Command =
  | { name: 'create'; merchant: NewMerchant; owner: { email: string; name: string } }
  | { name: 'add-user'; slug: string; user: { email: string; name: string; role: Role } }
  | { name: 'reset-password'; email: string }

export type NewMerchant = {
  slug: string
  name: string
  tagline: string
  currency: Currency
  accountId: string
  supportEmail: string
  timeZone: string
}

/** What was typed cannot be run. Each problem is a line. */
export class OptionsError extends Error {
  override name = 'OptionsError'

  constructor(problems: string[]) {
    super(problems.join('\n'))
  }
}

export const USAGE = `Usage:
  npm run merchant -- create --slug SLUG --name NAME --currency usd|cad --sub-account acc_… --email EMAIL
                      [--user-name NAME] [--tagline TEXT] [--support-email EMAIL] [--time-zone ZONE]
  npm run merchant -- add-user --slug SLUG --email EMAIL [--user-name NAME] [--role owner|staff|viewer]
  npm run merchant -- reset-password --email EMAIL

The password is asked for in the terminal, or taken from MERCHANT_PASSWORD.`

const MAX_LENGTH = 100

const OPTIONS: Record<Command['name'], { required: string[]; optional: string[] }> = {
  create: {
    required: ['slug', 'name', 'currency', 'sub-account', 'email'],
    optional: ['user-name', 'tagline', 'support-email', 'time-zone'],
  },
  'add-user': { required: ['slug', 'email'], optional: ['user-name', 'role'] },
  'reset-password': { required: ['email'], optional: [] },
}

/** What an option has to look like, and how that is said. */
const FORMS: Record<string, [(text: string) => boolean, string]> = {
  slug: [
    (text) => SLUG.test(text),
    'must be lower-case letters, digits and hyphens, such as fernhill-pottery',
  ],
  name: [isLine, `must be one line of at most ${MAX_LENGTH} characters`],
  'user-name': [isLine, `must be one line of at most ${MAX_LENGTH} characters`],
  tagline: [isLine, `must be one line of at most ${MAX_LENGTH} characters`],
  currency: [(text) => CURRENCIES.some((one) => one === text), 'must be usd or cad'],
  'sub-account': [(text) => SUB_ACCOUNT.test(text), 'must be a sub account such as acc_4vPGYRx1J6'],
  email: [isEmail, 'must be an address such as name@example.com'],
  'support-email': [isEmail, 'must be an address such as name@example.com'],
  'time-zone': [isTimeZone, 'must be an IANA name such as America/New_York'],
  role: [(text) => ROLES.some((one) => one === text), 'must be owner, staff or viewer'],
}

/**
 * Reads what follows `npm run merchant --`.
 *
 * @throws OptionsError naming everything that is wrong, at once
 */
export function readCommand(args: string[]): Command {
  const { values: given, positionals } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    options: Object.fromEntries(
      [...Object.keys(FORMS), 'password'].map((name) => [name, { type: 'string' }]),
    ),
  })
  const [name, ...others] = positionals
  if (!isCommand(name)) {
    throw new OptionsError([name ? `There is no command ${name}.` : 'Name a command.', '', USAGE])
  }
  const problems = [
    ...others.map((text) => `${JSON.stringify(text)} belongs to no option; quote what has spaces`),
    ...problemsOf(name, given),
  ]
  if (problems.length > 0) throw new OptionsError(problems)
  return commandOf(name, given as Record<string, string>)
}

function problemsOf(name: Command['name'], given: Record<string, unknown>): string[] {
  const { required, optional } = OPTIONS[name]
  const known = [...required, ...optional]
  const missing = required
    .filter((option) => given[option] === undefined)
    .map((option) => `--${option} is missing`)

  const wrong = Object.entries(given).flatMap(([option, value]) => {
    if (option.includes('password')) {
      return [
        `--${option} is not taken: others can read arguments. Set MERCHANT_PASSWORD, or type it`,
      ]
    }
    const [isRight, must] = FORMS[option] ?? []
    if (!known.includes(option) || !isRight) return [`--${option} is not an option of ${name}`]
    if (typeof value !== 'string' || value.trim() === '') return [`--${option} has no value`]
    return isRight(value.trim()) ? [] : [`--${option} ${must}`]
  })
  return [...missing, ...wrong]
}

function commandOf(name: Command['name'], given: Record<string, string>): Command {
  const text = (option: string, otherwise = '') => given[option]?.trim() ?? otherwise
  const email = userEmail(text('email'))
  const userName = text('user-name', email.split('@')[0])

  switch (name) {
    case 'create':
      return {
        name,
        merchant: {
          slug: text('slug'),
          name: text('name'),
          tagline: text('tagline'),
          currency: text('currency') as Currency,
          accountId: text('sub-account'),
          supportEmail: text('support-email', email),
          timeZone: text('time-zone', 'UTC'),
        },
        owner: { email, name: userName },
      }
    case 'add-user':
      return {
        name,
        slug: text('slug'),
        user: { email, name: userName, role: text('role', 'staff') as Role },
      }
    case 'reset-password':
      return { name, email }
  }
}

function isCommand(name: string | undefined): name is Command['name'] {
  return name !== undefined && Object.hasOwn(OPTIONS, name)
}

function isLine(text: string): boolean {
  return text.length <= MAX_LENGTH && !/\p{Cc}/u.test(text)
}
