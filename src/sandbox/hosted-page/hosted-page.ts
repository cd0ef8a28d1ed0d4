import { formatMoney, formatMoneyWithCode } from '../../money.ts'
import { TEST_BANK_ACCOUNTS, TEST_ROUTING_NUMBER } from '../paying/test-bank-accounts.ts'
import { findTestCard, TEST_CARDS } from '../paying/test-cards.ts'
import type { CheckoutSession, Payment, PaymentIntent } from '../records.ts'
import type { FieldName, FieldProblem, FormFields } from './payment-form.ts'

/** What the view `hosted-page` shows while money can still be taken. */
export type HostedPage = {
  title: string
  kind: 'hosted-page'
  action: string
  total: string
  payLabel: string
  description: string | null
  backUrl: string | null
  expiresAt: string
  expires: string
  takesBankAccounts: boolean
  method: 'card' | 'bank_account'
  decline: { code: string; message: string } | undefined
  problems: FieldProblem[]
  problemOf: Partial<Record<FieldName, string>>
  values: Partial<Record<FieldName, string>>
  testCards: { href: string; number: string; label: string; chosen: boolean }[]
  testBank: { routingNumber: string; accounts: { number: string; label: string }[] }
}

/** What happened to the form that was sent, if one was. */
export type Attempt = {
  fields?: FormFields
  problems?: FieldProblem[]
  declined?: Payment
  /** A number of the list of test cards, to fill the form with. */
  chosenCard?: string
}

const SHOWN_CARDS = [
  '4242424242424242',
  '5555555555554444',
  '378282246310005',
  '4000000000000002',
  '4000000000009995',
  '4000000000000069',
  '4000000000000127',
  '4000000000000119',
]

const timeFormat = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
})

export function hostedPage(
  session: CheckoutSession,
  intent: PaymentIntent,
  now: Date,
  attempt: Attempt = {},
): HostedPage {
  const total = formatMoneyWithCode(intent.amount, intent.currency)
  const problems = attempt.problems ?? []
  const decline = attempt.declined && declineOf(attempt.declined)
  const takesBankAccounts = takesBankAccountsIn(intent)
  const action = `/r/${session.id}`

  return {
    title: `${problems.length > 0 || decline ? 'Error: ' : ''}Pay ${total}`,
    kind: 'hosted-page',
    action,
    total,
    payLabel: `Pay ${formatMoney(intent.amount, intent.currency)}`,
    description: intent.description,
    backUrl: session.back_url,
    expiresAt: session.expires_at,
    expires: `${timeFormat.format(new Date(session.expires_at))} UTC`,
    takesBankAccounts,
    method:
      takesBankAccounts && attempt.fields?.method === 'bank_account' ? 'bank_account' : 'card',
    decline,
    problems,
    problemOf: Object.fromEntries(problems.map(({ field, message }) => [field, message])),
    values: valuesOf(attempt, now),
    testCards: TEST_CARDS.filter(({ number }) => SHOWN_CARDS.includes(number)).map(
      ({ number, brand, label, decline }) => ({
        href: `${action}?card=${number}#card`,
        number: grouped(number),
        label: decline ? label : `${brand} ${label}`,
        chosen: number === attempt.chosenCard,
      }),
    ),
    testBank: { routingNumber: TEST_ROUTING_NUMBER, accounts: [...TEST_BANK_ACCOUNTS] },
  }
}

/** Canadian accounts take cards only. */
export function takesBankAccountsIn({ currency }: PaymentIntent): boolean {
  return currency === 'usd'
}

function declineOf({ error_code, decline_code, error_description }: Payment) {
  return { code: decline_code ?? error_code ?? '', message: error_description ?? '' }
}

/** Everything that was typed but the number and the security code, or a chosen test card. */
function valuesOf({ fields, chosenCard }: Attempt, now: Date): HostedPage['values'] {
  if (fields) {
    const { number, verification, account_number, ...harmless } = fields
    return harmless
  }
  const card = chosenCard === undefined ? undefined : findTestCard(chosenCard)
  if (!card) return {}
  return {
    number: grouped(card.number),
    month: '12',
    year: String(now.getUTCFullYear() + 1),
    verification: card.brand === 'American Express' ? '1234' : '123',
    name: 'Test Customer',
    postal_code: '55401',
  }
}

function grouped(number: string): string {
  const groups = number.length === 15 ? /^(\d{4})(\d{6})(\d{5})$/ : /^(\d{4})(\d{4})(\d{4})(\d{4})$/
  return number.replace(groups, (_, ...parts) => parts.slice(0, -2).join(' '))
}
