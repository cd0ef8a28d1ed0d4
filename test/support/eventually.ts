import { setTimeout as sleep } from 'node:timers/promises'

/** Tries an expectation until it holds, for what happens after an answer. Fails as it last failed. */
export async function eventually(
  expectation: () => Promise<void>,
  withinMs = 5_000,
): Promise<void> {
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
