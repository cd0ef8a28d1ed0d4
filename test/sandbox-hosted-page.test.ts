import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  GOOD_BANK_ACCOUNT,
  GOOD_CARD,
  openSandbox,
  type SandboxClient,
} from './support/sandbox-client.ts'

const DAY_SECONDS = 86_400
const AFTER_PAYMENT = 'http://shop.test/orders/abc/after-payment'

let justifi: SandboxClient

beforeEach(async () => {
  justifi = await openSandbox()
})
afterEach(() => justifi.close())

async function openOne(intentBody: object = {}, urls: object = {}) {
  const { id } = await justifi.createIntent(intentBody)
  return { intentId: id as string, sessionId: await justifi.createSession(id, urls) }
}

const card = (number: string, others: object = {}) => ({ ...GOOD_CARD, number, ...others })

describe('the hosted page', () => {
  it('shows what is to be paid, says that no money moves, and needs no script', async () => {
    const { sessionId } = await openOne({ amount: 8420, currency: 'cad', description: 'Order 7' })
    const page = await justifi.openPage(sessionId)

    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('cache-control')).toBe('no-store')
    for (const words of ['$84.20 CAD', 'Order 7', 'No money moves', 'Back to the shop']) {
      expect(page.text).toContain(words)
    }
    expect(page.text).toContain('href="http://shop.test/orders/abc/back"')
    expect(page.text).not.toContain('<script')
    for (const name of ['number', 'month', 'year', 'verification', 'name', 'postal_code']) {
      expect(page.text).toContain(`name="${name}"`)
    }
  })

  it('X01: escapes what the shop wrote', async () => {
    const { sessionId } = await openOne(
      { description: '"><script>alert(1)</script>' },
      { back_url: 'http://shop.test/"><b>' },
    )
    const page = await justifi.openPage(sessionId)

    expect(page.text).toContain('&lt;script&gt;')
    expect(page.text).not.toMatch(/<script>|<b>/)
  })

  it('has no way back where the shop gave none', async () => {
    const { sessionId } = await openOne({}, { back_url: undefined })
    expect((await justifi.openPage(sessionId)).text).not.toContain('Back to the shop')
  })

  it('X15: lets its form end at the shop, and nowhere else', async () => {
    const { sessionId } = await openOne({}, { after_payment_url: 'https://shop.test:8443/a;b?c' })
    const policy = (await justifi.openPage(sessionId)).headers.get('content-security-policy')

    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self' https://shop.test:8443")
  })

  it('takes bank accounts for US dollars only', async () => {
    const us = await openOne()
    expect((await justifi.openPage(us.sessionId)).text).toContain('name="routing_number"')

    await justifi.control('POST', '/reset')
    const canada = await openOne({ currency: 'cad' })
    const refused = await justifi.pay(canada.sessionId, GOOD_BANK_ACCOUNT)
    expect((await justifi.openPage(canada.sessionId)).text).not.toContain('routing_number')
    expect(refused.status).toBe(422)
    expect(await justifi.paymentsOf(canada.intentId)).toEqual([])
  })

  it('fills in a test card when one is chosen', async () => {
    const { sessionId } = await openOne()
    const fill = (number: string) =>
      justifi.send('GET', `/r/${sessionId}?card=${number}`, {}).then(({ text }) => text)

    expect(await fill('378282246310005')).toContain('value="3782 822463 10005"')
    expect(await fill('4111111111111111')).not.toContain('4111')
  })

  it('is unknown under any other address', async () => {
    const page = await justifi.openPage('0'.repeat(64))
    const paying = await justifi.pay('0'.repeat(64))

    expect([page.status, paying.status]).toEqual([404, 404])
    expect(page.text).toContain('does not exist')
  })
})

