/**
 * Lets calls about the same thing share one piece of work. A call joins work under way only where
 * that is allowed: an answer that was asked for before the call may be older than what the caller
 * knows. Who may not join waits and shares the next run.
 */
export class SingleFlight<Result> {
  readonly #running = new Map<string, Promise<Result>>()
  readonly #waiting = new Map<string, Promise<Result>>()

  has(key: string): boolean {
    return this.#running.has(key)
  }

  /** Joins the run under way, if there is one, else starts one. */
  join(key: string, work: () => Promise<Result>): Promise<Result> {
    return this.#running.get(key) ?? this.#start(key, work)
  }

  /** Answers from a run that starts after this call. */
  fresh(key: string, work: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(key)
    if (!running) return this.#start(key, work)

    const waiting = this.#waiting.get(key)
    if (waiting) return waiting

    const next = running.then(nothing, nothing).then(() => {
      this.#waiting.delete(key)
      return this.#start(key, work)
    })
    this.#waiting.set(key, next)
    return next
  }

  #start(key: string, work: () => Promise<Result>): Promise<Result> {
    const run = work().finally(() => {
      if (this.#running.get(key) === run) this.#running.delete(key)
    })
    this.#running.set(key, run)
    return run
  }
}

function nothing(): void {}
