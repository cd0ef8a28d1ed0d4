import type { Action } from './actions.ts'
import { BrokenRun, runAll } from './run.ts'
import type { World } from './world.ts'

/**
 * Looks for a shorter list of steps that breaks the same invariant: without half of them, a
 * quarter, … a single one, and then with less going on at once. Answers the shortest that broke, or
 * undefined where even the whole list does not break a second time.
 *
 * @param withinMs when to be content with what is found
 */
export async function shrink(
  world: World,
  broken: BrokenRun,
  withinMs: number,
): Promise<BrokenRun | undefined> {
  const until = performance.now() + withinMs
  const kind = broken.seen.slice(0, 3)
  let best = await attempt(broken.actions)
  if (!best) return undefined

  for (let size = Math.ceil(best.actions.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.actions.length; ) {
      if (!(await without(at, size))) at += size
    }
  }
  for (let at = 0; at < best.actions.length; ) {
    if (!(await simplerAt(at))) at += 1
  }
  return best

  function without(at: number, size: number): Promise<boolean> {
    return accept(replaced(at, size, []))
  }

  async function simplerAt(at: number): Promise<boolean> {
    for (const parts of partsOf(best?.actions[at])) {
      if (await accept(replaced(at, 1, parts))) return true
    }
    return false
  }

  function replaced(at: number, size: number, parts: Action[]): Action[] {
    const actions = best?.actions ?? []
    return [...actions.slice(0, at), ...parts, ...actions.slice(at + size)]
  }

  async function accept(actions: readonly Action[]): Promise<boolean> {
    if (performance.now() > until) return false
    const found = await attempt(actions)
    best = found ?? best
    return found !== undefined
  }

  async function attempt(actions: readonly Action[]): Promise<BrokenRun | undefined> {
    try {
      await runAll(world, actions)
      return undefined
    } catch (error) {
      if (!(error instanceof BrokenRun)) throw error
      return error.seen.startsWith(kind) ? error : undefined
    }
  }
}

/** With less going on, the least first. */
function partsOf(action: Action | undefined): Action[][] {
  if (action?.do === 'crash in') return [[{ do: 'crash' }], [action.action]]
  if (action?.do !== 'at once') return []
  const { actions } = action
  const fewer = actions.map((_, left): Action[] => [
    { do: 'at once', actions: actions.filter((_, index) => index !== left) },
  ])
  return [actions, ...(actions.length > 2 ? fewer : [])]
}