describe('paying by card', () => {
  it.each([
    ['4242424242424242', 'Visa'],
    ['4000056655665556', 'Visa'],
    ['5555555555554444', 'Mastercard'],
    ['2223003122003222', 'Mastercard'],
    ['5200828282828210', 'Mastercard'],
    ['5105105105105100', 'Mastercard'],
    ['378282246310005', 'American Express'],
    ['371449635398431', 'American Express'],
    ['6011000990139424', 'Discover'],
  ])('succeeds with %s and leads on to the shop', async (number, brand) => {
    const { intentId, sessionId } = await openOne()
    const verification = brand === 'American Express' ? '1234' : '123'
    const paid = await justifi.pay(sessionId, card(number, { verification }))

    expect([paid.status, paid.headers.get('location')]).toEqual([303, AFTER_PAYMENT])
    const [payment] = await justifi.paymentsOf(intentId)
    expect(payment).toMatchObject({ status: 'succeeded', payment_method: { card: { brand } } })
    expect(await justifi.getIntent(intentId)).toMatchObject({
      status: 'succeeded',
      successful_payment_id: payment.id,
      payment_method: { card: { acct_last_four: number.slice(-4) } },
    })
  })

  it.each([
    ['4000000000000002', 'card_declined', null],
    ['4000000000009995', 'card_declined', 'insufficient_funds'],
    ['4000000000009987', 'card_declined', 'lost_card'],
    ['4000000000009979', 'card_declined', 'stolen_card'],
    ['4000000000000069', 'expired_card', null],
    ['4000000000000127', 'invalid_cvc', null],
    ['4000000000000101', 'invalid_cvc', null],
    ['4000000000000119', 'gateway_error', null],
    ['4000000000000341', 'card_declined', null],
  ])('is declined with %s, which stays on the page', async (number, code, finer) => {
    const { intentId, sessionId } = await openOne()
    const page = await justifi.pay(sessionId, card(number))

    const [payment, ...others] = await justifi.paymentsOf(intentId)
    expect(others).toEqual([])
    expect(payment).toMatchObject({
      status: 'failed',
      captured: false,
      error_code: code,
      decline_code: finer,
      error_description: expect.any(String),
      fees: [],
    })
    expect(page.status).toBe(422)
    expect(page.text).toContain(payment.error_description)
    expect(page.text).toContain(`data-error-code="${finer ?? code}"`)
    expect(page.text).toContain('name="number"')
    expect(await justifi.getIntent(intentId)).toMatchObject({
      status: 'requires_payment_method',
      successful_payment_id: null,
    })
  })

  it('O07: goes on after a decline, on the same page and intent', async () => {
    const { intentId, sessionId } = await openOne()
    await justifi.pay(sessionId, card('4000000000000002'))
    await justifi.pay(sessionId, card('4000000000009995'))
    expect((await justifi.pay(sessionId)).status).toBe(303)

    const payments = await justifi.paymentsOf(intentId)
    expect(payments.map(({ status }: { status: string }) => status)).toEqual([
      'failed',
      'failed',
      'succeeded',
    ])
    const { created_at, updated_at } = await justifi.getIntent(intentId)
    expect(updated_at > created_at).toBe(true)
  })

  it.each([
    ['number', '4242424242424241', 'card_number_invalid'],
    ['number', '4111111111111111', 'card_number_invalid'],
    ['number', 'tea', 'card_number_invalid'],
    ['number', '', 'card_number_required'],
    ['month', '13', 'invalid_expiry_month'],
    ['month', '', 'invalid_expiry_month'],
    ['year', '209', 'invalid_expiry_year'],
    ['year', '2020', 'expired_card'],
    ['verification', '12', 'invalid_cvc'],
    ['verification', '1234', 'invalid_cvc'],
    ['method', 'cheque', 'payment_method_required'],
  ])('records nothing when %s is %j', async (field, value, code) => {
    const { intentId, sessionId } = await openOne()
    const page = await justifi.pay(sessionId, { ...GOOD_CARD, [field]: value })

    expect(page.status).toBe(422)
    expect(page.text).toContain(`data-error-code="${code}"`)
    expect(await justifi.paymentsOf(intentId)).toEqual([])
    expect((await justifi.getIntent(intentId)).status).toBe('requires_payment_method')
  })

  it('D09: gives no number and no security code back, and keeps neither', async () => {
    const { sessionId } = await openOne()
    const number = '4111 1111 1111 1111'
    const page = await justifi.pay(sessionId, card(number, { verification: '987' }))

    expect(page.text).toContain('value="Ada Tester"')
    expect(page.text).not.toMatch(/4111|\b987\b/)
    expect(JSON.stringify(await justifi.state())).not.toContain('4111')
  })

  it('judges a card’s expiry by the sandbox’s clock', async () => {
    const { now } = await justifi.state()
    const thisMonth = {
      month: String(new Date(now).getUTCMonth() + 1),
      year: String(new Date(now).getUTCFullYear()),
    }
    const good = await openOne()
    expect((await justifi.pay(good.sessionId, { ...GOOD_CARD, ...thisMonth })).status).toBe(303)

    await justifi.advance(32 * DAY_SECONDS)
    await justifi.renewToken()
    const late = await justifi.createSession((await justifi.createIntent()).id)
    const page = await justifi.pay(late, { ...GOOD_CARD, ...thisMonth })
    expect(page.text).toContain('data-error-code="expired_card"')
  })

  it('reads a year of two digits', async () => {
    const { sessionId } = await openOne()
    expect((await justifi.pay(sessionId, { ...GOOD_CARD, year: '99' })).status).toBe(303)
  })

  it('is refused by a session that was used to pay', async () => {
    const { intentId, sessionId } = await openOne()
    await justifi.pay(sessionId)
    const again = await justifi.pay(sessionId)

    expect(again.status).toBe(409)
    expect(again.text).toContain('already paid')
    expect((await justifi.openPage(sessionId)).status).toBe(200)
    expect(await justifi.paymentsOf(intentId)).toHaveLength(1)
  })

  it('leads to an address with letters of any script', async () => {
    const { sessionId } = await openOne({}, { after_payment_url: 'http://shop.test/тея?q=ü' })
    const { headers } = await justifi.pay(sessionId)
    expect(headers.get('location')).toBe('http://shop.test/%D1%82%D0%B5%D1%8F?q=%C3%BC')
  })
})

