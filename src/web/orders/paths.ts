/** Below it stand the order's actions: /pay, /cancel, /receipt, /status.json. */
export function orderPath(token: string): string {
  return `/orders/${token}`
}
