import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { JustifiContractError, JustifiRefusedError } from '../src/justifi/errors.ts'
import {
  enveloped,
  type FakeJustifi,
  failure,
  intentRecord,
  json,
  listOf,
  paymentRecord,
  startFakeJustifi,
} from './support/fake-justifi.ts'
import { failureOf, openJustifi, page, prepared, purchase } from './support/justifi-under-test.ts'

const CREATE = 'POST /v1/payment_intents'
const OPEN = 'POST /v1/checkout_sessions'
const GET = 'GET /v1/payment_intents/pi_1'
const TRIES = 'GET /v1/payment_intents/pi_1/payments'
const PAYMENT = 'GET /v1/payments/py_1'
const DATE = 'Fri, 14 Mar 2031 09:26:53 GMT'

describe('hosted checkout by sessions', () => {
  let fake: FakeJustifi
  let justifi: ReturnType<typeof openJustifi>['justifi']
  let logged: ReturnType<typeof openJustifi>['logged']

  beforeEach(async () => {
    fake = await startFakeJustifi()
    ;({ justifi, logged } = openJustifi(fake))
  })
  afterEach(() => fake.close())

  describe('prepare', () => {
    it('creates a payment intent of the sub account, with key and whole cents', async () => {
      expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_1' })

      const [call] = fake.to(CREATE)
      expect(call?.headers).toMatchObject({
        'sub-account': 'acc_1',
        'idempotency-key': purchase.idempotencyKey,
        'content-type': 'application/json',
      })
      expect(JSON.parse(call?.body ?? '')).toEqual({
        amount: 4200,
        currency: 'usd',
        description: 'Order K7QM2XR4 at Tea',
        metadata: { order: 'K7QM2XR4' },
      })
    })

    it('takes an intent that comes bare', async () => {
      fake.next(CREATE, json(201, intentRecord({ id: 'pi_bare' })))

      expect(await justifi.prepare(purchase)).toEqual({ reference: 'pi_bare' })
    })

    it.each([
      ['amount', { amount: 4201 }],
      ['currency', { currency: 'cad' }],
      ['account', { account_id: 'acc_other' }],
    ])('P14: sends nobody to pay an intent of another %s', async (_, change) => {
      fake.next(CREATE, json(201, enveloped('payment_intent', intentRecord(change))))

      expect(await failureOf(justifi.prepare(purchase))).toBeInstanceOf(JustifiContractError)
    })
  })

  describe('open', () => {
    it("opens a page that lives for 24 hours by JustiFi's clock", async () => {
      const id = 'a1b2'.repeat(16)
      fake.next(OPEN, json(201, { id: 1, data: { checkout_session_id: id } }, { Date: DATE }))

      expect(await justifi.open(page)).toEqual({
        pageId: id,
        url: `https://checkout.justifi.test/r/${id}`,
        expiresAt: new Date('2031-03-15T09:26:53Z'),
      })
      const [call] = fake.to(OPEN)
      expect(call?.headers).toMatchObject({
        'sub-account': 'acc_1',
        'idempotency-key': page.idempotencyKey,
      })
      expect(JSON.parse(call?.body ?? '')).toEqual({
        payment_intent_id: 'pi_1',
        after_payment_url: page.afterPaymentUrl,
        back_url: page.backUrl,
      })
    })

    it.each([
      ['no Date', ''],
      ['a Date that is none', 'yesterday'],
    ])('falls back to the local clock for an answer with %s, and says so once', async (_, date) => {
      const answer = { id: 'cs_1' }
      const undated = (headers: Record<string, string>) =>
        json(201, answer, date ? { ...headers, Date: date } : headers)
      for (let call = 0; call < 2; call++) {
        fake.next(OPEN, (req, res) => {
          res.sendDate = false
          undated({})(req, res)
        })
        const { expiresAt } = await justifi.open(page)
        expect(expiresAt).toEqual(new Date('2001-01-02T00:00:00Z'))
      }
      expect(logged().filter(({ msg }) => msg.includes('local clock'))).toHaveLength(1)
    })

    it('makes the address by the template, whatever the id holds', () => {
      expect(justifi.pageUrl('a/b?c#d$&')).toBe(
        'https://checkout.justifi.test/r/a%2Fb%3Fc%23d%24%26',
      )
      expect(justifi.pageOrigin).toBe('https://checkout.justifi.test')
    })
  })

  describe('observe', () => {
    it('tells of the intent and of every try on it, oldest first', async () => {
      const paid = intentRecord({ status: 'succeeded', successful_payment_id: 'py_1' })
      fake.next(GET, json(200, enveloped('payment_intent', paid), { Date: DATE }))
      const declined = paymentRecord({
        id: 'py_0',
        status: 'failed',
        error_code: 'card_declined',
        error_description: 'Issuer said no',
        fee_amount: null,
        created_at: '2025-03-14T09:01:00.250Z',
      })
      fake.next(TRIES, json(200, listOf([paymentRecord(), declined])))

      const seen = await justifi.observe(prepared)

      expect(seen).toMatchObject({
        reference: 'pi_1',
        accountId: 'acc_1',
        amountCents: 4200,
        currency: 'usd',
        state: 'succeeded',
        at: new Date('2031-03-14T09:26:53Z'),
      })
      expect(seen.payments.map(({ id }) => id)).toEqual(['py_0', 'py_1'])
      expect(seen.payments[0]).toMatchObject({
        status: 'failed',
        errorCode: 'card_declined',
        errorMessage: 'Issuer said no',
        feeCents: null,
        createdAt: new Date('2025-03-14T09:01:00.250Z'),
      })
      expect(seen.payments[1]).toEqual({
        id: 'py_1',
        accountId: 'acc_1',
        isTest: true,
        status: 'succeeded',
        amountCents: 4200,
        currency: 'usd',
        refundedCents: 0,
        disputedCents: 0,
        feeCents: 152,
        method: 'card',
        brand: 'Visa',
        lastFour: '4242',
        errorCode: null,
        errorMessage: null,
        createdAt: new Date('2025-03-14T09:05:00Z'),
        updatedAt: new Date('2025-03-14T09:05:01Z'),
      })
      expect(fake.to(PAYMENT)).toEqual([])
    })

    it('passes on account, amount and currency that are not those of the order', async () => {
      const other = { account_id: 'acc_other', amount: 1, currency: 'EUR' }
      fake.next(GET, json(200, enveloped('payment_intent', intentRecord(other))))

      expect(await justifi.observe(prepared)).toMatchObject({
        accountId: 'acc_other',
        amountCents: 1,
        currency: 'eur',
      })
    })

    it('asks for the payment that the intent names where the list lacks it', async () => {
      const paid = intentRecord({ status: 'succeeded', successful_payment_id: 'py_1' })
      fake.next(GET, json(200, enveloped('payment_intent', paid)))
      fake.next(PAYMENT, json(200, enveloped('payment', paymentRecord())))

      const { payments } = await justifi.observe(prepared)

      expect(payments.map(({ id }) => id)).toEqual(['py_1'])
      expect(fake.to(PAYMENT)[0]?.headers['sub-account']).toBe('acc_1')
    })

    it('reads every page of the list, each payment once, the newer reading of it', async () => {
      const next = (end_cursor: string) => ({ has_next: true, end_cursor })
      const py = (id: string, status: string) => paymentRecord({ id, status })
      fake.next(
        TRIES,
        json(200, listOf([py('py_3', 'failed'), py('py_2', 'pending')], next('c&1'))),
        json(200, listOf([py('py_2', 'failed')], next('c2'))),
        json(200, listOf([py('py_1', 'failed')])),
      )

      const { payments } = await justifi.observe(prepared)

      expect(payments.map(({ id, status }) => `${id} ${status}`)).toEqual([
        'py_1 failed',
        'py_2 failed',
        'py_3 failed',
      ])
      expect(fake.to(TRIES).map(({ query }) => query.get('after_cursor'))).toEqual([
        null,
        'c&1',
        'c2',
      ])
    })

    it.each([
      ['goes round in circles', { has_next: true, end_cursor: 'same' }],
      ['has a next page and no cursor', { has_next: true, end_cursor: '' }],
      ['has a next page of no known kind', { has_next: 'yes', end_cursor: 'c' }],
    ])('drops nothing silently: a list that %s is no answer', async (_, pageInfo) => {
      fake.always(TRIES, json(200, listOf([], pageInfo)))

      expect(await failureOf(justifi.observe(prepared))).toBeInstanceOf(JustifiContractError)
      expect(fake.to(TRIES).length).toBeLessThanOrEqual(10)
    })

    it("P14: another intent's object is no answer", async () => {
      fake.always(GET, json(200, enveloped('payment_intent', intentRecord({ id: 'pi_other' }))))

      const error = await failureOf(justifi.observe(prepared))

      expect(error).toBeInstanceOf(JustifiContractError)
      expect(error.message).toContain('pi_other')
      expect(fake.to(GET)).toHaveLength(1)
    })

    it.each([
      ['of another intent', { payment_intent_id: 'pi_other' }],
      ['of no intent', { payment_intent_id: null }],
    ])('P14: a payment %s in the list is no answer', async (_, change) => {
      fake.always(TRIES, json(200, listOf([paymentRecord(), paymentRecord(change)])))

      expect(await failureOf(justifi.observe(prepared))).toBeInstanceOf(JustifiContractError)
    })

    it.each([
      ['another payment', { id: 'py_other' }],
      ["another intent's payment", { payment_intent_id: 'pi_other' }],
    ])('P14: %s in place of the named one is no answer', async (_, change) => {
      fake.next(GET, json(200, intentRecord({ successful_payment_id: 'py_1' })))
      fake.next(PAYMENT, json(200, enveloped('payment', paymentRecord(change))))

      expect(await failureOf(justifi.observe(prepared))).toBeInstanceOf(JustifiContractError)
    })

    it('M17: an intent that JustiFi does not know is an error, not an unpaid one', async () => {
      fake.always(GET, failure(404, 'payment_intent_not_found'))

      const error = await failureOf(justifi.observe(prepared))

      expect(error).toBeInstanceOf(JustifiRefusedError)
      expect(error).toMatchObject({ status: 404, code: 'payment_intent_not_found' })
    })

    it('half an answer is none', async () => {
      fake.always(TRIES, failure(404, 'payment_intent_not_found'))

      expect(await failureOf(justifi.observe(prepared))).toBeInstanceOf(JustifiRefusedError)
    })

    it('keeps a strange reference inside its path segment', async () => {
      await justifi.observe({ reference: '../payments/py_1?x#', accountId: 'acc_1' })

      const inside = '/v1/payment_intents/..%2Fpayments%2Fpy_1%3Fx%23'
      expect(fake.received.slice(1).map(({ path }) => path)).toEqual([inside, `${inside}/payments`])
    })
  })

  describe('listPayments', () => {
    it('passes the filters on and tells of the next page', async () => {
      const made = paymentRecord({ payment_intent_id: null })
      fake.next(
        'GET /v1/payments',
        json(200, listOf([made], { has_next: true, end_cursor: 'c1' })),
        json(200, listOf([])),
      )
      const query = {
        accountId: 'acc_9',
        createdAfter: new Date('2025-03-01T00:00:00Z'),
        limit: 100,
      }

      const first = await justifi.listPayments(query)
      const second = await justifi.listPayments({ ...query, afterCursor: 'c1' })

      expect(first.payments).toMatchObject([{ id: 'py_1', reference: null }])
      expect(first.nextCursor).toBe('c1')
      expect(second).toEqual({ payments: [], nextCursor: null })
      const calls = fake.to('GET /v1/payments')
      expect(calls.map(({ headers }) => headers['sub-account'])).toEqual(['acc_9', 'acc_9'])
      expect(Object.fromEntries(calls[1]?.query ?? [])).toEqual({
        created_after: '2025-03-01T00:00:00.000Z',
        after_cursor: 'c1',
        limit: '100',
      })
    })
  })

  it('tells test from live by the client id, and takes no other', () => {
    expect(justifi.mode).toBe('test')
    expect(openJustifi(fake, { clientId: 'live_1' }).justifi.mode).toBe('live')
    expect(() => openJustifi(fake, { clientId: 'staging_1' })).toThrow(RangeError)
  })
})
