import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ACCOUNT, openSandbox, type SandboxClient } from './support/sandbox-client.ts'

const DAY_SECONDS = 86_400

let justifi: SandboxClient

beforeEach(async () => {
  justifi = await openSandbox()
})
afterEach(() => justifi.close())

const codeOf = (reply: Awaited<ReturnType<SandboxClient['refund']>>) => [
  reply.status,
  reply.body.error?.code,
]
const set = (settings: object) => justifi.control('POST', '/settings', settings)

describe('a refund to a card', () => {
  it('succeeds at once, in JustiFi’s envelope', async () => {
    const payment = await justifi.cardPayment()
    const body = {
      amount: 1000,
      reason: 'customer_request',
      description: 'Cold tea',
      metadata: { refund: 'r1' },
    }
    const made = await justifi.refund(payment.id, body)

    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: expect.stringMatching(/^re_[0-9A-Za-z]{22}$/),
      type: 'refund',
      data: {
        id: made.body.id,
        payment_id: payment.id,
        ...body,
        status: 'succeeded',
        returned_fees: [],
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        updated_at: made.body.data.created_at,
      },
      page_info: null,
    })
    const read = await justifi.call('GET', `/v1/refunds/${made.body.id}`)
    expect([read.status, read.text]).toEqual([200, made.text])
    expect((await justifi.state()).refunds).toEqual([made.body.data])
  })

  it('M12: takes part after part from the payment, until all is refunded', async () => {
    const payment = await justifi.cardPayment()
    await justifi.refund(payment.id, { amount: 1000 })
    const partly = await justifi.getPayment(payment.id)
    await justifi.refund(payment.id, { amount: 3200 })
    const fully = await justifi.getPayment(payment.id)

    expect(partly).toMatchObject({
      status: 'partially_refunded',
      amount: 4200,
      amount_refunded: 1000,
      amount_refundable: 3200,
      refunded: true,
      balance: payment.balance - 1000,
    })
    expect(fully).toMatchObject({
      status: 'fully_refunded',
      amount_refunded: 4200,
      amount_refundable: 0,
    })
    expect(partly.updated_at > payment.updated_at).toBe(true)
    expect(fully.updated_at > partly.updated_at).toBe(true)
    expect(fully.refunds).toEqual((await justifi.state()).refunds)
    expect((await justifi.state()).payments).toEqual([fully])
    expect(codeOf(await justifi.refund(payment.id, { amount: 1 }))).toEqual([
      422,
      'payment_fully_refunded',
    ])
  })

  it('leaves the intent paid', async () => {
    const payment = await justifi.cardPayment()
    await justifi.refund(payment.id, { amount: 4200 })

    expect(await justifi.getIntent(payment.payment_intent_id)).toMatchObject({
      status: 'succeeded',
      successful_payment_id: payment.id,
    })
  })

  it('is told of by an event with the key of the request', async () => {
    const payment = await justifi.cardPayment()
    const { body } = await justifi.refund(payment.id, { amount: 1000 }, { key: 'refund-of-mine' })
    const { events } = await justifi.state('events')

    expect(events.at(-1)).toEqual({
      id: expect.stringMatching(/^evt_/),
      event_name: 'payment.refunded',
      account_id: ACCOUNT,
      account_type: 'test',
      platform_account_id: expect.stringMatching(/^acc_/),
      idempotency_key: 'refund-of-mine',
      request_id: expect.stringMatching(/^req_/),
      version: 'v1',
      data: body.data,
    })
  })

  it('M14: can fail after it succeeded, which gives the amount back', async () => {
    const payment = await justifi.cardPayment()
    const { body } = await justifi.refund(payment.id, { amount: 4200 })
    const failed = await justifi.settle('refunds', body.id, 'failed')

    expect([failed.status, failed.body.status]).toEqual([200, 'failed'])
    expect(await justifi.getPayment(payment.id)).toMatchObject({
      status: 'succeeded',
      amount_refunded: 0,
      amount_refundable: 4200,
      refunded: false,
      refunds: [failed.body],
    })
    expect(await justifi.eventsOf(body.id)).toEqual(['payment.refunded', 'payment.refund.updated'])
    expect((await justifi.refund(payment.id, { amount: 4200 })).status).toBe(201)
  })
})

