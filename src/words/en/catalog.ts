export const catalog = {
  homeTitle: 'Shops',
  homeHeading: 'Welcome',
  homeLead: 'Choose a shop and look around.',
  noShops: 'No shop is open yet.',
  pricesIn: (currency: string) => `Prices in ${currency}`,
  nothingForSale: 'Nothing for sale yet. Come back soon.',
  allProducts: 'All products',
  backToShop: (shop: string) => `Everything from ${shop}`,
  quantity: 'Quantity',
  addToCart: 'Add to cart',
  soldOut: 'Sold out',
  fewLeft: (left: number) => `Only ${left} left`,
}
