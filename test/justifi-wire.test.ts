import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { shaped } from '../src/justifi/answer.ts'
import { JustifiContractError } from '../src/justifi/errors.ts'
import {
  CheckoutSessionId,
  ErrorBody,
  Payment,
  PaymentIntent,
  PaymentList,
  TokenAnswer,
} from '../src/justifi/wire.ts'
import { enveloped, intentRecord, listOf, paymentRecord } from './support/fake-justifi.ts'

const intent = shaped(PaymentIntent, 'a payment intent')
const payment = shaped(Payment, 'a payment')
const list = shaped(PaymentList, 'a list of payments')
const session = shaped(CheckoutSessionId, 'a checkout session')

describe("JustiFi's contradictions are tolerated", () => {
  it.each([
    ['number', 1],
    ['string', 'pi_envelope'],
    ['null', null],
  ])('an envelope whose id is a %s', (_, id) => {
    expect(intent({ id, type: 'object', data: intentRecord(), page_info: null }).id).toBe('pi_1')
  })

  it('a record without an envelope', () => {
    expect(intent(intentRecord()).id).toBe('pi_1')
    expect(payment(paymentRecord()).id).toBe('py_1')
  })

  it.each([
    ['data.checkout_session_id', { id: 1, data: { checkout_session_id: 'a', id: 'b' } }],
    ['data.id', { id: 'c', data: { id: 'a' } }],
    [
      'data.id beside a checkout_session_id of no use',
      { data: { checkout_session_id: 7, id: 'a' } },
    ],
    ['id', { id: 'a' }],
  ])('a session id in %s', (_, body) => {
    expect(session(body)).toBe('a')
  })

  it.each([
    ['requires_payment_method', 'open'],
    ['requires_confirmation', 'open'],
    ['requires_action', 'open'],
    ['pending', 'processing'],
    ['requires_capture', 'authorized'],
    ['succeeded', 'succeeded'],
    ['Succeeded', 'succeeded'],
    ['Canceled', 'canceled'],
    ['constructor', 'unknown'],
    ['a_new_word', 'unknown'],
    ['', 'unknown'],
  ])('P13, P25: an intent that is %p is %s', (status, state) => {
    expect(intent(intentRecord({ status })).state).toBe(state)
  })

  it.each([
    ['succeeded', 'succeeded'],
    ['Succeeded', 'succeeded'],
    ['succeed', 'succeeded'],
    ['fully_refunded', 'fully_refunded'],
    ['refunded', 'unknown'],
    ['automatic', 'unknown'],
    ['__proto__', 'unknown'],
    ['a_new_word', 'unknown'],
  ])('P13, P25: a payment that is %p is %s', (status, ours) => {
    expect(payment(paymentRecord({ status })).status).toBe(ours)
  })

  it.each([
    ['the schema', { account_owner_name: 'A', bank_name: 'B', account_number_last4: '0001' }],
    ['the examples', { name: 'A', brand: 'B', acct_last_four: '0001' }],
    ['digits as a number', { bank_name: 'B', account_number_last4: 1 }],
  ])('a bank account as in %s', (_, account) => {
    const method = { bank_account: account }
    expect(payment(paymentRecord({ payment_method: method }))).toMatchObject({
      method: 'bank_account',
      brand: 'B',
      lastFour: '0001',
    })
  })

  it('keeps four digits of a card and no more', () => {
    const method = { card: { brand: 'Visa', acct_last_four: '4242424242424242' } }
    expect(payment(paymentRecord({ payment_method: method })).lastFour).toBe('4242')
  })

  it.each([[undefined], [null], [{}]])('a payment method that is %p', (method) => {
    const nothing = { method: null, brand: null, lastFour: null }
    expect(payment(paymentRecord({ payment_method: method }))).toMatchObject(nothing)
  })

  it('whole amounts written as strings', () => {
    expect(intent(intentRecord({ amount: '1000' })).amountCents).toBe(1000)
    expect(payment(paymentRecord({ fee_amount: '152' })).feeCents).toBe(152)
  })

  it('currencies in capitals', () => {
    expect(intent(intentRecord({ currency: 'USD' })).currency).toBe('usd')
  })

  it('a decline by its finer code', () => {
    const declined = { error_code: 'card_declined', decline_code: 'insufficient_funds' }
    expect(payment(paymentRecord(declined)).errorCode).toBe('insufficient_funds')
    expect(payment(paymentRecord({ error_code: 'expired_card' })).errorCode).toBe('expired_card')
  })

  it.each([[null], ['string'], [undefined], [{}]])('page_info that is %p', (pageInfo) => {
    const body = { data: [paymentRecord()], page_info: pageInfo }
    expect(list(body)).toMatchObject({ payments: [{ id: 'py_1' }], nextCursor: null })
  })

  it('P25: fields that nobody knows yet', () => {
    expect(intent(enveloped('x', intentRecord({ surprise: { deep: [1] } }))).id).toBe('pi_1')
  })

  it('the end of a token, where there is one', () => {
    const end = (expires_in?: unknown) =>
      TokenAnswer.parse({ access_token: 't', expires_in }).expiresInSeconds
    expect([end(86_400), end('86400')]).toEqual([86_400, 86_400])
    expect([end(), end(null), end(-1), end('soon'), end(0)]).toEqual(Array(5).fill(undefined))
  })

  it.each([
    [{ error: { code: 'a', message: 'b', decline_code: 'c' } }, { code: 'a', message: 'b' }],
    [{ error: { code: null } }, { code: '', message: '' }],
    [{ error: 'text' }, { code: '', message: 'text' }],
    [{}, { code: '', message: '' }],
    [null, { code: '', message: '' }],
    ['text', { code: '', message: '' }],
  ])('the error body %j', (body, expected) => {
    expect(ErrorBody.parse(body)).toEqual(expected)
  })
})