describe('a pending refund', () => {
  const begin = async (amount: number) => {
    const { id } = await justifi.bankPayment()
    await justifi.settle('payments', id, 'succeeded')
    return { paymentId: id, refund: (await justifi.refund(id, { amount })).body.data }
  }

  it('is how one to a bank account begins, and holds its amount back', async () => {
    const { paymentId, refund } = await begin(1000)

    expect(refund.status).toBe('pending')
    expect(await justifi.getPayment(paymentId)).toMatchObject({
      status: 'succeeded',
      amount_refunded: 0,
      amount_refundable: 3200,
      refunds: [{ id: refund.id, status: 'pending' }],
    })
  })

  it('M10: is the only one of its payment that runs', async () => {
    const { paymentId, refund } = await begin(1000)
    expect(codeOf(await justifi.refund(paymentId, { amount: 1 }))).toEqual([
      422,
      'refund_in_progress',
    ])

    await justifi.settle('refunds', refund.id, 'succeeded')
    expect((await justifi.refund(paymentId, { amount: 1 })).status).toBe(201)
  })

  it('counts once it has succeeded', async () => {
    const { paymentId, refund } = await begin(4200)
    const settled = await justifi.settle('refunds', refund.id, 'succeeded')

    expect(settled.body).toMatchObject({ id: refund.id, status: 'succeeded' })
    expect(settled.body.updated_at > refund.updated_at).toBe(true)
    expect(await justifi.getPayment(paymentId)).toMatchObject({
      status: 'fully_refunded',
      amount_refunded: 4200,
    })
    expect(await justifi.eventsOf(refund.id)).toEqual([
      'payment.refunded',
      'payment.refund.updated',
    ])
  })

  it('M14: gives its amount back when it fails', async () => {
    const { paymentId, refund } = await begin(4200)
    await justifi.settle('refunds', refund.id, 'failed')

    expect(await justifi.getPayment(paymentId)).toMatchObject({
      status: 'succeeded',
      amount_refunded: 0,
      amount_refundable: 4200,
      refunds: [{ status: 'failed' }],
    })
    for (const status of ['failed', 'succeeded']) {
      const again = await justifi.settle('refunds', refund.id, status)
      expect(codeOf(again)).toEqual([422, 'refund_not_pending'])
    }
  })

  it('is what one to a card is too, where the settings say so', async () => {
    const { id } = await justifi.cardPayment()
    expect((await set({ refunds: 'pending' })).body).toMatchObject({ refunds: 'pending' })
    const pending = await justifi.refund(id, { amount: 1000 })
    await justifi.settle('refunds', pending.body.id, 'succeeded')
    await set({ refunds: 'succeed' })

    expect(pending.body.data.status).toBe('pending')
    expect((await justifi.refund(id, { amount: 1000 })).body.data.status).toBe('succeeded')
  })

  it('counts from the beginning, where the settings say so', async () => {
    await set({ pending_refunds: 'refunded', refunds: 'pending' })
    const { id } = await justifi.cardPayment()
    const { body } = await justifi.refund(id, { amount: 1000 })

    expect(await justifi.getPayment(id)).toMatchObject({
      status: 'partially_refunded',
      amount_refunded: 1000,
      amount_refundable: 3200,
    })
    await justifi.settle('refunds', body.id, 'failed')
    expect(await justifi.getPayment(id)).toMatchObject({
      status: 'succeeded',
      amount_refunded: 0,
      amount_refundable: 4200,
    })
  })

  it('may also have failed at once', async () => {
    await set({ refunds: 'fail' })
    const { id } = await justifi.cardPayment()
    const { status, body } = await justifi.refund(id, { amount: 1000 })

    expect([status, body.data.status]).toEqual([201, 'failed'])
    expect(await justifi.getPayment(id)).toMatchObject({
      status: 'succeeded',
      amount_refundable: 4200,
    })
  })
})

