import type { AppContext } from '../context.ts'

export const JOB_KINDS = ['check_orders', 'reconcile'] as const
export type JobKind = (typeof JOB_KINDS)[number]

/** `failed`: given up, because of a fault of the shop's own or because JustiFi refuses it. */
export type JobState = 'open' | 'done' | 'cancelled' | 'failed'

/** Long work that somebody began at the desk. */
export type Job = {
  id: string
  merchantId: string
  kind: JobKind
  /** JSON, as whoever began it gave it. */
  params: string
  state: JobState
  /** Where the next step goes on; null at the beginning. */
  cursor: string | null
  /** How many things there are to look at; null where that is not known. */
  total: number | null
  done: number
  changed: number
  failed: number
  /** JSON, of a kind that finds something; null until it has. */
  result: string | null
  /** The user's e-mail. */
  begunBy: string
  /** Steps in a row that came to nothing, because JustiFi did not answer. */
  vainTries: number
  /** Number of the lease under which the job was read. */
  lease: number
  createdAt: Date
  updatedAt: Date
  finishedAt: Date | null
}

/** What one step of a job came to. */
export type Step =
  | {
      kind: 'progress'
      /** Where the next step goes on; null with `isDone`. */
      cursor: string | null
      isDone: boolean
      /** How many more were looked at, were changed by it, and could not be looked at. */
      done?: number
      changed?: number
      failed?: number
      total?: number
      /** To be kept as JSON. */
      result?: object
    }
  /** JustiFi did not answer: the same step is done again later. */
  | { kind: 'vain' }
  /** There is no going on. */
  | { kind: 'failed' }

/**
 * Does one step of a job: small, so that a lease outlives it, and such that doing it twice does no
 * harm, as the process may end before it is kept.
 */
export type StepOf = (ctx: AppContext, job: Job) => Promise<Step>
