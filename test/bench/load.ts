import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Child, ROOT } from './child.ts'

const AUTOCANNON = join(ROOT, 'node_modules/autocannon/autocannon.js')
const run = promisify(execFile)

export type Load = { perSecond: number; cpuMicros: number }

type Options = { connections: number; seconds: number; headers?: Record<string, string> }

/**
 * Asks for a page as fast as it comes, from a process of its own, and answers how many came each
 * second and what one cost the server in CPU time: on a busy machine the steadier of the two.
 */
export async function load(
  server: Child,
  path: string,
  { connections, seconds, headers = {} }: Options,
): Promise<Load> {
  const before = await server.usage()
  const { stdout } = await run(process.execPath, [
    AUTOCANNON,
    '--json',
    ...['--connections', String(connections), '--duration', String(seconds)],
    ...Object.entries(headers).flatMap(([name, value]) => ['--headers', `${name}=${value}`]),
    server.url + path,
  ])
  const after = await server.usage()

  const { errors, non2xx, duration, requests } = JSON.parse(stdout)
  if (errors > 0 || non2xx > 0) throw new Error(`${path}: ${errors} errors, ${non2xx} not 2xx`)
  return {
    perSecond: requests.total / duration,
    cpuMicros: ((after.cpuMs - before.cpuMs) * 1_000) / requests.total,
  }
}
