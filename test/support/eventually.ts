import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Tries an expectation until it holds, for what happens after an answer, and answers as it does.
 * Fails as it last failed.
 */
export async function eventually<Result>(
  expectation: () => Promise<Result>,
  withinMs = 5_000,
): Promise<Result> {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      return await expectation()
    } catch (error) {
      if (performance.now() > end) throw error
      await sleep(20)
    }
  }
}
