import { describe, expect, it } from '@jest/globals'
import { type Message, messageOf, type Telling } from '../src/mail/message.ts'
import { CUSTOMER_MAIL_KINDS, type MailKind, MERCHANT_MAIL_KINDS } from '../src/mail/outbox.ts'
import { htmlOf, textOf } from '../src/mail/render-message.ts'
import { anOrder, aPaidOrder, aPayment, detailsOf, item, SHOP } from './support/order-pages.ts'

const URLS = {
  order: 'https://shop.example/orders/TOKEN',
  receipt: 'https://shop.example/orders/TOKEN/receipt',
  merchantOrder: 'https://shop.example/merchant/orders/K7QM2XR4',
}
const KINDS = [...CUSTOMER_MAIL_KINDS, ...MERCHANT_MAIL_KINDS]

function told(kind: MailKind, given: Partial<Telling> & { data?: Telling['mail']['data'] } = {}) {
  const { data = { amountCents: 2_000 }, ...telling } = given
  return messageOf({
    mail: { kind, data },
    details: detailsOf(aPaidOrder()),
    shop: SHOP,
    urls: URLS,
    ...telling,
  })
}

/** Everything that the mail says, without its form. */
function saidIn(message: Message): string {
  return [message.subject, textOf(message)].join('\n')
}

describe.each(CUSTOMER_MAIL_KINDS)('a mail to the customer: %s', (kind) => {
  const message = told(kind)

  it('names order and shop, and leads to the order, in text and in HTML', () => {
    expect(message.subject).toContain('K7QM2XR4')
    expect(message.subject).toContain('Birch & Clay')
    for (const form of [textOf(message), htmlOf(message)]) {
      expect(form).toContain('K7QM2XR4')
      expect(form).toContain(URLS.order)
      expect(form).toContain(message.heading)
      expect(form).toContain('help@birch.example')
    }
  })

  it('says in its text what it says in its HTML', () => {
    const inHtml = unescaped(htmlOf(message).replace(/<(style|title)[\s\S]*?<\/\1>/g, ''))
    for (const line of [...message.text, ...message.footer]) {
      expect(inHtml).toContain(line)
      expect(textOf(message)).toContain(line)
    }
  })

  it('names nobody but the shop', () => {
    expect(`${saidIn(message)}${htmlOf(message)}`).not.toMatch(/Ada|Byron|ada@/)
  })
})

describe.each(MERCHANT_MAIL_KINDS)('a mail to the merchant: %s', (kind) => {
  const message = told(kind)

  it('leads to the order’s page for merchants, and does not hold the customer’s key', () => {
    for (const form of [textOf(message), htmlOf(message)]) {
      expect(form).toContain(URLS.merchantOrder)
      expect(form).not.toContain('TOKEN')
      expect(form).not.toMatch(/Ada|Byron|ada@/)
    }
    expect(message.subject).toContain('K7QM2XR4')
  })
})

