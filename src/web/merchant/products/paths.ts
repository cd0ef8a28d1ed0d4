export const PRODUCTS_PATH = '/merchant/products'
export const NEW_PRODUCT_PATH = `${PRODUCTS_PATH}/new`

export function managedPath(id: string): string {
  return `${PRODUCTS_PATH}/${id}`
}