describe('a refund is refused', () => {
  it.each([
    [{}, 'amount_required', 'amount'],
    [{ amount: null }, 'amount_required', 'amount'],
    [{ amount: '1000' }, 'amount_must_be_an_integer', 'amount'],
    [{ amount: 10.5 }, 'amount_must_be_an_integer', 'amount'],
    [{ amount: 0 }, 'amount_below_minimum', 'amount'],
    [{ amount: -1 }, 'amount_below_minimum', 'amount'],
    [{ amount: 4201 }, 'refund_exceeds_payment_amount', undefined],
    [{ amount: 1e21 }, 'refund_exceeds_payment_amount', undefined],
    [{ amount: 1, reason: 'fradulent' }, 'refund_reason_invalid', 'reason'],
    [{ amount: 1, description: 5 }, 'parameter_invalid', 'description'],
    [{ amount: 1, metadata: [] }, 'parameter_invalid', 'metadata'],
    [{ amount: 1, currency: 'usd' }, 'unexpected_parameter', 'currency'],
    [{ amount: 1, fees: [] }, 'unexpected_parameter', 'fees'],
  ])('M09: for %j', async (body, code, param) => {
    const payment = await justifi.cardPayment()
    const reply = await justifi.refund(payment.id, body)

    expect(codeOf(reply)).toEqual([422, code])
    expect(reply.body.error.param).toBe(param)
    expect((await justifi.state()).refunds).toEqual([])
    expect(await justifi.getPayment(payment.id)).toEqual(payment)
  })

  it('for more than earlier refunds have left', async () => {
    const { id } = await justifi.cardPayment()
    await justifi.refund(id, { amount: 1000 })

    expect(codeOf(await justifi.refund(id, { amount: 3201 }))).toEqual([
      422,
      'refund_exceeds_amount_available',
    ])
    expect((await justifi.refund(id, { amount: 3200 })).status).toBe(201)
  })

  it('M15: for what is disputed, also by the control plane', async () => {
    const { id } = await justifi.cardPayment()
    await justifi.dispute(id, { amount: 3000 })
    const tooMuch = await justifi.refund(id, { amount: 1201 })
    const theRest = await justifi.refund(id, { amount: 1200 })
    const nothing = await justifi.control('POST', `/payments/${id}/refund`)

    expect(codeOf(tooMuch)).toEqual([422, 'refund_exceeds_amount_available'])
    expect(theRest.status).toBe(201)
    expect(codeOf(nothing)).toEqual([422, 'refund_exceeds_amount_available'])
  })

  it('of a payment that is pending, has failed or was taken back', async () => {
    const { id } = await justifi.bankPayment()
    const refused = [await justifi.refund(id, { amount: 1 })]
    await justifi.settle('payments', id, 'succeeded')
    await justifi.settle('payments', id, 'failed')
    refused.push(await justifi.refund(id, { amount: 1 }))

    expect(refused.map(codeOf)).toEqual([
      [422, 'refund_error'],
      [422, 'refund_error'],
    ])
    expect((await justifi.state()).refunds).toEqual([])
  })

  it('of a payment that is unknown or of another account', async () => {
    const { id } = await justifi.cardPayment()
    const replies = [
      await justifi.refund('py_x', { amount: 1 }),
      await justifi.refund(id, { amount: 1 }, { account: 'acc_other' }),
    ]

    for (const reply of replies) expect(codeOf(reply)).toEqual([404, 'resource_not_found'])
  })
})

