export const JOBS_PATH = '/merchant/jobs'
/** Shows which orders of a filter would be checked, and takes the form that begins it. */
export const CHECK_ORDERS_PATH = `${JOBS_PATH}/check-orders`

export function jobPath(id: string): string {
  return `${JOBS_PATH}/${id}`
}
