import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IBackoff,
  type IBackoffFactory,
} from 'cockatiel'
import type { Logger } from '../log.ts'
import type { Answer } from './answer.ts'
import type { CallLimits } from './call-limits.ts'
import { JustifiError, JustifiUnreachableError } from './errors.ts'

/** Turned away here, without a try. */
export class JustifiLeftAloneError extends JustifiUnreachableError {}

export type Breaker = {
  /**
   * Does the work, unless JustiFi is being left alone.
   *
   * @throws JustifiLeftAloneError at once while it is
   */
  run(work: () => Promise<Answer>): Promise<Answer>
  isClosed(): boolean
}

/**
 * Leaves JustiFi alone after several failures in a row: no answer, 5xx, 429. Other answers show
 * that it is well. After a pause one call is let through; it decides, and meanwhile the others
 * are turned away rather than made to wait for it.
 */
export function createBreaker(
  { breakAfter, breakMs, maxBreakMs }: CallLimits,
  log: Pick<Logger, 'warn' | 'info'>,
): Breaker {
  const policy = circuitBreaker(
    handleWhen((error) => error instanceof JustifiError).orWhenResult((answer) =>
      isUnwell(answer as Answer),
    ),
    { breaker: new ConsecutiveBreaker(breakAfter), halfOpenAfter: pause(breakMs, maxBreakMs) },
  )
  policy.onBreak(() => log.warn('justifi does not answer: calls are stopped for a while'))
  policy.onReset(() => log.info('justifi answers again'))

  return {
    isClosed: () => policy.state === CircuitState.Closed,
    async run(work) {
      if (policy.state === CircuitState.HalfOpen) throw leftAlone()
      try {
        return await policy.execute(work)
      } catch (error) {
        throw error instanceof BrokenCircuitError ? leftAlone() : error
      }
    },
  }
}

function isUnwell({ status }: Answer): boolean {
  return status >= 500 || status === 429
}

function leftAlone(): JustifiLeftAloneError {
  return new JustifiLeftAloneError('JustiFi did not answer lately and is left alone for a while')
}

/**
 * A pause that doubles. Cockatiel compares a pause's duration with the wall clock, which may be
 * turned back by hours; so the duration is endless until the monotonic clock says that it is over.
 */
function pause(ms: number, maxMs: number): IBackoffFactory<unknown> {
  const step = (stepMs: number): IBackoff<unknown> => {
    const endsAt = performance.now() + stepMs
    return {
      get duration() {
        return performance.now() < endsAt ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
      },
      next: () => step(Math.min(stepMs * 2, maxMs)),
    }
  }
  return { next: () => step(ms) }
}
