import { orderPageWords } from './desk-order.ts'

/** The merchant's orders: the list and its export. What one order's pages say is in desk-order.ts. */
export const deskOrders = {
  title: 'Orders',
  /** Of an order's status: in its tag, and among the filters. */
  statuses: {
    awaiting_payment: 'Awaiting payment',
    processing: 'Processing',
    paid: 'Paid',
    failed: 'Failed',
    cancelled: 'Cancelled',
    expired: 'Expired',
    partially_refunded: 'Part refunded',
    refunded: 'Refunded',
    disputed: 'Disputed',
    needs_review: 'Needs review',
  },
  search: {
    text: 'Search',
    textHint: 'Order number, name, email, last four digits or payment ID',
    from: 'From',
    to: 'To',
    status: 'Status',
    attention: 'Needs attention only',
    button: 'Search orders',
    filters: 'Filters',
  },
  problems: {
    status: 'Choose statuses from the list',
    from: { wrong: 'Enter a start date like 2026-03-27' },
    to: {
      wrong: 'Enter an end date like 2026-03-27',
      before_from: 'End date must be the same as or after the start date',
    },
    tooSlow: 'This search took too long. Choose a shorter date range.',
  },
  applied: {
    label: 'Filters in use',
    text: (text: string) => `“${text}”`,
    from: (day: string) => `From ${day}`,
    to: (day: string) => `To ${day}`,
    attention: 'Needs attention',
    remove: (filter: string) => `Remove filter: ${filter}`,
    clear: 'Clear filters',
  },
  count: (count: string, isOne: boolean) => (isOne ? '1 order' : `${count} orders`),
  more: (count: string) => `${count}+`,
  /** Where nobody knows how many. */
  many: 'Many orders',
  needAttention: (count: string, isOne: boolean) =>
    isOne ? '1 needs attention' : `${count} need attention`,
  download: (orders: string) => `Download CSV (${orders})`,
  downloadMany: 'Download CSV (many orders)',
  downloadItems: 'With a row for each item',
  downloadExcel: 'For Excel',
  checkAll: 'Check all with JustiFi',
  checking: 'Orders are being checked with JustiFi.',
  checkProgress: 'See how far it has come',
  number: 'Order',
  customer: 'Customer',
  status: 'Status',
  placed: 'Placed',
  total: 'Total',
  newer: 'Newer',
  older: 'Older',
  pages: 'Pages of orders',
  noneYet: 'No orders yet. They appear here when a customer checks out.',
  viewShop: 'View shop',
  noMatch: 'No orders match these filters.',

  /** Of whatever is noted about an order or its money. */
  longNote: (most: number) => `Enter at most ${most} characters`,

  openItems: {
    title: 'Money that no order explains',
    lead: 'JustiFi lists it for your account, and the shop has no order for it. Look at it in your JustiFi dashboard, then say here what it was.',
    firstOnly: (count: string) =>
      `The newest ${count} are shown. The others follow as these are explained.`,
    kinds: {
      unknown_payment: (amount: string) => `A payment of ${amount}`,
      refund_unknown: (amount: string) => `A refund of ${amount} whose outcome is not known`,
    },
    unnamed: (amount: string) => `${amount} that the shop does not know`,
    found: <Part>(time: Part) => ['Found ', time],
    note: 'What it was',
    noNote: 'Enter what it was',
    resolve: 'Mark as explained',
    resolved: 'It is marked as explained.',
    resolved_before:
      'Somebody else had already explained it, or an order has since. What you wrote was not kept.',
  },

  order: orderPageWords,
}
