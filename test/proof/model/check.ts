import fc from 'fast-check'
import type { Action } from './actions.ts'
import { anySteps } from './arbitraries.ts'
import { BrokenRun, Run } from './run.ts'
import type { Tally } from './tally.ts'
import type { World } from './world.ts'

/** So that not all of a run is spent on getting to where money can move. */
const BEGINNING: Action[] = [
  { do: 'place', merchant: 0, quantity: 2 },
  { do: 'open', order: 0 },
  { do: 'place', merchant: 1, quantity: 1 },
  { do: 'open', order: 1 },
]

export type Checked = {
  runs: number
  /** To be met again with the same seed and path, as long as the generator stays as it is. */
  failure: { seed: number; path: string; broken: BrokenRun } | undefined
}

export type CheckOptions = {
  seed: number
  runs: number
  tally?: Tally
  /** Of a failure that was met before. */
  path?: string
}

/** Lists of steps in one run; one stands for one to five steps. */
const LENGTH = { minLength: 15, maxLength: 45 }

/** Runs random lists of steps, and tells of the first that breaks an invariant. */
export async function checkModel(world: World, options: CheckOptions): Promise<Checked> {
  const { seed, runs, tally, path } = options
  // Without bias: short lists, and the same few values, get nowhere.
  const lives = fc.noBias(fc.array(anySteps, { ...LENGTH, size: 'max' }))
  const result = await fc.check(
    fc.asyncProperty(lives, async (life) => {
      const run = await Run.begin(world, tally)
      for (const action of [...BEGINNING, ...life.flat()]) await run.step(action)
      await run.end()
    }),
    { seed, numRuns: runs, endOnFailure: true, ...(path !== undefined && { path }) },
  )
  const { failed, numRuns, errorInstance, counterexamplePath } = result
  if (!failed) return { runs: numRuns, failure: undefined }
  if (!(errorInstance instanceof BrokenRun)) throw errorInstance
  return {
    runs: numRuns,
    failure: { seed, path: counterexamplePath ?? '', broken: errorInstance },
  }
}
