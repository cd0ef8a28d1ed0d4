export const catalog = {
  homeTitle: 'Shops',
  homeHeading: 'Small shops, made by hand',
  homeLead: 'Choose a shop and look around.',
  noShops: 'No shop is open yet.',
  pricesIn: (currency: string) => `Prices in ${currency}`,
  visit: (shop: string) => `Visit ${shop}`,
  nothingForSale: 'Nothing for sale yet. Come back soon.',
  allProducts: 'All products',
  backToShop: (shop: string) => `Everything from ${shop}`,
  quantity: 'Quantity',
  quantityHint: (most: number) => `From 1 to ${most}`,
  addToCart: 'Add to cart',
}
