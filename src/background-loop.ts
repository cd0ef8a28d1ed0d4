import { setTimeout as sleep } from 'node:timers/promises'
import { MINUTE } from './clock.ts'
import type { Logger } from './log.ts'

/** What a round came to: whether more work is due at once, and whether the far side answers. */
export type Round = { more: boolean; answered: boolean }

type Loop = {
  /** For the log. */
  name: string
  intervalMs: number
  log: Logger
}

/** While nobody answers, the pauses between rounds double up to this. */
const LONGEST_PAUSE = MINUTE

/**
 * Repeats a round of work for as long as the process lives: without a pause while more is due, more
 * slowly while the far side does not answer, and also after a round that failed.
 *
 * @returns a function that stops it, after the round under way
 */
export function startLoop(
  round: () => Promise<Round>,
  { name, intervalMs, log }: Loop,
): () => Promise<void> {
  const stopping = new AbortController()
  const running = run()
  return () => {
    stopping.abort()
    return running
  }

  async function run(): Promise<void> {
    let pause = intervalMs
    while (!stopping.signal.aborted) {
      try {
        const { more, answered } = await round()
        pause = answered ? intervalMs : Math.max(intervalMs, Math.min(pause * 2, LONGEST_PAUSE))
        if (more && answered) continue
      } catch (err) {
        log.error({ err, loop: name }, 'a round of background work failed; it goes on')
      }
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
}
