const plural = (count: number, one: string, many: string) => (count === 1 ? one : many)

/** The desk's first page: figures of some days, what needs a person, and the connection to JustiFi. */
export const deskHome = {
  title: 'Home',
  period: 'Period',
  periods: {
    today: 'Today',
    '7': 'Last 7 days',
    '30': 'Last 30 days',
    '90': 'Last 90 days',
    '365': 'Last 365 days',
    custom: 'Chosen days',
  },
  update: 'Update',
  /** Two days, wherever a form asks for them. */
  days: {
    from: 'First day',
    to: 'Last day',
    problems: {
      from: { wrong: 'Enter a first day like 2026-03-27', missing: 'Enter the first day' },
      to: {
        wrong: 'Enter a last day like 2026-03-27',
        missing: 'Enter the last day',
        before_from: 'The last day must be the same as or after the first day',
        ahead: 'The last day must not be after today',
        too_long: 'Choose at most 366 days',
      },
    },
  },

  figures: {
    title: (days: string) => `Orders placed ${days}`,
    payments: 'Payments',
    paidOrders: (count: string, isOne: boolean) =>
      isOne ? '1 paid order' : `${count} paid orders`,
    refunds: 'Refunds',
    net: 'Net',
    netHint: 'Payments less refunds',
    conversion: 'Conversion',
    conversionHint: 'paid of placed',
    paidOf: 'of',
    average: 'Average order',
    averageHint: 'Payments by paid orders',
    none: 'No payments in this period.',
    nonePlaced: 'No orders in this period.',
    notLoaded: 'These totals could not be loaded. Your orders are not affected.',
    how: 'How this is worked out',
    howAll: [
      'A figure counts the orders that were placed in the period, by the days of your time zone, and what became of them until now.',
      'Payments: what JustiFi took for these orders, before refunds and fees, disputed payments and those that need review included.',
      'Refunds: what went back of these payments. Refunds under way are not in it.',
      'Net: payments less refunds. Neither JustiFi’s fees nor disputed money are taken off; an order’s page and the CSV do that.',
      'Conversion: of all orders placed, how many JustiFi has taken money for. Orders that may still be paid count as not paid.',
      'Average: payments divided by paid orders.',
    ],
  },
  chart: {
    title: 'By day',
    summary: (days: string, total: string, most: string) =>
      `Payments by day, ${days}: ${total} in all. ${most}`,
    most: (amount: string, day: string) => `Most on ${day}: ${amount}.`,
    refunds: 'Payments upwards, refunds downwards.',
    table: 'The numbers',
    day: 'Day',
    placed: 'Placed',
    paid: 'Paid',
    payments: 'Payments',
    refundsColumn: 'Refunds',
  },
  attention: {
    title: 'Needs attention',
    none: 'Nothing needs attention.',
    review: (count: string, isOne: boolean) =>
      isOne ? '1 order needs review' : `${count} orders need review`,
    disputed: (count: string, isOne: boolean) =>
      isOne ? '1 order is disputed' : `${count} orders are disputed`,
    others: (count: string, isOne: boolean) =>
      isOne
        ? '1 order has a refund in trouble, or JustiFi has not answered about it for an hour'
        : `${count} orders have a refund in trouble, or JustiFi has not answered about them for an hour`,
    unexplained: (count: string, isOne: boolean) =>
      isOne
        ? '1 sum of money that no order explains'
        : `${count} sums of money that no order explains`,
    more: (count: string) => `${count}+`,
  },
  connection: {
    title: 'Connection to JustiFi',
    lastWebhook: <Part>(ago: Part) => ['Last webhook: ', ago, '.'],
    silent: (since: string) => `No webhook for ${since}. We check orders ourselves, more slowly.`,
    never: (url: string) =>
      `No webhook has come yet. We check orders ourselves, more slowly. Check the address in your JustiFi dashboard: ${url}`,
    announced:
      'In the last 7 days our own checks found no paid order that no webhook had announced.',
    unannounced: (count: string, isOne: boolean) =>
      isOne
        ? '1 paid order of the last 7 days was found by our own checks; no webhook announced it: '
        : `${count} paid orders of the last 7 days were found by our own checks; no webhook announced them: `,
    andMore: ' and more',
    listsRead: <Part>(ago: Part) => [
      'JustiFi’s lists of payments, refunds and disputes were last read ',
      ago,
      '.',
    ],
    listsUnread: 'JustiFi’s lists of payments, refunds and disputes have not been read yet.',
    events: 'All events',
    checkOpen: 'Check all open orders',
  },
  ago: {
    moment: 'a moment ago',
    minutes: (n: number) => `${n} ${plural(n, 'minute', 'minutes')} ago`,
    hours: (n: number) => `${n} ${plural(n, 'hour', 'hours')} ago`,
    days: (n: number) => `${n} ${plural(n, 'day', 'days')} ago`,
  },
  lasting: {
    hours: (n: number) => `${n} ${plural(n, 'hour', 'hours')}`,
    days: (n: number) => `${n} ${plural(n, 'day', 'days')}`,
  },
}
