export const RECONCILIATION_PATH = '/merchant/reconciliation'

/** What one comparison found. */
export function reconciliationPath(jobId: string): string {
  return `${RECONCILIATION_PATH}/${jobId}`
}

export function differencesPath(jobId: string): string {
  return `${RECONCILIATION_PATH}/${jobId}.csv`
}