describe('the key of a refund', () => {
  it('is required', async () => {
    const { id } = await justifi.cardPayment()
    const path = `/v1/payments/${id}/refunds`
    const reply = await justifi.call('POST', path, { body: { amount: 1 } })
    expect(codeOf(reply)).toEqual([400, 'idempotency_key_required'])
  })

  it('P06: brings back the first answer, byte for byte, and refunds nothing again', async () => {
    const { id } = await justifi.cardPayment()
    const refund = (amount: number) => justifi.refund(id, { amount }, { key: 'k' })
    const first = await refund(1000)
    await justifi.settle('refunds', first.body.id, 'failed')

    expect((await refund(1000)).text).toBe(first.text)
    expect(codeOf(await refund(1001))).toEqual([422, 'idempotency_params_mismatch'])
    expect((await justifi.state()).refunds).toHaveLength(1)
  })

  it('stands for one payment', async () => {
    const one = await justifi.cardPayment()
    const other = await justifi.cardPayment()
    await justifi.refund(one.id, { amount: 1000 }, { key: 'k' })
    const reply = await justifi.refund(other.id, { amount: 1000 }, { key: 'k' })

    expect(codeOf(reply)).toEqual([422, 'idempotency_params_mismatch'])
  })

  it('P07: answers 409 while its refund is under way, and refunds once', async () => {
    const { id } = await justifi.cardPayment()
    const path = `/v1/payments/${id}/refunds`
    await justifi.control('POST', '/faults', { method: 'POST', path, kind: 'delay', delay_ms: 800 })
    const first = justifi.refund(id, { amount: 1000 }, { key: 'k' })
    while ((await justifi.state('faults')).faults.length > 0);
    const second = await justifi.refund(id, { amount: 1000 }, { key: 'k' })

    expect(codeOf(second)).toEqual([409, 'idempotency_request_in_progress'])
    expect((await first).status).toBe(201)
    expect((await justifi.state()).refunds).toHaveLength(1)
  })
})

describe('refunds', () => {
  it('are listed newest first and page by page, each account’s apart', async () => {
    const mine = await justifi.cardPayment()
    const theirs = await justifi.cardPayment({}, 'acc_other')
    const made: string[] = []
    for (const amount of [1, 2, 3]) {
      made.unshift((await justifi.refund(mine.id, { amount })).body.id)
    }
    await justifi.refund(theirs.id, { amount: 4 }, { account: 'acc_other' })
    const list = async (query: string, account?: string) =>
      (await justifi.call('GET', `/v1/refunds?${query}`, { account })).body
    const first = await list('limit=2')
    const second = await list(`limit=2&after_cursor=${first.page_info.end_cursor}`)

    expect(idsOf([...first.data, ...second.data])).toEqual(made)
    expect(second.page_info.has_next).toBe(false)
    expect((await list('', 'acc_other')).data).toMatchObject([{ amount: 4 }])
    expect((await list('', '')).data).toEqual([])
  })

  it('are invisible to other accounts', async () => {
    const { id } = await justifi.cardPayment()
    const path = `/v1/refunds/${(await justifi.refund(id, { amount: 1 })).body.id}`
    const account = 'acc_other'
    const replies = [
      await justifi.call('GET', path, { account }),
      await justifi.call('PATCH', path, { account, key: 'k', body: { metadata: { a: 1 } } }),
      await justifi.call('GET', '/v1/refunds/re_x'),
    ]

    for (const reply of replies) expect(codeOf(reply)).toEqual([404, 'resource_not_found'])
  })

  it('change only their metadata', async () => {
    const { id } = await justifi.cardPayment()
    const { data } = (await justifi.refund(id, { amount: 1, metadata: { a: 1 } })).body
    const patch = (body: object, key: string) =>
      justifi.call('PATCH', `/v1/refunds/${data.id}`, { body, key })
    const changed = await patch({ metadata: { b: 2 } }, 'a')

    expect(changed.body.data).toMatchObject({ metadata: { b: 2 }, status: 'succeeded' })
    expect(changed.body.data.updated_at > data.updated_at).toBe(true)
    expect((await justifi.getPayment(id)).refunds).toEqual([changed.body.data])
    expect((await patch({ amount: 2 }, 'b')).body.error.param).toBe('amount')
    expect((await patch({ description: 'x' }, 'c')).body.error.param).toBe('description')
  })
})

