/** One COMMIT, and all who wrote in it and wait to be told. */
export class SharedCommit {
  readonly since = performance.now()
  /** Rejects where the commit failed: then nothing of what its members wrote is kept. */
  readonly onDisk: Promise<void>
  /** When it is done, whatever came of it: who failed because of another member waits for this. */
  readonly over: Promise<void>
  readonly succeed: () => void
  readonly fail: (error: unknown) => void

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.onDisk = promise
    this.succeed = resolve
    this.fail = reject
    this.over = promise.catch(() => undefined)
  }
}

/** Lets one at a time, in the order of their coming. */
export class Turns {
  #isTaken = false
  readonly #waiting: (() => void)[] = []

  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#isTaken = true
  }

  pass(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#isTaken = false
  }
}
