import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ACCOUNT, openSandbox, type SandboxClient } from './support/sandbox-client.ts'

let justifi: SandboxClient

beforeEach(async () => {
  justifi = await openSandbox()
})
afterEach(() => justifi.close())

const NOT_DISPUTED = { disputed: false, amount_disputed: 0 }

describe('a dispute', () => {
  it('is opened for what is left of a payment, and read in JustiFi’s envelope', async () => {
    const payment = await justifi.cardPayment()
    await justifi.refund(payment.id, { amount: 200 })
    const opened = await justifi.dispute(payment.id)
    const read = await justifi.call('GET', `/v1/disputes/${opened.body.id}`)

    expect(opened.status).toBe(201)
    expect(read.body).toEqual({
      id: opened.body.id,
      type: 'dispute',
      data: opened.body,
      page_info: null,
    })
    expect(opened.body).toEqual({
      id: expect.stringMatching(/^dp_[0-9A-Za-z]{22}$/),
      payment_id: payment.id,
      account_id: ACCOUNT,
      amount: 4000,
      currency: 'usd',
      reason: 'fraudulent',
      due_date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      status: 'needs_response',
      metadata: null,
      dispute_response: null,
      dispute_reversal: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      updated_at: opened.body.created_at,
    })
    expect((await justifi.state()).disputes).toEqual([opened.body])
  })

  it('shows on its payment', async () => {
    const payment = await justifi.cardPayment()
    const { body } = await justifi.dispute(payment.id, { amount: 1200, reason: 'duplicate' })
    const disputed = await justifi.getPayment(payment.id)

    expect(disputed).toMatchObject({
      status: 'disputed',
      disputed: true,
      amount_disputed: 1200,
      amount_refundable: 3000,
      balance: payment.balance - 1200,
      disputes: [body],
    })
    expect(body.reason).toBe('duplicate')
    expect(disputed.updated_at > payment.updated_at).toBe(true)
    expect((await justifi.state()).payments).toEqual([disputed])
  })

  it('M16: counts no more once it is won', async () => {
    const { id } = await justifi.cardPayment()
    const { body } = await justifi.dispute(id)
    const won = await justifi.closeDispute(body.id, 'won')

    expect([won.status, won.body.status]).toEqual([200, 'won'])
    expect(await justifi.getPayment(id)).toMatchObject({
      ...NOT_DISPUTED,
      status: 'succeeded',
      amount_refundable: 4200,
      disputes: [won.body],
    })
  })

  it('M16: leaves the payment to what its refunds say when it is won', async () => {
    const { id } = await justifi.cardPayment()
    await justifi.refund(id, { amount: 1000 })
    const { body } = await justifi.dispute(id)
    expect((await justifi.getPayment(id)).status).toBe('disputed')
    await justifi.closeDispute(body.id, 'won')

    expect(await justifi.getPayment(id)).toMatchObject({
      ...NOT_DISPUTED,
      status: 'partially_refunded',
      amount_refundable: 3200,
    })
  })

  it('M16: counts on once it is lost, and can be won after all', async () => {
    const { id } = await justifi.cardPayment()
    const { body } = await justifi.dispute(id)
    const lost = (await justifi.closeDispute(body.id, 'lost')).body
    const whileLost = await justifi.getPayment(id)
    const reversed = (await justifi.closeDispute(body.id, 'won')).body

    expect(lost).toMatchObject({ status: 'lost', dispute_reversal: null })
    expect(whileLost).toMatchObject({ status: 'disputed', amount_disputed: 4200 })
    expect(reversed).toMatchObject({
      status: 'won',
      dispute_reversal: { description: expect.any(String), created_at: expect.any(String) },
    })
    expect(await justifi.getPayment(id)).toMatchObject({ ...NOT_DISPUTED, status: 'succeeded' })
  })

  it('is told of as it opens, is answered and is closed, each time', async () => {
    const { id } = await justifi.cardPayment()
    const { body } = await justifi.dispute(id)
    const answered = await justifi.control('POST', `/disputes/${body.id}/submit`)
    await justifi.closeDispute(body.id, 'lost')
    await justifi.closeDispute(body.id, 'won')

    expect(answered.body.status).toBe('under_review')
    expect(await justifi.eventsOf(body.id)).toEqual([
      'payment.dispute.created',
      'payment.dispute.submitted',
      'payment.dispute.closed',
      'payment.dispute.closed',
    ])
    const { events } = await justifi.state('events')
    expect(events.at(-1)).toMatchObject({
      account_id: ACCOUNT,
      account_type: 'test',
      version: 'v1',
      data: await justifi.call('GET', `/v1/disputes/${body.id}`).then((reply) => reply.body.data),
    })
  })

  it('comes to no end twice', async () => {
    const { id } = await justifi.cardPayment()
    const { body } = await justifi.dispute(id)
    const code = async (path: string, order?: object) =>
      (await justifi.control('POST', `/disputes/${body.id}${path}`, order)).body.error?.code

    await justifi.closeDispute(body.id, 'lost')
    expect(await code('/close', { status: 'lost' })).toBe('dispute_unexpected_state')
    expect(await code('/submit')).toBe('dispute_unexpected_state')
    await justifi.closeDispute(body.id, 'won')
    expect(await code('/close', { status: 'lost' })).toBe('dispute_unexpected_state')
    expect(await code('/close', { status: 'gone' })).toBe('invalid_parameters')
  })
})

