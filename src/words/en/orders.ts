/**
 * What the order's pages say. A message that holds a time or a link is a list, so that the page can
 * mark up that part; every other message is a string or makes one.
 */
export const orders = {
  title: (heading: string, number: string) => `${heading} – Order ${number}`,
  order: (number: string) => `Order ${number}`,
  doNotPayAgain: 'Do not pay again – you could be charged twice.',
  doNotPayAgainShort: 'Do not pay again.',

  awaiting: {
    heading: 'Your order is waiting for payment',
    checked: <Part>(time: Part) => ['We checked at ', time, ': no payment has been made.'],
    kept: 'Your order is kept. You can pay for it whenever you are ready.',
    openUntil: <Part>(time: Part) => ['The payment page stays open until ', time, '.'],
    pageEnded: 'The payment page we opened for you has closed. We open a new one when you go on.',
  },
  confirming: {
    heading: 'We are confirming your payment',
    usually: 'This usually takes a few seconds. You can close this page; its link keeps working.',
    unanswered:
      'The payment service has not answered yet, so we cannot say whether this order is paid. ' +
      'You can close this page; its link keeps working.',
  },
  stillConfirming: {
    heading: 'We are still confirming your payment',
    longer: 'It is taking longer than usual. We keep asking the payment service by ourselves.',
    contactBy: <Part>(time: Part, contact: Part, number: string) => [
      'If nothing changes by ',
      time,
      ', write to ',
      contact,
      ` and quote order ${number}.`,
    ],
    contactNow: <Part>(contact: Part, number: string) => [
      'Please write to ',
      contact,
      ` and quote order ${number}.`,
    ],
  },
  lastChecked: <Part>(time: Part) => ['Last checked ', time, '.'],
  knownAt: <Part>(time: Part) => [
    'We are checking with the payment service. This page shows what it told us at ',
    time,
    '.',
  ],
  knownBefore: 'We are checking with the payment service. This page shows what we knew before.',

  processing: {
    heading: 'Your bank payment is on its way',
    cardHeading: 'Your payment is on its way',
    cardBody: 'Your bank has not finished it yet. We prepare your order once the money arrives.',
    body: 'Bank payments take a few working days. We prepare your order once the money arrives.',
  },
  paid: {
    heading: 'Payment received',
    thanks: (amount: string, number: string) =>
      `Thank you. We received ${amount} for order ${number}.`,
    next: (shop: string) => `${shop} now prepares your order.`,
  },
  failed: {
    heading: 'Your payment did not go through',
    notTaken: 'This payment was not taken. Your bank may show a temporary hold for a few days.',
    uncertainHeading: 'We cannot tell whether your last try went through',
    uncertain:
      'The payment service got no answer from your bank in time. Look at your bank or card account ' +
      'before you try again; if you see the payment there, write to us first.',
    payableFrom: <Part>(time: Part, contact: Part, number: string) => [
      'If nothing has come of it by ',
      time,
      ', you can try again from this page. Questions? Write to ',
      contact,
      ` and quote order ${number}.`,
    ],
    triedWith: (method: string) => `Tried with ${method}.`,
    reasons: {
      insufficient_funds: 'Your bank said there was not enough money available.',
      expired: 'The card has expired.',
      details: 'The card details did not match.',
      limit: "The amount is over the card's limit.",
      not_accepted: 'This kind of card is not accepted here. Try another card.',
      too_many_tries: 'This card was declined too often. Use another card, or wait a day.',
      account_unknown: 'The bank account was not found, or is closed.',
      account_blocked: 'The bank does not allow payments from this account.',
      unreachable: 'Your bank could not be reached. Try again in a few minutes.',
      bank_declined: 'Your bank did not accept the payment. Try another way to pay.',
      declined: 'Your bank declined the payment. Try another card or contact your bank.',
    },
  },
  cancelled: {
    heading: 'Order cancelled',
    body: (number: string) => `Order ${number} was cancelled.`,
    notTaken: 'No payment was taken.',
    closePage: 'Close any payment page that is still open.',
  },
  expired: {
    heading: 'This payment link has expired',
    body: (number: string) => `Order ${number} was not paid in time, and no payment was taken.`,
    payNow: 'You can still pay. The order and its prices stay as they are.',
  },
  partiallyRefunded: {
    heading: 'Your order was partly refunded',
    body: (refunded: string, paid: string, method: string) =>
      `${refunded} of ${paid} went back to ${method}.`,
  },
  refunded: {
    heading: 'Your order was refunded',
    body: (refunded: string, method: string) => `${refunded} went back to ${method}.`,
  },
  bankDecides: 'Your bank decides when it appears; allow 10 working days.',
  disputed: {
    heading: 'The payment for this order is disputed',
    body: (amount: string) =>
      `${amount} of your payment is disputed at the bank, and the bank decides about it.`,
  },
  review: {
    heading: 'We are checking your payment',
    body: 'A person at the shop is looking at the payment for this order.',
    ifNeeded: 'You do not need to do anything. We will contact you if we need something from you.',
    paidTwice: 'More than one payment may have been made for it. We will contact you about that.',
    reversed: 'The bank seems to have taken the payment back. We will contact you about that.',
    paidAfterCancel: {
      heading: 'We received a payment for a cancelled order',
      body: (amount: string) =>
        `You do not need to do anything. We will contact you about a refund of ${amount}.`,
    },
  },
  contact: <Part>(contact: Part, number: string) => [
    'Questions? Write to ',
    contact,
    ` and quote order ${number}.`,
  ],

  notices: {
    already_paid: 'This order is already paid. We did not take another payment.',
    not_payable: 'This order cannot be paid now.',
    cannot_cancel: 'This order cannot be cancelled now.',
    sold_out: 'What you ordered is sold out by now, so it cannot be paid any more.',
  },

  offers: {
    goToPayment: 'Go to payment',
    tryAgain: 'Try again',
    payNow: 'Pay now',
    cancel: 'Cancel order',
    checkAgain: 'Check again',
    receipt: 'View receipt',
    toShop: 'Continue shopping',
    print: 'Print',
    toOrder: 'See your order',
  },

  summary: {
    line: (product: string, quantity: number) => `${product} × ${quantity}`,
    total: 'Total',
    refunded: 'Refunded',
    ordered: 'Ordered',
    paidWith: 'Paid with',
    keepLink: 'Keep the link of this page: it always shows how your order stands.',
  },

  method: {
    card: (brand: string, lastFour: string) => `${brand} ending ${lastFour}`,
    cardUnnamed: (lastFour: string) => `card ending ${lastFour}`,
    bankAccount: (lastFour: string) => `bank account ending ${lastFour}`,
    unknown: 'the way you paid',
  },

  receipt: {
    heading: 'Receipt',
    none: 'There is no receipt yet because this order is not paid.',
    noneConfirming:
      'There is no receipt yet because we are confirming your payment. Do not pay again.',
    noneProcessing:
      'There is no receipt yet because your payment has not arrived. Do not pay again.',
    noneReview: 'There is no receipt at the moment because we are checking your payment.',
    noneCancelled: 'There is no receipt because this order was cancelled.',
    seller: 'Seller',
    number: 'Order',
    paidOn: 'Paid',
    paidWith: 'Paid with',
    payment: 'Payment ID',
    item: 'Item',
    quantityAndPrice: (quantity: number, price: string) => `${quantity} × ${price}`,
    lineTotal: 'Total',
    paid: 'Total paid',
    refunded: 'Refunded',
    remaining: 'Paid after refunds',
    disputed: (amount: string) => `${amount} of this payment is disputed at the bank.`,
    print: 'Print or save as PDF',
    toOrder: 'Back to your order',
  },

  paymentUnavailable: {
    heading: 'We could not open the payment page',
    kept: (number: string) => `Your order ${number} is kept. Try again in a minute.`,
    uncertainHeading: 'We could not check your payment',
    uncertain: (number: string) =>
      `Your order ${number} is kept. The payment service does not answer, so we cannot say whether ` +
      'this order is paid.',
  },
}
