import { MINUTE } from '../../clock.ts'
import type { DeliveryMode } from './publishers.ts'

/**
 * JustiFi tries again ten times within a day for live accounts, and three times within an hour for
 * test accounts. The gaps between are made up.
 */
const GAPS_MINUTES: Record<DeliveryMode, readonly number[]> = {
  test: [5, 15, 40],
  live: [5, 10, 20, 45, 60, 120, 180, 240, 360, 400],
  manual: [],
}

/**
 * How long after a failed try the next one is due; undefined after the last.
 *
 * @param triesBefore how often it had been tried before that try
 */
export function retryGapMs(mode: DeliveryMode, triesBefore: number): number | undefined {
  const minutes = GAPS_MINUTES[mode][triesBefore]
  return minutes === undefined ? undefined : minutes * MINUTE
}
