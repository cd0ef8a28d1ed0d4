import { describe, expect, it } from '@jest/globals'
import type { ErrorCode } from '../src/errors.ts'
import { type ErrorPageInput, errorPage } from '../src/web/errors/error-page.ts'
import { CTX, htmlOf, mainText } from './support/order-pages.ts'

const HEADINGS: [number, ErrorCode, string][] = [
  [400, 'bad_request', 'Something in that request was not right'],
  [403, 'forbidden', 'That form could not be used'],
  [403, 'not_allowed', 'You may not do this'],
  [404, 'page_not_found', 'Page not found'],
  [404, 'order_not_found', 'We could not find that order'],
  [405, 'method_not_allowed', 'This page does not work that way'],
  [413, 'too_large', 'That was too much to send'],
  [429, 'too_many_requests', 'Please wait a little'],
  [500, 'internal', 'Sorry, there is a problem with the shop'],
  [502, 'payment_page_unavailable', 'We could not open the payment page'],
  [503, 'unavailable', 'The shop is not available right now'],
]

describe('an error page', () => {
  it.each(HEADINGS)('%i %s speaks to people, and carries its hooks', (status, code, heading) => {
    const html = htmlOf('errors/error', errorPage({ ctx: CTX, status, code, requestId: 'req-7' }))

    expect(html).toContain('<body data-page="error">')
    expect(html).toMatch(new RegExp(`<main [^>]*data-status="${status}" data-request-id="req-7"`))
    expect(mainText(html)).toContain(heading)
    expect(mainText(html)).not.toMatch(/\d{3}|req-7|_|error|undefined/)
  })

  it.each([
    [0, 'Try again in 1 second.'],
    [42, 'Try again in 42 seconds.'],
    [90, 'Try again in 90 seconds.'],
    [91, 'Try again in 2 minutes.'],
    [900, 'Try again in 15 minutes.'],
  ])('tells how long to wait: %i seconds', (retryAfterSeconds, words) => {
    expect(textOf({ status: 429, code: 'too_many_requests', retryAfterSeconds })).toContain(words)
  })

  it('sends who was paying to the order before another payment', () => {
    const failure = { status: 500, code: 'internal', orderUrl: '/orders/abc' } as const
    const html = htmlOf('errors/error', errorPage({ ctx: CTX, ...failure, requestId: 'req-7' }))

    expect(mainText(html)).toContain('check your order before paying again')
    expect(html).toContain('<a href="/orders/abc">Check your order</a>')
    expect(textOf({ status: 503, code: 'unavailable' })).toContain('before paying again')
  })

  it('says in test mode, and only there, that no money moves', () => {
    const inMode = (mode: 'test' | 'live') =>
      htmlOf(
        'errors/error',
        errorPage({ ctx: { justifi: { mode } }, status: 500, code: 'internal', requestId: 'r' }),
      )

    expect(inMode('test')).toContain('no money moves')
    expect(inMode('live')).not.toContain('no money moves')
  })

  it('X02: shows what it was given as text', () => {
    const requestId = '"><script>alert(1)</script>'
    const page = errorPage({ ctx: CTX, status: 500, code: 'internal', requestId })

    expect(htmlOf('errors/error', page)).not.toContain('<script>alert')
  })
})

function textOf(failure: Omit<ErrorPageInput, 'requestId' | 'ctx'>): string {
  return mainText(htmlOf('errors/error', errorPage({ ctx: CTX, ...failure, requestId: 'req-7' })))
}
