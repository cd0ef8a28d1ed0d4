import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Usage } from './children/report.ts'

export const ROOT = join(import.meta.dirname, '../..')

const START_TIMEOUT_MS = 30_000

/** A process under test, listening on loopback. */
export type Child = {
  url: string
  usage(): Promise<Usage>
  close(): Promise<void>
}

type Options = {
  env?: Record<string, string | undefined>
  /** Where its log goes: written as it would be in production, and read by nobody. */
  logFile?: string
  /** Whether it runs with the flags and variables of `npm start`. */
  asStarted?: boolean
}

/** Starts a file of children/, in production mode, and waits until it listens. */
export async function startChild(name: string, options: Options = {}): Promise<Child> {
  const log = options.logFile ? openSync(options.logFile, 'a') : 'ignore'
  const child = fork(join(import.meta.dirname, 'children', `${name}.ts`), {
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'production' },
      ...(options.asStarted && npmStart().env),
      ...options.env,
    },
    execArgv: options.asStarted ? npmStart().flags : [],
    stdio: ['ignore', log, 'inherit', 'ipc'],
  })
  if (typeof log === 'number') closeSync(log)

  const [ready] = await answer<{ url: string }>(child, name)
  return {
    url: ready.url,
    async usage() {
      child.send('usage')
      const [usage] = await answer<Usage>(child, name)
      return usage
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** The flags and variables that package.json's `start` gives to Node. */
export function npmStart(): { flags: string[]; env: Record<string, string> } {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const words = String(scripts.start).split(' ')
  const variables = words.filter((word) => /^[A-Z_]+=/.test(word))
  return {
    flags: words.filter((word) => word.startsWith('--')),
    env: Object.fromEntries(variables.map((word) => word.split('=') as [string, string])),
  }
}

async function answer<T>(child: ChildProcess, name: string): Promise<[T]> {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), START_TIMEOUT_MS)
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`${name} ended with ${code}`)
  })
  try {
    return (await Promise.race([once(child, 'message', { signal: over.signal }), ended])) as [T]
  } finally {
    clearTimeout(timer)
    over.abort()
    ended.catch(() => undefined)
  }
}
