export const checkout = {
  title: 'Checkout',
  details: 'Your details',
  name: 'Full name',
  email: 'Email address',
  emailHint: 'We use this for your receipt and order link.',
  summary: 'Your order',
  changeCart: 'Change cart',
  times: (quantity: number) => `× ${quantity}`,
  total: 'Total',
  continue: (total: string) => `Continue to payment – ${total}`,
  note:
    'You pay on JustiFi’s secure page, then come back here. ' +
    'You can return to your order at any time.',
  totalNow: (total: string) => `The total is now ${total}. Check your order before you go on.`,
  noName: 'Enter your full name',
  longName: (most: number) => `Enter a name of at most ${most} characters`,
  wrongName: 'Enter your name without special control characters',
  noEmail: 'Enter your email address',
  longEmail: (most: number) => `Enter an email address of at most ${most} characters`,
  wrongEmail: 'Enter an email address like name@example.com',
}
