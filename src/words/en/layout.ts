export const layout = {
  /** Name of the installation, where no shop's name applies. */
  siteName: 'Shops',
  title: (page: string, site: string) => `${page} – ${site}`,
  errorTitle: (title: string) => `Error: ${title}`,
  skipLink: 'Skip to the content',
  testMode: 'Test shop: no money moves',
  cart: 'Cart',
  cartCount: (count: number) => (count === 1 ? '1 item' : `${count} items`),
  findOrder: 'Find your order',
  help: (shop: string) => `Questions about ${shop}?`,
  paidThrough:
    'Payments are taken on a secure page of JustiFi. Card numbers never reach this shop.',
  problem: 'There is a problem',
}
