import type { Decline } from './decline.ts'

/**
 * A bank account that JustiFi's documentation gives for tests. Each payment from one begins
 * pending; `decline` is what it fails with, if it fails.
 */
export type TestBankAccount = { number: string; label: string; decline: Decline }

export const TEST_ROUTING_NUMBER = '110000000'

export const TEST_BANK_ACCOUNTS: readonly TestBankAccount[] = [
  {
    number: '000123456789',
    label: 'For a payment that clears',
    decline: { code: 'payment_returned', description: 'The bank returned the payment.' },
  },
  {
    number: '000222222227',
    label: 'Not enough money',
    decline: { code: 'insufficient_funds', description: 'The account has not enough money.' },
  },
  {
    number: '000333333335',
    label: 'Debits not allowed',
    decline: { code: 'debit_not_authorized', description: 'The account does not allow debits.' },
  },
  {
    number: '000111111113',
    label: 'Closed account',
    decline: { code: 'account_closed', description: 'The account is closed.' },
  },
  {
    number: '000111111116',
    label: 'No such account',
    decline: { code: 'no_account', description: 'The account does not exist.' },
  },
]

const BY_NUMBER = new Map(TEST_BANK_ACCOUNTS.map((account) => [account.number, account]))

// A payment's record keeps four digits, which are enough to tell the test accounts apart.
const DECLINES = new Map(
  TEST_BANK_ACCOUNTS.map(({ number, decline }) => [number.slice(-4), decline]),
)

export function findTestBankAccount(number: string): TestBankAccount | undefined {
  return BY_NUMBER.get(number)
}

export function declineOfBankAccount(lastFour: string): Decline | undefined {
  return DECLINES.get(lastFour)
}
