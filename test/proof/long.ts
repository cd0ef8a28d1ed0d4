import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { closeKeeper, openKeeper, SHARED_HOME } from '../support/postgres.ts'
import { checkModel } from './model/check.ts'
import { shrink } from './model/shrink.ts'
import { Tally } from './model/tally.ts'
import { World } from './model/world.ts'
import { RaceTrack } from './processes/race-track.ts'
import { databaseOf } from './processes/scene.ts'

// Random lives of a shop, and shops racing each other on one database, for as long as told:
// `npm run test:long -- --minutes 30`. Ends with 1 where an invariant breaks; for a life, with the
// seed, the path and the shortest story found. `--seed` and `--path` meet its failure again.

/** Between a new seed and the next. */
const RUNS_PER_SEED = 10
const PROGRESS_MS = 60_000
const SHRINK_MS = 5 * 60_000
/** Of so many seeds, one is lived on PostgreSQL. */
const POSTGRES_EVERY = 4
/** After so many seeds, shops race each other for some laps. */
const RACE_EVERY = 10
const LAPS = 10

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes} is no length of time`)

const tally = new Tally()
let lapsDone = 0
let began = performance.now()

const home = openKeeper({ fsync: false })
process.env[SHARED_HOME] = home
process.exitCode = 1
const worlds: World[] = []
try {
  process.exitCode = await live()
} finally {
  for (const world of worlds) await world.close()
  await closeKeeper(home)
}

async function live(): Promise<number> {
  worlds.push(
    await World.open(await databaseOf('sqlite')),
    await World.open(await databaseOf('postgres')),
  )
  began = performance.now()
  const until = began + minutes * 60_000
  let told = began

  for (let round = 1; performance.now() < until; round++) {
    const world = worlds[round % POSTGRES_EVERY === 0 ? 1 : 0]
    if (!world) break
    const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
    const { failure } = await checkModel(world, {
      seed,
      runs: RUNS_PER_SEED,
      tally,
      ...(values.path !== undefined && { path: values.path }),
    })
    if (failure) return tellOf(world, failure)
    if (values.path !== undefined) break
    if (round % RACE_EVERY === 0) {
      const wrong = await race()
      if (wrong.length > 0) {
        say(`after ${passed()}, in a race:\n${wrong.join('\n')}\n${tally}`)
        return 1
      }
    }
    if (performance.now() - told > PROGRESS_MS) {
      told = performance.now()
      say(
        `${passed()}: ${tally.runs} runs, ${lapsDone} laps, no broken invariant; last seed ${seed}`,
      )
    }
  }
  say(`${passed()}, no broken invariant\n${tally}\n${lapsDone} laps of three shops in a race`)
  return 0
}

async function race(): Promise<string[]> {
  const track = await RaceTrack.open(3)
  try {
    for (let lap = 0; lap < LAPS; lap++) {
      const wrong = await track.lap()
      if (wrong.length > 0) return wrong
      lapsDone += 1
    }
    return []
  } finally {
    await track.close()
  }
}

async function tellOf(
  world: World,
  { seed, path, broken }: NonNullable<Awaited<ReturnType<typeof checkModel>>['failure']>,
): Promise<number> {
  const where = world.database.config.engine
  say(`after ${passed()}, on ${where}: --seed ${seed} --path ${path}\n${broken.message}\n${tally}`)
  const shortest = await shrink(world, broken, SHRINK_MS)
  say(shortest ? `the shortest story found:\n${shortest.message}` : 'it does not break again')
  return 1
}

function passed(): string {
  return `${((performance.now() - began) / 60_000).toFixed(1)} minutes`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
