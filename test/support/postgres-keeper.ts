import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { findPostgres, postgresUser, reachablePostgres } from './postgres-binaries.ts'

// The process that owns the tests' PostgreSQL: `node postgres-keeper.ts HOME fsync=on|off`.
// Everything it makes lies in HOME. It takes commands on a socket there, so that the workers of one
// run share one server, which starts when the first of them asks. When its standard input ends it
// stops the server and removes HOME: that comes about even where its parent is killed with SIGKILL.

const START_TIMEOUT_MS = 60_000
const [home = '', fsync = 'fsync=off'] = process.argv.slice(2)
const data = join(home, 'data')
const log = join(home, 'postgres.log')
const runAs = postgresUser()
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }

let bin: string | undefined
let server: Promise<ChildProcess> | undefined

const COMMANDS: Record<string, () => Promise<unknown>> = { start, crash, close: crash }

const socket = createServer((connection) => {
  createInterface({ input: connection }).once('line', async (command) => {
    const answer = await answerTo(command)
    if (command === 'close') return leave(() => connection.end(answer))
    connection.end(answer)
  })
  connection.on('error', () => {})
})
socket.listen(join(home, 'keeper.sock'))

process.stdin.on('error', () => {}).on('close', () => leave())
process.stdin.resume()

async function answerTo(command: string): Promise<string> {
  try {
    await COMMANDS[command]?.()
    return '{}'
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) })
  }
}

function start(): Promise<ChildProcess> {
  server ??= startServer()
  return server
}

/** Stops the server as a power cut would: no goodbye to clients, no checkpoint. */
async function crash(): Promise<void> {
  const running = await server?.catch(() => undefined)
  server = undefined
  if (!running || hasEnded(running)) return
  running.kill('SIGQUIT')
  await once(running, 'exit')
}

async function leave(sayGoodbye = () => {}): Promise<void> {
  await crash()
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  sayGoodbye()
  socket.close(() => process.exit())
}

async function startServer(): Promise<ChildProcess> {
  bin ??= await initialise()
  const settings = ['listen_addresses=', 'max_connections=200', fsync]
  if (fsync === 'fsync=off') settings.push('full_page_writes=off')

  const started = run('postgres', [
    ...['-D', data, '-k', home],
    ...settings.flatMap((setting) => ['-c', setting]),
  ])
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!isReady(started)) {
    if (hasEnded(started) || Date.now() > deadline) {
      started.kill('SIGQUIT')
      throw new Error(`PostgreSQL in ${bin} does not start:\n${readFileSync(log, 'utf8')}`)
    }
    await sleep(10)
  }
  return started
}

async function initialise(): Promise<string> {
  if (runAs.uid !== undefined && runAs.gid !== undefined) chownSync(home, runAs.uid, runAs.gid)
  bin = reachablePostgres(findPostgres(), home, runAs)

  const initdb = run('initdb', [
    ...['-D', data, '--username=shop', '--auth=trust', '--no-sync'],
    ...['--encoding=UTF8', '--locale=C'],
  ])
  const [status] = await once(initdb, 'exit')
  if (status !== 0) throw new Error(`initdb in ${bin} fails:\n${readFileSync(log, 'utf8')}`)
  return bin
}

function run(program: 'initdb' | 'postgres', args: string[]): ChildProcess {
  const output = openSync(log, 'a')
  const child = spawn(join(bin ?? '', program), args, {
    ...runAs,
    cwd: home,
    env: environment,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  return child
}

/** Its pid file says so, in the line that `pg_ctl --wait` reads too. */
function isReady({ pid }: ChildProcess): boolean {
  const pidFile = join(data, 'postmaster.pid')
  const lines = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : []
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
