export const findOrder = {
  title: 'Find your order',
  lead: 'We send the link to your order to the email address that you ordered with.',
  number: 'Order number',
  numberHint: 'Eight letters and digits, such as K7QM2XR4. It is in every mail about the order.',
  email: 'Email address',
  button: 'Send the link',
  noNumber: 'Enter your order number',
  sentTitle: 'Look into your mailbox',
  sent:
    'If there is an order with that number and email address, its link is on the way there. ' +
    'It can take a few minutes.',
  notThere:
    'Nothing came? Look among unwanted mail, check both entries, and ask again after ten minutes.',
}
