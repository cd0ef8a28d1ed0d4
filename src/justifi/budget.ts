/** The time that a call has, all its tries together. */
export type Budget = {
  /** Aborts when the time is up, or when everything is given up. */
  signal: AbortSignal
  leftMs(): number
  end(): void
}

/**
 * Makes budgets that also end, all at once, when `giveUp` aborts. One listener serves them all, so
 * a process-long signal gathers none.
 */
export function createBudgets(giveUp: AbortSignal | undefined): (ms: number) => Budget {
  const running = new Set<AbortController>()
  giveUp?.addEventListener('abort', () => {
    for (const controller of running) controller.abort()
  })

  return (ms) => {
    const controller = new AbortController()
    const endsAt = performance.now() + ms
    const timer = setTimeout(() => controller.abort(), ms)
    running.add(controller)
    if (giveUp?.aborted) controller.abort()

    return {
      signal: controller.signal,
      leftMs: () => endsAt - performance.now(),
      end() {
        clearTimeout(timer)
        running.delete(controller)
      },
    }
  }
}
