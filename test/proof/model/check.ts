import fc from 'fast-check'
import type { Action } from './actions.ts'
import { anySteps } from './arbitraries.ts'
import { Run } from './run.ts'
import type { World } from './world.ts'

/** The model knows only whose turn it is: what there is, the sandbox's ledger says. */
type Model = Record<string, never>

class Step implements fc.AsyncCommand<Model, Run> {
  readonly actions: Action[]

  constructor(actions: Action[]) {
    this.actions = actions
  }

  check(): boolean {
    return true
  }

  async run(_: Model, run: Run): Promise<void> {
    for (const action of this.actions) await run.step(action)
  }

  toString(): string {
    return JSON.stringify(this.actions)
  }
}

/** So that not all of a run is spent on getting to where money can move. */
const BEGINNING: Action[] = [
  { do: 'place', merchant: 0, quantity: 2 },
  { do: 'open', order: 0 },
  { do: 'place', merchant: 1, quantity: 1 },
  { do: 'open', order: 1 },
]

export type Checked = {
  runs: number
  failure: { seed: number; path: string; message: string } | undefined
}

export type CheckOptions = {
  seed: number
  runs: number
  /** Ends after the run under way. */
  withinMs?: number
  steps?: number
  /** Looks for the shortest list of steps that fails; costs many runs. */
  shrink?: boolean
  /** Of a failure that was met before, to meet it again. */
  path?: string
}

/** Runs random lists of steps, and tells of the first that breaks an invariant. */
export async function checkModel(world: World, options: CheckOptions): Promise<Checked> {
  const { seed, runs, withinMs, steps = 50, shrink = false, path } = options
  const commands = fc.commands([anySteps.map((actions) => new Step(actions))], {
    maxCommands: steps,
    size: 'max',
  })
  const result = await fc.check(
    fc.asyncProperty(commands, async (commands) => {
      const run = await Run.begin(world)
      for (const action of BEGINNING) await run.step(action)
      await fc.asyncModelRun(() => ({ model: {}, real: run }), commands)
      await run.end()
    }),
    {
      seed,
      numRuns: runs,
      endOnFailure: !shrink,
      ...(withinMs !== undefined && { interruptAfterTimeLimit: withinMs }),
      ...(path !== undefined && { path }),
    },
  )
  if (!result.failed) return { runs: result.numRuns, failure: undefined }
  const { errorInstance, counterexamplePath } = result
  return {
    runs: result.numRuns,
    failure: {
      seed,
      path: counterexamplePath ?? '',
      message: errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    },
  }
}
