import type { Clock } from '../clock.ts'

/** A call as the control plane shows it. `status` is null where no answer was sent. */
export type LoggedRequest = {
  method: string
  path: string
  status: number | null
  idempotency_key: string | null
  sub_account: string | null
  at: string
}

const LIMIT = 10_000

/** The latest calls, oldest first. */
export class RequestLog {
  #requests: LoggedRequest[] = []
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Written down as the call arrives; its `status` is filled in when it is answered. */
  add(call: Omit<LoggedRequest, 'status' | 'at'>): LoggedRequest {
    const request = { ...call, status: null, at: this.#clock.now().toISOString() }
    this.#requests.push(request)
    // Dropped by halves: dropping one at each call would move all the others each time.
    if (this.#requests.length > 2 * LIMIT) this.#requests = this.#requests.slice(-LIMIT)
    return request
  }

  all(): LoggedRequest[] {
    return this.#requests.slice(-LIMIT)
  }

  clear(): void {
    this.#requests = []
  }
}
