/** What went wrong, for the person who sees it; by the code of the error. */
export const errors = {
  byCode: {
    bad_request: {
      heading: 'Something in that request was not right',
      body: ['Go back, check the address or the form, and try again.'],
    },
    forbidden: {
      heading: 'That form could not be used',
      body: [
        'It was open for too long, or it did not come from this shop. Nothing was changed.',
        'Go back, load the page again, and send the form once more.',
      ],
    },
    not_allowed: {
      heading: 'You may not do this',
      body: [
        'Your account has no right to it. Nothing was changed.',
        'An owner of the shop can give you the right.',
      ],
    },
    page_not_found: {
      heading: 'Page not found',
      body: [
        'If you typed the address, check that it is right.',
        'If you followed a link, what it led to may have moved or may no longer be sold.',
      ],
    },
    order_not_found: {
      heading: 'We could not find that order',
      body: [
        'Check that you have the whole link: it is long, and a mail program may have cut it.',
        'If it still does not work, we can mail it to you again: have your order number at hand.',
      ],
    },
    method_not_allowed: {
      heading: 'This page does not work that way',
      body: ['Go back and use the button or the link on the page.'],
    },
    too_large: {
      heading: 'That was too much to send',
      body: ['Shorten what you entered and try again.'],
    },
    too_many_requests: {
      heading: 'Please wait a little',
      body: ['There were very many requests from your connection. Nothing is lost.'],
    },
    payment_page_unavailable: {
      heading: 'We could not open the payment page',
      body: ['Your order is kept. Open its page and look at how it stands before you pay.'],
    },
    unavailable: {
      heading: 'The shop is not available right now',
      body: ['If you were paying, check your order before paying again.'],
    },
    internal: {
      heading: 'Sorry, there is a problem with the shop',
      body: [
        'If you were paying, check your order before paying again.',
        'Otherwise, try again in a few minutes.',
      ],
    },
  },
  toShops: 'See the shops',
  toOrder: 'Check your order',
  findOrder: 'Find your order',
  wait: (wait: string) => `Try again in ${wait}.`,
  seconds: (count: number) => (count === 1 ? '1 second' : `${count} seconds`),
  minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
}