describe('what mails say', () => {
  it('lists what was ordered, with the currency by its code', () => {
    const text = textOf(told('order_placed', { details: detailsOf(anOrder()) }))

    expect(text).toContain('Blue mug × 2: $24.00 USD\nServing bowl × 1: $38.00 USD')
    expect(text).toContain('Total: $84.20 USD')
  })

  it('makes a receipt of the mail about a payment', () => {
    const message = told('order_paid')

    expect(message.text[0]).toBe('Thank you. We received $84.20 USD for order K7QM2XR4.')
    expect(textOf(message)).toContain(
      'Paid: March 2, 2026 at 14:31 EST\nPaid with: Visa ending 4242',
    )
    expect(message.links).toEqual([
      { label: 'View your receipt', url: URLS.receipt },
      { label: 'See your order', url: URLS.order },
    ])
  })

  it('never invites to pay while a bank payment is on its way', () => {
    const payment = aPayment({ status: 'pending', method: 'bank_account' })
    const order = anOrder({ status: 'processing' })
    const message = told('bank_payment_pending', { details: detailsOf(order, [payment]) })

    expect(message.heading).toBe('Your bank payment is on its way')
    expect(message.warning).toBe('Do not pay again.')
    expect(saidIn(message)).not.toMatch(/pay (now|for it|from)/i)
    expect(htmlOf(message)).toContain('Do not pay again.')
  })

  it('says why a payment failed, in words and without codes', () => {
    const payments = [
      aPayment({ id: 'py_1', status: 'failed', method: 'bank_account', errorCode: 'no_account' }),
      aPayment({ id: 'py_2', status: 'failed', method: 'card', errorCode: 'expired_card' }),
    ]
    const details = detailsOf(anOrder({ status: 'failed' }), payments)
    const message = told('payment_failed', { details, data: { errorCode: 'no_account' } })

    expect(message.text[0]).toBe('The bank account was not found, or is closed.')
    expect(saidIn(message)).not.toContain('no_account')
  })

  it('does not claim that a payment failed where the bank never answered', () => {
    const payment = aPayment({ status: 'failed', errorCode: 'gateway_timeout' })
    const details = detailsOf(anOrder({ status: 'failed' }), [payment])
    const message = told('payment_failed', { details, data: { errorCode: 'gateway_timeout' } })

    expect(message.text[0]).toContain('Look at your bank or card account')
  })

  it('tells the amount of the refund that it is about', () => {
    expect(told('refund_requested').text[0]).toBe(
      'We asked for $20.00 USD to go back to Visa ending 4242.',
    )
    expect(told('refund_made').text[0]).toBe('$20.00 USD went back to Visa ending 4242.')
    expect(saidIn(told('merchant_refund_failed'))).toContain('$20.00 USD')
  })

  it('gives each review its reason in words', () => {
    const message = told('merchant_needs_review', { data: { reason: 'paid_twice' } })

    expect(message.text[0]).toBe('The order was paid more than once.')
  })

  it('tells disputes apart by what became of them', () => {
    const headings = ['needs_response', 'won', 'lost'].map(
      (status) => told('merchant_dispute', { data: { amountCents: 500, status } }).heading,
    )
    expect(new Set(headings).size).toBe(3)
  })
})

describe('texts that somebody wrote', () => {
  const CANARIES = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title><svg onload=alert(1)>',
    '<%= 7*7 %> {{7*7}} #{7*7}',
    'a\r\nBcc: victim@example.com',
    'a\u2028b\u2029c',
    '\u202egnp.exe',
    'x'.repeat(100_000),
    'half a \ud83d character',
  ]

  it.each(KINDS)('X01: do nothing in a mail: %s', (kind) => {
    for (const canary of CANARIES) {
      const message = told(kind, {
        shop: { ...SHOP, name: canary, supportEmail: canary },
        details: { ...detailsOf(aPaidOrder()), items: [item(1, canary, 600, 2)] },
      })
      const html = htmlOf(message)

      expect(tagsIn(html)).toEqual(tagsIn(htmlOf(told(kind, { details: oneLineOrder() }))))
      expect(html).not.toMatch(/49|javascript:/)
      expect(`${html}${saidIn(message)}`).not.toMatch(/[\u2028\u2029\u202a-\u202e\u2066-\u2069\r]/)
      expect(html.length).toBeLessThan(120_000)
      expect(html.isWellFormed()).toBe(true)
    }
  })

  it.each(KINDS)('X05: leave the subject on one line, and short: %s', (kind) => {
    for (const canary of CANARIES) {
      const { subject } = told(kind, { shop: { ...SHOP, name: canary } })

      expect(subject).not.toMatch(/\p{Cc}/u)
      expect(subject.length).toBeLessThan(250)
    }
  })

  it('fetch nothing when the mail is opened', () => {
    for (const kind of KINDS) {
      expect(htmlOf(told(kind))).not.toMatch(
        /<(img|link|script|iframe|video|object)|url\(|@import/i,
      )
    }
  })
})

function oneLineOrder() {
  return { ...detailsOf(aPaidOrder()), items: [item(1, 'Blue mug', 600, 2)] }
}

/** The names of the tags and of their attributes, in their order. */
function tagsIn(html: string): string[] {
  return [...html.matchAll(/<\/?([a-z0-9]+)([^>]*)>/g)].map(([, tag, rest = '']) =>
    [tag, ...[...rest.matchAll(/([a-z-]+)="[^"]*"/g)].map(([, name]) => name)].join(' '),
  )
}

function unescaped(html: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', '#34': '"', '#39': "'" }
  return html.replace(/&(lt|gt|amp|#34|#39);/g, (_, name: string) => entities[name] ?? '')
}