describe('several disputes of one payment', () => {
  it('add up to the payment and no further', async () => {
    const { id } = await justifi.cardPayment()
    const first = await justifi.dispute(id, { amount: 3000 })
    const tooMuch = await justifi.dispute(id, { amount: 1201 })
    const rest = await justifi.dispute(id)
    const none = await justifi.dispute(id)

    expect([tooMuch.status, tooMuch.body.error.code]).toEqual([
      422,
      'dispute_exceeds_amount_available',
    ])
    expect(rest.body.amount).toBe(1200)
    expect(none.status).toBe(422)
    await justifi.closeDispute(first.body.id, 'won')
    expect(await justifi.getPayment(id)).toMatchObject({
      status: 'disputed',
      amount_disputed: 1200,
      amount_refundable: 3000,
    })
  })

  it('may also be of what was refunded', async () => {
    const { id } = await justifi.cardPayment()
    await justifi.refund(id, { amount: 4200 })
    const refused = await justifi.dispute(id)
    await justifi.dispute(id, { amount: 4200 })

    expect(refused.status).toBe(422)
    expect(await justifi.getPayment(id)).toMatchObject({
      status: 'disputed',
      amount_refunded: 4200,
      amount_disputed: 4200,
      amount_refundable: 0,
    })
  })
})

describe('what cannot be disputed', () => {
  it('is money that is not there', async () => {
    const { id } = await justifi.bankPayment()
    const pending = await justifi.dispute(id)
    await justifi.settle('payments', id, 'failed')
    const failed = await justifi.dispute(id)

    for (const reply of [pending, failed]) {
      expect([reply.status, reply.body.error.code]).toEqual([422, 'payment_not_disputable'])
    }
    expect((await justifi.dispute('py_x')).status).toBe(404)
    expect((await justifi.closeDispute('dp_x', 'won')).status).toBe(404)
  })

  it.each([{ amount: 0 }, { amount: 1.5 }, { reason: 'bored' }, { why: 'x' }])(
    'is %j',
    async (body) => {
      const { id } = await justifi.cardPayment()
      const reply = await justifi.dispute(id, body)

      expect([reply.status, reply.body.error.code]).toEqual([422, 'invalid_parameters'])
      expect((await justifi.state()).disputes).toEqual([])
    },
  )
})

describe('disputes', () => {
  it('are listed newest first and page by page, each account’s apart', async () => {
    const mine = await justifi.cardPayment()
    const theirs = await justifi.cardPayment({}, 'acc_other')
    const made: string[] = []
    for (const amount of [1, 2, 3]) {
      made.unshift((await justifi.dispute(mine.id, { amount })).body.id)
    }
    await justifi.dispute(theirs.id, { amount: 4 })
    const list = async (query: string, account?: string) =>
      (await justifi.call('GET', `/v1/disputes?${query}`, { account })).body
    const first = await list('limit=2')
    const second = await list(`limit=2&after_cursor=${first.page_info.end_cursor}`)
    const listed = [...first.data, ...second.data].map(({ id }: { id: string }) => id)

    expect(listed).toEqual(made)
    expect(second.page_info.has_next).toBe(false)
    expect((await list('', 'acc_other')).data).toMatchObject([{ amount: 4 }])
    expect((await list('', '')).data).toEqual([])
  })

  it('are invisible to other accounts', async () => {
    const { id } = await justifi.cardPayment()
    const path = `/v1/disputes/${(await justifi.dispute(id)).body.id}`

    for (const reply of [
      await justifi.call('GET', path, { account: 'acc_other' }),
      await justifi.call('PATCH', path, { account: 'acc_other', key: 'k', body: {} }),
      await justifi.call('GET', '/v1/disputes/dp_x'),
    ]) {
      expect([reply.status, reply.body.error.code]).toEqual([404, 'resource_not_found'])
    }
  })

  it('change only their metadata', async () => {
    const { id } = await justifi.cardPayment()
    const { body: dispute } = await justifi.dispute(id)
    const patch = (body: object, key: string) =>
      justifi.call('PATCH', `/v1/disputes/${dispute.id}`, { body, key })
    const changed = await patch({ metadata: { case: '7' } }, 'a')

    expect(changed.body.data).toMatchObject({ metadata: { case: '7' }, status: 'needs_response' })
    expect((await justifi.getPayment(id)).disputes).toEqual([changed.body.data])
    expect((await patch({ status: 'won' }, 'b')).body.error.param).toBe('status')
  })

  it('are opened and closed by buttons of the page', async () => {
    const { id } = await justifi.cardPayment()
    const press = (path: string, fields: Record<string, string>) =>
      justifi.send('POST', `/_sandbox${path}`, {}, new URLSearchParams(fields))
    const page = async () => (await justifi.control('GET', '')).text

    expect(await page()).toContain(`action="/_sandbox/payments/${id}/dispute"`)
    await press(`/payments/${id}/dispute`, { reason: 'fraudulent' })
    const [dispute] = (await justifi.state()).disputes
    expect(await page()).toContain(`action="/_sandbox/disputes/${dispute.id}/close"`)
    await press(`/disputes/${dispute.id}/submit`, { again: '1' })
    await press(`/disputes/${dispute.id}/close`, { status: 'lost' })
    expect(await page()).toContain('Win after all')
    await press(`/disputes/${dispute.id}/close`, { status: 'won' })

    expect((await justifi.state()).disputes).toMatchObject([{ status: 'won' }])
  })
})
