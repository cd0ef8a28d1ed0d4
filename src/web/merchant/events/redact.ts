import { maskCardNumbers } from '../../../card-numbers.ts'

const LEFT_OUT = '[left out]'
const DEEPEST = 20
const LONGEST_VALUE = 100

/** Fields of JustiFi's records that hold no words of a person, and no secrets. */
const PLAIN = new RegExp(
  `^(?:${[
    'id',
    '\\w+_id',
    '\\w+_at',
    '(?:\\w+_)?(?:status|amount|amount_cents|currency|type|mode)',
    'amount_\\w+',
    'balance',
    'brand',
    'event_name',
    'version',
    'reason',
    'due_date',
    'acct_last_four',
    'account_number_last4',
    'error_code',
    'decline_code',
    'capture_strategy',
  ].join('|')})$`,
)
const PLAIN_KEY = /^[A-Za-z]\w{0,59}$/

/**
 * An event's body for people to read: ids, amounts, statuses, times and yes or no stay; every other
 * word and number is left out, since it may be a customer's. What is not known to be plain goes.
 */
export function redacted(json: unknown, depth = 0): unknown {
  if (depth > DEEPEST) return LEFT_OUT
  if (Array.isArray(json)) return json.map((item) => redacted(item, depth + 1))
  if (typeof json !== 'object' || json === null) return plainOnly('', json)

  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      const isNested = typeof value === 'object' && value !== null
      return [
        PLAIN_KEY.test(key) ? key : LEFT_OUT,
        isNested ? redacted(value, depth + 1) : plainOnly(key, value),
      ]
    }),
  )
}

function plainOnly(key: string, value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (!PLAIN.test(key)) return LEFT_OUT
  if (typeof value !== 'string') return value
  const isLikePerson = value.includes('@') || value.length > LONGEST_VALUE
  return isLikePerson || maskCardNumbers(value) !== value ? LEFT_OUT : value
}