describe('P13: anything else fails closed', () => {
  it.each([
    [1000.5],
    [1e21],
    [-1],
    ['1000.5'],
    ['-1'],
    ['1e3'],
    [''],
    [' 1'],
    ['１０'],
    [null],
    [undefined],
    [true],
    [[1000]],
    ['9'.repeat(16)],
  ])('an amount of %p', (amount) => {
    expect(() => intent(intentRecord({ amount }))).toThrow(JustifiContractError)
    expect(() => payment(paymentRecord({ amount }))).toThrow(JustifiContractError)
    expect(() => payment(paymentRecord({ amount_refunded: amount }))).toThrow(JustifiContractError)
    expect(() => payment(paymentRecord({ amount_disputed: amount }))).toThrow(JustifiContractError)
  })

  it.each(['id', 'account_id', 'amount', 'currency', 'status'])('an intent without %s', (field) => {
    expect(() => intent(intentRecord({ [field]: undefined }))).toThrow(JustifiContractError)
    expect(() => intent(intentRecord({ [field]: {} }))).toThrow(JustifiContractError)
  })

  it.each([
    'id',
    'account_id',
    'amount',
    'amount_refunded',
    'amount_disputed',
    'currency',
    'is_test',
    'status',
    'created_at',
    'updated_at',
  ])('a payment without %s', (field) => {
    expect(() => payment(paymentRecord({ [field]: undefined }))).toThrow(JustifiContractError)
    expect(() => list(listOf([paymentRecord({ [field]: undefined })]))).toThrow(
      JustifiContractError,
    )
  })

  it.each([['..'], ['.'], ['a b'], ['a\nb'], [''], ['é'], [1], ['x'.repeat(256)]])(
    'an id that is %p',
    (id) => {
      expect(() => intent(intentRecord({ id }))).toThrow(JustifiContractError)
      expect(() => session({ data: { checkout_session_id: id } })).toThrow(JustifiContractError)
    },
  )

  it.each([[null], [[]], ['text'], [7], [{}], [{ data: null }], [{ data: [] }]])(
    'a body of %j',
    (body) => {
      expect(() => intent(body)).toThrow(JustifiContractError)
      expect(() => payment(body)).toThrow(JustifiContractError)
      expect(() => session(body)).toThrow(JustifiContractError)
    },
  )

  it('names the fields and no values', () => {
    const secretive = intentRecord({ amount: 'canary-value', currency: 7 })
    expect(() => intent(secretive)).toThrow(/not a payment intent: amount .*; currency /)
    expect(() => intent(secretive)).not.toThrow(/canary-value/)
  })

  it('whatever comes, it is an intent of whole cents or a contract error', () => {
    const anything = fc.anything({ withNullPrototype: true })
    fc.assert(
      fc.property(fc.record({ amount: anything, status: anything }), (change) => {
        try {
          const { amountCents } = intent(intentRecord(change))
          expect(Number.isSafeInteger(amountCents) && amountCents >= 0).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(JustifiContractError)
        }
      }),
    )
  })
})
