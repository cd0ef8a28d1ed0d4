import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { npmStart, ROOT } from './child.ts'
import { type Finding, ofRounds } from './finding.ts'
import { Workshop } from './workshop.ts'

const ROUNDS = 7

/** From the process's start to the line that it listens, with a database that is there already. */
export async function coldStart(say: (text: string) => void): Promise<Finding[]> {
  return Workshop.use(async ({ dir }) => {
    await start(dir)
    const times: number[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      say(`round ${round} of ${ROUNDS}`)
      times.push(await start(dir))
    }
    const what = 'cold start to listening, sandbox beside it'
    const from = 'as npm start does, on a seeded SQLite file'
    return [{ what, ...ofRounds(times), unit: 'ms', target: { atMost: 800 }, from }]
  })
}

async function start(dataDir: string): Promise<number> {
  const began = performance.now()
  const { flags, env } = npmStart()
  const shop = spawn(process.execPath, [...flags, 'src/main.ts'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PORT: '0', SANDBOX_PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  for await (const text of shop.stdout) {
    told += text
    if (told.includes('"msg":"listening"')) break
  }
  const took = performance.now() - began
  const gone = once(shop, 'exit')
  shop.kill('SIGTERM')
  await gone
  return took
}