describe('paying from a bank account', () => {
  it('O16: is pending at first, and takes no second payment meanwhile', async () => {
    const { intentId, sessionId } = await openOne()
    const sent = await justifi.pay(sessionId, GOOD_BANK_ACCOUNT)

    expect([sent.status, sent.headers.get('location')]).toEqual([303, AFTER_PAYMENT])
    expect(await justifi.paymentsOf(intentId)).toMatchObject([
      {
        status: 'pending',
        captured: false,
        payment_mode: 'ach',
        payment_method: {
          bank_account: { account_number_last4: '6789', account_owner_name: 'Ada Tester' },
        },
      },
    ])
    expect((await justifi.getIntent(intentId)).status).toBe('pending')
    const again = await justifi.pay(sessionId)
    expect(again.status).toBe(409)
    expect(again.text).toContain('Do not pay again')
  })

  it('ends well when the bank pays', async () => {
    const { intentId, sessionId } = await openOne()
    await justifi.pay(sessionId, GOOD_BANK_ACCOUNT)
    const [pending] = await justifi.paymentsOf(intentId)
    const settled = await justifi.control('POST', `/payments/${pending.id}/settle`, {
      status: 'succeeded',
    })

    expect(settled.status).toBe(200)
    expect(await justifi.paymentsOf(intentId)).toEqual([settled.body])
    expect(settled.body).toMatchObject({ status: 'succeeded', captured: true })
    expect(settled.body.updated_at > pending.updated_at).toBe(true)
    expect(await justifi.getIntent(intentId)).toMatchObject({
      status: 'succeeded',
      successful_payment_id: pending.id,
    })
  })

  it.each([
    ['000222222227', 'insufficient_funds'],
    ['000333333335', 'debit_not_authorized'],
    ['000111111113', 'account_closed'],
    ['000111111116', 'no_account'],
  ])('can be tried again when account %s fails', async (account_number, code) => {
    const { intentId, sessionId } = await openOne()
    await justifi.pay(sessionId, { ...GOOD_BANK_ACCOUNT, account_number })
    const [pending] = await justifi.paymentsOf(intentId)
    await justifi.control('POST', `/payments/${pending.id}/settle`, { status: 'failed' })

    expect(await justifi.paymentsOf(intentId)).toMatchObject([
      { status: 'failed', error_code: code },
    ])
    expect((await justifi.getIntent(intentId)).status).toBe('requires_payment_method')
    expect((await justifi.pay(sessionId)).status).toBe(303)
  })

  it.each([
    ['routing_number', '021000021', 'routing_number_invalid'],
    ['account_number', '123', 'account_number_invalid'],
    ['account_owner_name', '', 'account_owner_name_required'],
  ])('records nothing when %s is %j', async (field, value, code) => {
    const { intentId, sessionId } = await openOne()
    const page = await justifi.pay(sessionId, { ...GOOD_BANK_ACCOUNT, [field]: value })

    expect(page.status).toBe(422)
    expect(page.text).toContain(`data-error-code="${code}"`)
    expect(page.text).toMatch(/value="bank_account" checked/)
    expect(await justifi.paymentsOf(intentId)).toEqual([])
  })
})

