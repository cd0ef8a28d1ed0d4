import type { Decline } from './decline.ts'

/** A card that JustiFi's documentation gives for tests, and what comes of paying with it. */
export type TestCard = {
  number: string
  brand: 'Visa' | 'Mastercard' | 'American Express' | 'Discover'
  /** What it shows, for whoever picks one. */
  label: string
  decline?: Decline
}

export const TEST_CARDS: readonly TestCard[] = [
  { number: '4242424242424242', brand: 'Visa', label: 'succeeds' },
  { number: '4000056655665556', brand: 'Visa', label: 'succeeds (debit)' },
  { number: '5555555555554444', brand: 'Mastercard', label: 'succeeds' },
  { number: '2223003122003222', brand: 'Mastercard', label: 'succeeds' },
  { number: '5200828282828210', brand: 'Mastercard', label: 'succeeds (debit)' },
  { number: '5105105105105100', brand: 'Mastercard', label: 'succeeds (prepaid)' },
  { number: '378282246310005', brand: 'American Express', label: 'succeeds' },
  { number: '371449635398431', brand: 'American Express', label: 'succeeds' },
  { number: '6011000990139424', brand: 'Discover', label: 'succeeds' },
  {
    number: '4000000000000002',
    brand: 'Visa',
    label: 'Declined',
    decline: { code: 'card_declined', description: 'The card was declined.' },
  },
  {
    number: '4000000000009995',
    brand: 'Visa',
    label: 'Not enough money',
    decline: {
      code: 'card_declined',
      declineCode: 'insufficient_funds',
      description: 'The card was declined: not enough money is available.',
    },
  },
  {
    number: '4000000000009987',
    brand: 'Visa',
    label: 'Lost card',
    decline: {
      code: 'card_declined',
      declineCode: 'lost_card',
      description: 'The card was declined: it is reported lost.',
    },
  },
  {
    number: '4000000000009979',
    brand: 'Visa',
    label: 'Stolen card',
    decline: {
      code: 'card_declined',
      declineCode: 'stolen_card',
      description: 'The card was declined: it is reported stolen.',
    },
  },
  {
    number: '4000000000000069',
    brand: 'Visa',
    label: 'Expired card',
    decline: { code: 'expired_card', description: 'The card has expired.' },
  },
  {
    number: '4000000000000127',
    brand: 'Visa',
    label: 'Wrong security code',
    decline: { code: 'invalid_cvc', description: 'The security code is not right.' },
  },
  {
    number: '4000000000000101',
    brand: 'Visa',
    label: 'Security code check fails',
    decline: { code: 'invalid_cvc', description: 'The security code could not be confirmed.' },
  },
  {
    number: '4000000000000119',
    brand: 'Visa',
    label: 'Processing error',
    decline: { code: 'gateway_error', description: 'The card could not be processed just now.' },
  },
  {
    number: '4000000000000341',
    brand: 'Visa',
    label: 'Accepted, then declined',
    decline: { code: 'card_declined', description: 'The card was declined when it was charged.' },
  },
]

const BY_NUMBER = new Map(TEST_CARDS.map((card) => [card.number, card]))

export function findTestCard(number: string): TestCard | undefined {
  return BY_NUMBER.get(number)
}

/** The check digit of a card number (Luhn). */
export function hasValidCheckDigit(number: string): boolean {
  const sum = Array.from(number)
    .reverse()
    .map((digit, place) => Number(digit) * (place % 2 === 0 ? 1 : 2))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0)
  return sum % 10 === 0
}
