import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SHARED_HOME } from '../../support/postgres.ts'
import type { FromShop, Job, Setup, ToShop } from './messages.ts'

const CHILD = join(import.meta.dirname, 'shop-child.ts')

/** A shop in a process of its own, seen from outside. */
export class ShopProcess {
  url = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #waiting = new Map<number, (answer: FromShop) => void>()
  #messages = 0

  /** Starts the process; the shop in it opens with `open`. */
  constructor() {
    this.#child = fork(CHILD, [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: join(String(process.env[SHARED_HOME]), 'compiled'),
      },
    })
    this.#ended = once(this.#child, 'exit')
    this.#child.on('message', (answer: FromShop) => this.#waiting.get(answer.id)?.(answer))
    this.#child.on('exit', () => {
      for (const [id, settle] of this.#waiting) settle({ id, error: 'the process has ended' })
    })
  }

  async open(setup: Setup): Promise<void> {
    this.url = (await this.#send({ setup })) as string
  }

  /** @throws Error with the child's own, or where the process ends meanwhile */
  do(job: Job, at?: number): Promise<unknown> {
    return this.#send({ job, ...(at !== undefined && { at }) })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Answers the signal that ended it; null where it lives on. */
  async ended(): Promise<NodeJS.Signals | null> {
    await Promise.race([this.#ended, sleep(3_000, undefined, { ref: false })])
    return this.#child.signalCode
  }

  async close(): Promise<void> {
    this.kill()
    await this.#ended
  }

  async #send(message: { setup: Setup } | { job: Job; at?: number }): Promise<unknown> {
    this.#messages += 1
    const id = this.#messages
    const answered = new Promise<FromShop>((resolve) => this.#waiting.set(id, resolve))
    if (!this.#child.connected) throw new Error('the process has ended')
    this.#child.send({ id, ...message } satisfies ToShop)
    const answer = await answered
    this.#waiting.delete(id)
    if ('error' in answer) throw new Error(answer.error)
    return answer.value
  }
}

/** Keeps one process started ahead, as starting is what takes its time. */
export class ShopProcesses {
  readonly #all: ShopProcess[] = []
  #ready = this.#start()

  take(): ShopProcess {
    const process = this.#ready
    this.#ready = this.#start()
    return process
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((process) => process.close()))
  }

  #start(): ShopProcess {
    const process = new ShopProcess()
    this.#all.push(process)
    return process
  }
}