describe('two sessions of one intent', () => {
  async function openTwo() {
    const { intentId, sessionId } = await openOne()
    return { intentId, first: sessionId, second: await justifi.createSession(intentId) }
  }
  const statusesOf = async (intentId: string) =>
    (await justifi.paymentsOf(intentId)).map(({ status }: { status: string }) => status)

  it('O10: can both take the money, and the intent names the first payment', async () => {
    const { intentId, first, second } = await openTwo()
    await justifi.pay(first)
    const paidOnce = await justifi.getIntent(intentId)
    const paidAgain = await justifi.pay(second)
    const [one, other] = await justifi.paymentsOf(intentId)

    expect([paidAgain.status, paidAgain.headers.get('location')]).toEqual([303, AFTER_PAYMENT])
    expect(await statusesOf(intentId)).toEqual(['succeeded', 'succeeded'])
    expect(paidOnce.successful_payment_id).toBe(one.id)
    expect(await justifi.getIntent(intentId)).toEqual(paidOnce)
    expect((await justifi.state()).checkout_sessions).toMatchObject([
      { id: first, payment_id: one.id },
      { id: second, payment_id: other.id },
    ])
    expect(await justifi.eventsOf(other.id)).toContain('payment.succeeded')
    const paidEvents = (await justifi.eventsOf(intentId)).filter(
      (name) => name === 'payment_intent.succeeded',
    )
    expect(paidEvents).toHaveLength(1)
  })

  it('O10: take one payment each', async () => {
    const { intentId, first, second } = await openTwo()
    const replies = await Promise.all(
      [first, second, first, second].map((session) => justifi.pay(session)),
    )

    expect(replies.map(({ status }) => status).sort()).toEqual([303, 303, 409, 409])
    expect(await statusesOf(intentId)).toEqual(['succeeded', 'succeeded'])
  })

  it('O10: offer no payment once the intent is paid, to whoever opens one only then', async () => {
    const { first, second } = await openTwo()
    expect((await justifi.openPage(second)).text).toContain('name="number"')
    await justifi.pay(first)
    const page = await justifi.openPage(second)

    expect(page.status).toBe(200)
    expect(page.text).toContain('already paid')
    expect(page.text).not.toContain('name="number"')
  })

  it('leave the intent paid when the second try is declined', async () => {
    const { intentId, first, second } = await openTwo()
    await justifi.pay(first)
    const paid = await justifi.getIntent(intentId)
    const declined = await justifi.pay(second, card('4000000000000002'))

    expect(declined.status).toBe(422)
    expect(await justifi.getIntent(intentId)).toEqual(paid)
    expect(await statusesOf(intentId)).toEqual(['succeeded', 'failed'])
    expect((await justifi.pay(second)).status).toBe(303)
  })

  it.each(['succeeded', 'failed'])(
    'keep the card’s payment when the bank’s has %s later',
    async (status) => {
      const { intentId, first, second } = await openTwo()
      await justifi.pay(first, GOOD_BANK_ACCOUNT)
      await justifi.pay(second)
      const [bank, charged] = await justifi.paymentsOf(intentId)
      const paid = await justifi.getIntent(intentId)
      await justifi.settle('payments', bank.id, status)

      expect(paid).toMatchObject({
        status: 'succeeded',
        successful_payment_id: charged.id,
        payment_method: { card: { acct_last_four: '4242' } },
      })
      expect(await justifi.getIntent(intentId)).toEqual(paid)
      expect(await statusesOf(intentId)).toEqual([status, 'succeeded'])
    },
  )

  it('O17: leave the intent to the second payment when the first is taken back', async () => {
    const { intentId, first, second } = await openTwo()
    await justifi.pay(first, GOOD_BANK_ACCOUNT)
    const [bank] = await justifi.paymentsOf(intentId)
    await justifi.settle('payments', bank.id, 'succeeded')
    await justifi.pay(second)
    const [, charged] = await justifi.paymentsOf(intentId)
    expect((await justifi.getIntent(intentId)).successful_payment_id).toBe(bank.id)
    await justifi.settle('payments', bank.id, 'failed')

    expect(await justifi.getIntent(intentId)).toMatchObject({
      status: 'succeeded',
      successful_payment_id: charged.id,
    })
  })

  it('end with their own 24 hours, whatever the other did', async () => {
    const { first, second } = await openTwo()
    await justifi.pay(first)
    await justifi.advance(DAY_SECONDS + 1)

    expect((await justifi.pay(second)).status).toBe(410)
  })
})

describe('a session', () => {
  it('O15: is dead after 24 hours of the sandbox’s time', async () => {
    const { intentId, sessionId } = await openOne()
    await justifi.advance(DAY_SECONDS - 60)
    expect((await justifi.openPage(sessionId)).status).toBe(200)

    await justifi.advance(61)
    const page = await justifi.openPage(sessionId)
    expect(page.status).toBe(410)
    expect(page.text).toContain('has expired')
    expect((await justifi.pay(sessionId)).status).toBe(410)

    await justifi.renewToken()
    expect(await justifi.paymentsOf(intentId)).toEqual([])
    const fresh = await justifi.createSession(intentId)
    expect((await justifi.pay(fresh)).status).toBe(303)
    expect((await justifi.openPage(sessionId)).text).toContain('already paid')
  })
})
