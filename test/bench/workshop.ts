import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild } from './child.ts'

export const BENCH_WEBHOOK_SECRET = 'bench'

/** A folder for one measure, and the processes that it starts; all gone when it is over. */
export class Workshop {
  readonly dir = mkdtempSync(join(tmpdir(), 'bench-'))
  readonly #children: Child[] = []

  static async use<T>(work: (workshop: Workshop) => Promise<T>): Promise<T> {
    const workshop = new Workshop()
    try {
      return await work(workshop)
    } finally {
      for (const child of workshop.#children) await child.close()
      rmSync(workshop.dir, { recursive: true })
    }
  }

  async start(...given: Parameters<typeof startChild>): Promise<Child> {
    const child = await startChild(...given)
    this.#children.push(child)
    return child
  }

  /**
   * The shop as production runs it, on SQLite in the folder unless told otherwise. Its watcher
   * sleeps: what it asks on behalf of earlier customers would be counted to the present one.
   */
  startShop(justifi: Child, env: Record<string, string> = {}): Promise<Child> {
    return this.start('shop', {
      asStarted: true,
      logFile: join(this.dir, 'shop.log'),
      env: {
        DATA_DIR: this.dir,
        JUSTIFI_CLIENT_ID: 'test_bench',
        JUSTIFI_CLIENT_SECRET: 'test_bench',
        JUSTIFI_API_URL: justifi.url,
        JUSTIFI_CHECKOUT_URL: `${justifi.url}/r/{id}`,
        JUSTIFI_WEBHOOK_SECRET: BENCH_WEBHOOK_SECRET,
        WATCH_INTERVAL_MS: '9999999',
        ...env,
      },
    })
  }
}
