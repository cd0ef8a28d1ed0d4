import { inspect } from 'node:util'
import { sweepDueList } from '../../../src/checkout/sweep-lists.ts'
import { lookAtDueOrders } from '../../../src/checkout/watch-orders.ts'
import { lookAtDueRefunds } from '../../../src/checkout/watch-refunds.ts'
import { type Action, perform, Violation } from './actions.ts'
import { violationsOf } from './invariants.ts'
import { steadily } from './justifi-hand.ts'
import { differencesOf } from './ledger.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'
import type { Tally } from './tally.ts'
import type { World } from './world.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
/** More than a day, as the catalogue of faults asks, in the gaps that an operator would see. */
const QUIET_END = [
  ...[20, MINUTE, 14 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 3 * HOUR, 8 * HOUR, 13 * HOUR, 26 * HOUR],
]
/** Rounds until idle; a shop that still finds work after so many goes round in circles. */
const MOST_ROUNDS = 60

/** A run in which something was seen that may never be. */
export class BrokenRun extends Violation {
  override name = 'BrokenRun'
  /** What was seen. */
  readonly seen: string
  readonly actions: readonly Action[]

  constructor(seen: string, actions: readonly Action[]) {
    const steps = actions.map((action) => `  ${JSON.stringify(action)},`).join('\n')
    super(`${seen}\nafter these steps:\n[\n${steps}\n]`)
    this.seen = seen
    this.actions = actions
  }
}

/** One run, step by step, with the safety invariants looked at after each. */
export class Run {
  readonly world: World
  readonly actions: Action[] = []
  readonly #tally: Tally | undefined
  #before: Snapshot | undefined

  private constructor(world: World, tally: Tally | undefined) {
    this.world = world
    this.#tally = tally
  }

  static async begin(world: World, tally?: Tally): Promise<Run> {
    await world.reset()
    return new Run(world, tally)
  }

  /** @throws BrokenRun */
  async step(action: Action): Promise<void> {
    this.actions.push(action)
    this.#tally?.countAction(action)
    try {
      await perform(this.world, action)
      await this.world.quiet()
      const now = await snapshotOf(this.world)
      this.#demandNone(violationsOf(now, this.#before))
      this.#before = now
    } catch (error) {
      throw this.#explained(error)
    }
  }

  /**
   * Nothing goes wrong any more, and time passes: the books have to come to JustiFi's.
   *
   * @throws BrokenRun
   */
  async end(): Promise<void> {
    try {
      await steadily(() => this.world.justifi.endFaults())
      for (const seconds of QUIET_END) {
        this.world.clock.turn(seconds)
        await steadily(() => this.world.justifi.advance(seconds))
        await this.#untilIdle()
      }
      const now = await snapshotOf(this.world)
      this.#demandNone([...violationsOf(now, this.#before), ...differencesOf(now)])
      this.#tally?.countRun(now)
    } catch (error) {
      throw this.#explained(error)
    }
  }

  async #untilIdle(): Promise<void> {
    const { ctx } = this.world.shop
    for (const round of [
      async () => (await lookAtDueOrders(ctx)).looked > 0,
      async () => (await lookAtDueRefunds(ctx)).more,
      async () => (await sweepDueList(ctx)).more,
      async () => (await lookAtDueOrders(ctx)).looked > 0,
    ]) {
      let rounds = 0
      while (await round()) {
        rounds += 1
        if (rounds > MOST_ROUNDS) throw new Violation('the rounds never come to an end')
      }
    }
  }

  #demandNone(violations: string[]): void {
    const all = [...this.world.alarms.map((line) => `I7: ${line}`), ...violations]
    if (all.length > 0) throw new Violation(all.join('\n'))
  }

  #explained(error: unknown): Error {
    const seen = error instanceof Violation ? error.message : inspect(error)
    return new BrokenRun(seen, this.actions)
  }
}

/** Does a list of steps from beginning to quiet end. */
export async function runAll(world: World, actions: readonly Action[]): Promise<void> {
  const run = await Run.begin(world)
  for (const action of actions) await run.step(action)
  await run.end()
}
