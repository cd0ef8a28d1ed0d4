import { filterParams, type OrderFilter } from '../../../orders/order-filter.ts'

export const ORDERS_PATH = '/merchant/orders'
export const EXPORT_PATH = '/merchant/orders.csv'
export const OPEN_ITEMS_PATH = '/merchant/open-items'

/** A list or file of the orders that a filter lets through. */
export function filteredPath(
  path: string,
  filter: OrderFilter,
  more: Record<string, string> = {},
): string {
  const params = filterParams(filter)
  for (const [name, value] of Object.entries(more)) params.set(name, value)
  const query = params.toString()
  return query === '' ? path : `${path}?${query}`
}

/** One order's page; below it are the forms that act on the order. */
export function orderDeskPath(number: string): string {
  return `${ORDERS_PATH}/${number}`
}
