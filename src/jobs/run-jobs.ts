import { setTimeout as sleep } from 'node:timers/promises'
import { type Round, startLoop } from '../background-loop.ts'
import { later, MINUTE, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { JustifiError } from '../justifi/errors.ts'
import { checkOrdersStep } from './check-orders.ts'
import type { Job, JobKind, Step, StepOf } from './job.ts'
import { type JobChange, keepStep, leaseDueJob } from './queries.ts'
import { reconcileStep } from './reconcile/reconcile.ts'

const STEPS: Record<JobKind, StepOf> = { check_orders: checkOrdersStep, reconcile: reconcileStep }

/** Longer than a step can last. An instance that dies holds its job for no longer. */
const LEASE = MINUTE
/** After a step for which JustiFi did not answer; it doubles, up to the longest. */
const FIRST_PAUSE = 5 * SECOND
const LONGEST_PAUSE = MINUTE
/** Of a step that fails for a reason of the shop's own, before the job is given up. */
const MAX_FAULTS = 5
/** Between two steps, at most. */
const LONGEST_BREATH = SECOND

/**
 * Goes on with the jobs of all merchants, a step at a time and in turns, on every instance.
 *
 * @returns a function that stops it, after the step under way
 */
export function runJobs(ctx: AppContext, intervalMs: number): () => Promise<void> {
  const { log } = ctx
  return startLoop(() => runDueJob(ctx), { name: 'jobs', intervalMs, log })
}

/**
 * Does one step of the job that has waited longest. Afterwards it rests for as long as the step
 * took, so that it gives way to customers, the more the slower JustiFi is.
 */
export async function runDueJob(ctx: AppContext): Promise<Round> {
  const now = ctx.clock.now()
  const job = await leaseDueJob(ctx.db, now, later(now, LEASE))
  if (!job) return { more: false, answered: true }

  const began = performance.now()
  const change = changeBy(job, await stepOf(ctx, job), ctx.clock.now())
  await keepStep(ctx.db, job, change, ctx.clock.now())
  await sleep(Math.min(performance.now() - began, LONGEST_BREATH))
  return { more: true, answered: true }
}

async function stepOf(ctx: AppContext, job: Job): Promise<Step> {
  const about = { job: job.id, kind: job.kind }
  try {
    return await STEPS[job.kind](ctx, job)
  } catch (err) {
    if (err instanceof JustifiError) {
      ctx.log.warn({ err, ...about }, 'JustiFi gave a job no usable answer; it tries again')
      return { kind: 'vain' }
    }
    ctx.log.error({ err, ...about }, 'a step of a job failed')
    return job.vainTries + 1 < MAX_FAULTS ? { kind: 'vain' } : { kind: 'failed' }
  }
}

function changeBy(job: Job, step: Step, now: Date): JobChange {
  const { state, cursor, total, result, vainTries } = job
  const asItWas = { state, cursor, total, result, vainTries, done: 0, changed: 0, failed: 0 }

  switch (step.kind) {
    case 'progress':
      return {
        state: step.isDone ? 'done' : 'open',
        cursor: step.cursor,
        total: step.total ?? total,
        done: step.done ?? 0,
        changed: step.changed ?? 0,
        failed: step.failed ?? 0,
        result: step.result ? JSON.stringify(step.result) : result,
        vainTries: 0,
        dueAt: now,
      }
    case 'vain': {
      const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(vainTries, 10), LONGEST_PAUSE)
      return { ...asItWas, vainTries: vainTries + 1, dueAt: later(now, pause) }
    }
    case 'failed':
      return { ...asItWas, state: 'failed', dueAt: now }
  }
}
