import { describe, expect, it } from '@jest/globals'
import { addDays, localDay, localMoment, localMoments, startOfDay } from '../src/local-time.ts'
import { parseMoney } from '../src/money.ts'
import {
  filterParams,
  NO_FILTER,
  orderCriteria,
  readOrderFilter,
} from '../src/orders/order-filter.ts'

const read = (query: string) => readOrderFilter(new URLSearchParams(query))

describe('the filter of an order list', () => {
  it('is read from a query string, and printed back', () => {
    const query =
      'status=failed&status=paid&q=zo%C3%AB+4242&from=2026-03-01&to=2026-03-31&attention=1&after=x'
    const { filter, problems } = read(query)

    expect(filter).toEqual({
      statuses: ['paid', 'failed'],
      text: 'zoë 4242',
      from: '2026-03-01',
      to: '2026-03-31',
      attention: true,
    })
    expect(problems).toEqual({})
    expect(read(filterParams(filter).toString()).filter).toEqual(filter)
    expect(read('q=&from=&to=&status=').filter).toEqual(NO_FILTER)
    expect(filterParams(NO_FILTER).toString()).toBe('')
  })

  it.each([
    ['from=2026-02-30', { from: 'wrong' }],
    ['from=yesterday&to=2026-13-01', { from: 'wrong', to: 'wrong' }],
    ['from=2026-03-02&to=2026-03-01', { to: 'before_from' }],
    ['status=paid&status=pald', { status: 'unknown' }],
    ['from=2026-03-01&to=2026-03-01', {}],
  ])('%s has the problems %j', (query, problems) => {
    expect(read(query).problems).toEqual(problems)
  })

  it('keeps what was typed in the date fields, and no card number', () => {
    expect(read('from=2026-02-30').typed).toEqual({ from: '2026-02-30', to: '' })
    expect(read('q=4242424242424242').filter.text).toBe('************4242')
  })

  it('turns days into moments of the shop’s zone', () => {
    const now = new Date('2026-03-20T12:00:00Z')
    const { filter } = read('from=2026-03-08&to=2026-03-08&attention=1')
    expect(orderCriteria(filter, 'America/New_York', now)).toEqual({
      statuses: [],
      text: '',
      since: '2026-03-08T05:00:00.000Z',
      before: '2026-03-09T04:00:00.000Z',
      attention: { unansweredSince: '2026-03-20T11:00:00.000Z' },
    })
  })
})

describe('a day', () => {
  it.each([
    // Clocks put forward over midnight: the day begins at one.
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    // Put back from midnight: it comes twice, and the day begins with the first.
    ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00.000Z'],
    ['2026-07-01', 'Asia/Kolkata', '2026-06-30T18:30:00.000Z'],
    ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000Z'],
    ['2026-01-01', 'Pacific/Niue', '2026-01-01T11:00:00.000Z'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  ])('%s begins in %s at %s', (day, zone, start) => {
    const at = startOfDay(day, zone)
    expect(at.toISOString()).toBe(start)
    expect(localDay(at, zone)).toBe(day)
    expect(localDay(new Date(at.getTime() - 1), zone)).toBe(addDays(day, -1))
  })

  it('is told with its time as spreadsheets read it', () => {
    expect(localMoment(new Date('2026-03-08T06:59:59Z'), 'America/New_York')).toBe(
      '2026-03-08 01:59:59',
    )
    expect(localMoment(new Date('2026-03-08T07:00:00Z'), 'America/New_York')).toBe(
      '2026-03-08 03:00:00',
    )
  })
})

describe('local times of many moments', () => {
  it.each(['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Asia/Kolkata'])(
    'are those of each by itself, in %s',
    (zone) => {
      const localAt = localMoments(zone)
      // Steps over the days on which clocks are put forward and back, and back again.
      const starts = ['2026-03-07T20:00:00Z', '2026-04-04T10:00:00Z', '2026-10-03T12:00:00Z']
      for (const start of [...starts, ...starts.toReversed(), '2026-11-01T00:00:00Z']) {
        for (let step = 0; step < 400; step++) {
          const at = new Date(Date.parse(start) + step * 437_123)
          expect(localAt(at.toISOString())).toBe(localMoment(at, zone))
        }
      }
    },
  )
})

describe('an amount that is typed', () => {
  it.each([
    ['12.50', 1_250],
    ['12.5', 1_250],
    [' $12.50 ', 1_250],
    ['$ 1,234.05', 123_405],
    ['0.29', 29],
    ['1.1', 110],
    ['8.41', 841],
    ['0', 0],
    ['999999.99', 99_999_999],
  ])('%j is %i cents', (typed, cents) => {
    expect(parseMoney(typed)).toBe(cents)
  })

  it.each(['', '12,50', '1.234', '-5', '1e3', '0x10', '12.', '.5', '1,23', 'ten', '９'])(
    '%j is none',
    (typed) => {
      expect(parseMoney(typed)).toBeUndefined()
    },
  )
})
