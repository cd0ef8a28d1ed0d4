import type { IdSource } from '../id-source.ts'

/** What can go wrong, by whether the work was done. The control plane's contract has the words. */
export const FAULT_KINDS = [
  // Nothing is done.
  'status',
  'reset',
  'hang',
  'redirect',
  // The work is done, later.
  'delay',
  // The work is done, and its answer does not arrive as it should.
  'status_after',
  'reset_after',
  'hang_after',
  'malformed',
  'truncated',
  'html',
  'stale',
  'patch',
  'drip',
  'huge',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export type FaultOrder = {
  method: string
  /** May end in `*`. */
  path: string
  kind: FaultKind
  status?: number | undefined
  /** Beside `status`: more headers of the answer, such as Retry-After. */
  headers?: Record<string, string> | undefined
  delay_ms?: number | undefined
  patch?: Record<string, unknown> | undefined
  /** How many matching calls are still to misbehave. */
  times: number
}

export type Fault = FaultOrder & { id: string }

/** The faults that were ordered, oldest first; each is spent by the calls that it hits. */
export class Faults {
  #faults: Fault[] = []
  readonly #ids: IdSource

  constructor(ids: IdSource) {
    this.#ids = ids
  }

  add(order: FaultOrder): Fault {
    const fault = { id: this.#ids.next('fault'), ...order }
    this.#faults.push(fault)
    return fault
  }

  /** The fault that this call is to suffer, if any. It counts as used. */
  take(method: string, path: string): Fault | undefined {
    if (this.#faults.length === 0) return undefined
    const fault = this.#faults.find((fault) => matches(fault, method, path))
    if (!fault) return undefined
    fault.times -= 1
    if (fault.times === 0) this.#faults = this.#faults.filter((other) => other !== fault)
    return fault
  }

  all(): Fault[] {
    return this.#faults
  }

  clear(): void {
    this.#faults = []
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  if (fault.method.toUpperCase() !== method) return false
  return fault.path.endsWith('*') ? path.startsWith(fault.path.slice(0, -1)) : path === fault.path
}
