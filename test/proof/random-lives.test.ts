import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Engine } from '../support/store.ts'
import { checkModel } from './model/check.ts'
import { KEPT_STORIES } from './model/kept-stories.ts'
import { runAll } from './model/run.ts'
import { Tally } from './model/tally.ts'
import { World } from './model/world.ts'
import { databaseOf } from './processes/scene.ts'

/** A share that every run of the tests can bear; `npm run test:long` goes on for as long as told. */
const LIVES: [engine: Engine, runs: number][] = [
  ['sqlite', 14],
  ['postgres', 4],
]
const TIMEOUT_MS = 600_000

describe.each(LIVES)('a shop on %s', (engine, runs) => {
  let world: World

  beforeAll(async () => {
    world = await World.open(await databaseOf(engine))
  })
  afterAll(() => world.close())

  it(
    'O05, O22: keeps every invariant in lives that chance wrote, and ends with JustiFi’s books',
    async () => {
      const seed = randomInt(2 ** 31)
      process.stdout.write(`random lives on ${engine}: seed ${seed}\n`)
      const tally = new Tally()

      const { failure } = await checkModel(world, { seed, runs, tally })

      if (failure) {
        const { path, broken } = failure
        throw new Error(`npm run test:long -- --seed ${seed} --path ${path}\n${broken.message}`)
      }
      expect(tally.runs).toBe(runs)
      // Lives that never get to money prove nothing.
      expect([...tally.states.keys()]).toEqual(expect.arrayContaining(['paid', 'expired']))
    },
    TIMEOUT_MS,
  )

  it.each(KEPT_STORIES)('keeps every invariant when %s', (_, actions) => runAll(world, actions))
})
