/** What a mail can speak of, as text that is ready to be read. */
type Facts = {
  number: string
  shop: string
  /** With the currency's code, as every amount here. */
  paid: string
  /** Of the refund or dispute that the mail is about. */
  amount: string
  /** "Visa ending 4242". */
  method: string
  byCard: boolean
  /** Why a payment failed, or whether it is known to have; sentences. */
  failure: string
  /** Why an order needs a look; a sentence. */
  review: string
  disputeStatus: string | undefined
}

/** `warning` stands out from the text. */
type Told = { subject: string; heading: string; text: string[]; warning?: string }

const tell = (told: (facts: Facts) => Told) => told

const aboutOrder = (what: string, { number, shop }: Facts) => `${what} – order ${number} at ${shop}`

/**
 * What mails say, by their kind. A mail may be read long after it was made, and even made late: it
 * tells what happened, and leaves how the order stands now to the order's page.
 */
export const mails = {
  byKind: {
    order_placed: tell(({ number, shop }) => ({
      subject: `Your order ${number} at ${shop}`,
      heading: 'We have your order',
      text: [
        'Keep this mail: its link leads to your order, whose page always shows how it stands.',
        'If you have not paid yet, you can do so from there.',
      ],
    })),
    order_paid: tell((facts) => ({
      subject: aboutOrder('Payment received', facts),
      heading: 'Payment received',
      text: [
        `Thank you. We received ${facts.paid} for order ${facts.number}.`,
        `${facts.shop} now prepares your order.`,
      ],
    })),
    bank_payment_pending: tell((facts) => {
      const heading = facts.byCard
        ? 'Your payment is on its way'
        : 'Your bank payment is on its way'
      return {
        subject: aboutOrder(heading, facts),
        heading,
        text: [
          facts.byCard
            ? 'Your bank has not finished it yet.'
            : 'Bank payments take a few working days.',
          'We prepare your order once the money arrives, and write to you then.',
        ],
        warning: 'Do not pay again.',
      }
    }),
    payment_failed: tell((facts) => ({
      subject: aboutOrder('Your payment did not go through', facts),
      heading: 'Your payment did not go through',
      text: [
        facts.failure,
        'Your order is kept. Its page shows how it stands now, and how you can pay for it.',
      ],
    })),
    refund_requested: tell((facts) => ({
      subject: aboutOrder('Refund requested', facts),
      heading: 'Your refund has been requested',
      text: [
        `We asked for ${facts.amount} to go back to ${facts.method}.`,
        'We write to you again once it is made.',
      ],
    })),
    refund_made: tell((facts) => ({
      subject: aboutOrder('Refund made', facts),
      heading: 'Your refund was made',
      text: [
        `${facts.amount} went back to ${facts.method}.`,
        'Your bank decides when it appears; allow 10 working days.',
      ],
    })),
    refund_failed: tell((facts) => ({
      subject: aboutOrder('Your refund is delayed', facts),
      heading: 'Your refund did not go through',
      text: [
        `The refund of ${facts.amount} to ${facts.method} did not go through.`,
        `${facts.shop} has been told, and will get in touch with you or send it again.`,
      ],
    })),
    order_link: tell(({ number, shop }) => ({
      subject: `The link to your order ${number} at ${shop}`,
      heading: 'Here is your order',
      text: [
        'Somebody who knows the order’s number and this email address asked for its link.',
        'If that was not you, you need not do anything.',
      ],
    })),

    merchant_order_paid: tell(({ number, shop, paid }) => ({
      subject: `New paid order ${number}: ${paid}`,
      heading: 'A new order was paid',
      text: [`Order ${number} at ${shop} was paid: ${paid}. It is yours to prepare.`],
    })),
    merchant_needs_review: tell(({ number, review }) => ({
      subject: `Order ${number} needs a look`,
      heading: 'An order needs a look from you',
      text: [
        review,
        'Hold the order back until you have decided. JustiFi’s dashboard shows its payments.',
      ],
    })),
    merchant_dispute: tell(({ number, amount, disputeStatus }) => {
      if (disputeStatus === 'won') {
        return {
          subject: `Dispute won: order ${number}`,
          heading: 'A dispute was decided for you',
          text: [`The dispute of ${amount} for order ${number} is over, and you keep the money.`],
        }
      }
      if (disputeStatus === 'lost') {
        return {
          subject: `Dispute lost: order ${number}`,
          heading: 'A dispute was decided against you',
          text: [`The dispute of ${amount} for order ${number} is over. The money went back.`],
        }
      }
      return {
        subject: `Dispute: order ${number}, ${amount}`,
        heading: 'A payment is disputed',
        text: [
          `A bank was asked to take back ${amount} of the payment for order ${number}.`,
          'A dispute has to be answered within a few days. You do that in your JustiFi dashboard.',
        ],
      }
    }),
    merchant_refund_failed: tell(({ number, amount }) => ({
      subject: `A refund failed: order ${number}`,
      heading: 'A refund did not go through',
      text: [
        `The refund of ${amount} for order ${number} failed. The customer did not receive it.`,
        'The amount can be refunded again, or returned in another way.',
      ],
    })),
  },

  /** By the reason code of the review. */
  review: {
    amount_mismatch: 'The amount that was paid is not the total of the order.',
    currency_mismatch: 'The order was paid in another currency than its own.',
    account_mismatch: 'The money went to another account than the order’s.',
    mode_mismatch: 'A test payment and live money were mixed up.',
    paid_after_cancel: 'The order was paid after it had been cancelled.',
    paid_twice: 'The order was paid more than once.',
    payment_reversed: 'A payment that had arrived was taken back.',
    provider_denies: 'JustiFi shows nothing of a payment that it showed before.',
  },
  reviewUnnamed: 'The money that was paid and the order do not agree.',

  line: (product: string, quantity: number) => `${product} × ${quantity}`,
  order: (number: string) => `Order ${number}`,
  total: 'Total',
  paidOn: 'Paid',
  paidWith: 'Paid with',

  seeOrder: 'See your order',
  seeReceipt: 'View your receipt',
  openOrder: 'Open the order',

  why: (number: string, shop: string) =>
    `You get this mail because this address was given for order ${number} at ${shop}.`,
  help: (number: string, support: string) =>
    `Questions? Reply to this mail, or write to ${support}, and quote order ${number}.`,
  keepLink: 'Whoever has the link can see your order, so do not pass it on.',
  whyMerchant: (shop: string) =>
    `You get this mail because this is the support address of ${shop}.`,

  previews: {
    title: 'Mails',
    lead: 'The newest mails of the outbox, as they would go out now. Shown in development only.',
    none: 'No mail has been put down yet. Place an order first.',
    to: 'To',
    sent: (time: string) => `Sent ${time}`,
    waiting: (time: string) => `Waits until ${time}`,
    due: 'Due now',
    tries: (count: number, lastError: string) =>
      `${count === 1 ? '1 try' : `${count} tries`}, the last: ${lastError}`,
    html: 'As HTML',
    text: 'As text',
    broken: 'This mail cannot be made. The log says why.',
  },
}