describe('a refund in the dashboard', () => {
  it('M13: is the same refund, with nobody’s key', async () => {
    const { id } = await justifi.cardPayment()
    const part = await justifi.control('POST', `/payments/${id}/refund`, {
      amount: 1000,
      reason: 'duplicate',
    })
    const rest = await justifi.control('POST', `/payments/${id}/refund`)

    expect(part.status).toBe(201)
    expect(part.body).toMatchObject({ amount: 1000, reason: 'duplicate', metadata: null })
    expect(rest.body).toMatchObject({ amount: 3200, reason: null })
    expect(await justifi.getPayment(id)).toMatchObject({ status: 'fully_refunded' })
    const [event] = (await justifi.state('events')).events.slice(-1)
    expect(event).toMatchObject({ event_name: 'payment.refunded', idempotency_key: null })
  })

  it('is a button of the page', async () => {
    const { id } = await justifi.cardPayment()
    const page = await justifi.control('GET', '')
    const press = (amount: string) =>
      justifi.send('POST', `/_sandbox/payments/${id}/refund`, {}, new URLSearchParams({ amount }))

    expect(page.text).toContain(`action="/_sandbox/payments/${id}/refund"`)
    expect((await press('1000')).headers.get('location')).toBe('/_sandbox')
    expect((await press('10.5')).status).toBe(422)
    expect((await justifi.getPayment(id)).amount_refunded).toBe(1000)
  })
})

describe('a bank payment that is taken back', () => {
  it('O17: has failed, and its intent is to be paid again', async () => {
    const { id, payment_intent_id } = await justifi.bankPayment()
    const cleared = (await justifi.settle('payments', id, 'succeeded')).body
    await justifi.advance(3 * DAY_SECONDS)
    await justifi.renewToken()
    const reply = await justifi.settle('payments', id, 'failed')

    expect(reply.status).toBe(200)
    expect(await justifi.getPayment(id)).toEqual(reply.body)
    expect(reply.body).toMatchObject({
      status: 'failed',
      error_code: 'payment_returned',
      returned: true,
      amount_returned: 4200,
      amount_refundable: 0,
      balance: 0,
    })
    expect(reply.body.updated_at > cleared.updated_at).toBe(true)
    expect(await justifi.getIntent(payment_intent_id)).toMatchObject({
      status: 'requires_payment_method',
      successful_payment_id: null,
      payment_method: null,
    })
    expect((await justifi.eventsOf(id)).slice(-2)).toEqual(['payment.succeeded', 'payment.failed'])

    await justifi.pay(await justifi.createSession(payment_intent_id))
    expect((await justifi.getIntent(payment_intent_id)).status).toBe('succeeded')
  })

  it('stays failed whatever becomes of its refunds and disputes', async () => {
    const { id } = await justifi.bankPayment()
    await justifi.settle('payments', id, 'succeeded')
    const { body: refund } = await justifi.refund(id, { amount: 1000 })
    const { body: dispute } = await justifi.dispute(id)
    await justifi.settle('payments', id, 'failed')
    await justifi.settle('refunds', refund.id, 'succeeded')
    await justifi.closeDispute(dispute.id, 'won')

    expect(await justifi.getPayment(id)).toMatchObject({
      status: 'failed',
      amount_refunded: 1000,
      amount_refundable: 0,
      balance: 0,
    })
  })

  it('is taken back once, and no card payment is', async () => {
    const card = await justifi.cardPayment()
    const { id } = await justifi.bankPayment()
    await justifi.settle('payments', id, 'succeeded')
    await justifi.settle('payments', id, 'failed')

    for (const refused of [
      await justifi.settle('payments', id, 'failed'),
      await justifi.settle('payments', id, 'succeeded'),
      await justifi.settle('payments', card.id, 'failed'),
    ]) {
      expect(codeOf(refused)).toEqual([422, 'payment_not_pending'])
    }
  })
})

function idsOf(records: { id: string }[]): string[] {
  return records.map(({ id }) => id)
}
