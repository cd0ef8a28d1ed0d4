import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { readyToCheckOut } from './browser.ts'
import type { Child } from './child.ts'
import { type Finding, ofRounds } from './finding.ts'
import { Workshop } from './workshop.ts'

const ORDERS = 10_000
const ROUNDS = 3
const ROUND_MS = 20_000

/** What the watcher takes of a core to find, again and again, that none of many orders is due. */
export function watcher(say: (text: string) => void): Promise<Finding[]> {
  return Workshop.use((busy) =>
    Workshop.use(async (idle) => {
      const api = await busy.start('payment-api')
      const full = await busy.startShop(api, { WATCH_INTERVAL_MS: '5000' })
      const empty = await idle.startShop(api, { WATCH_INTERVAL_MS: '5000' })
      await (await readyToCheckOut(full.url, ['blue-mug'])).submit()
      copyTheOrder(join(busy.dir, 'shop.sqlite'))
      await sleep(10_000)

      const rounds: { full: number; empty: number }[] = []
      for (let round = 1; round <= ROUNDS; round++) {
        say(`round ${round} of ${ROUNDS}`)
        const [ofFull, ofEmpty] = await Promise.all([shareOf(full), shareOf(empty)])
        rounds.push({ full: ofFull, empty: ofEmpty })
      }
      const share = (who: 'full' | 'empty') => ofRounds(rounds.map((round) => round[who])).value
      return [
        {
          what: `watcher: ${ORDERS} open orders of which none is due, of a core`,
          unit: '%' as const,
          ...ofRounds(rounds.map(({ full, empty }) => full - empty)),
          target: { atMost: 1 },
          from: `${share('full').toFixed(2)} %, against ${share('empty').toFixed(2)} % of a shop without orders`,
        },
      ]
    }),
  )
}

/** An open order, that is not due before tomorrow, and as many copies of it as there should be. */
function copyTheOrder(path: string): void {
  const db = new DatabaseSync(path, { timeout: 5_000 })
  const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1_000).toISOString()
  db.exec(`update orders set next_check_at = '${tomorrow}'`)

  const own = new Set(['id', 'number', 'token_hash', 'checkout_key', 'intent_key', 'intent_id'])
  const columns = db.prepare('select name from pragma_table_info(?)').all('orders')
  const names = columns.map(({ name }) => String(name))
  const values = names.map((name) => (own.has(name) ? `${name} || '-' || copy` : name))
  db.exec(`with recursive copies(copy) as
    (select 1 union all select copy + 1 from copies where copy < ${ORDERS - 1})
    insert into orders (${names.join()}) select ${values.join()} from orders, copies`)
  db.close()
}

/** Per cent of a core that a process takes while nobody asks it for anything. */
async function shareOf(shop: Child): Promise<number> {
  const before = await shop.usage()
  const since = performance.now()
  await sleep(ROUND_MS)
  const after = await shop.usage()
  return ((after.cpuMs - before.cpuMs) / (performance.now() - since)) * 100
}
