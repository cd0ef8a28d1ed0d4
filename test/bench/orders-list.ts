import { startPostgres } from '../support/postgres.ts'
import type { Browser } from './browser.ts'
import { type Finding, median } from './finding.ts'
import { seedOrders, signIn, sqliteIn } from './seeded-shop.ts'
import { Workshop } from './workshop.ts'

const FEW = 1_000
const MANY = 1_000_000
const ROUNDS = 40

const STATUSES = [
  ...['paid', 'awaiting_payment', 'processing', 'failed', 'cancelled', 'expired'],
  ...['partially_refunded', 'refunded', 'disputed', 'needs_review'],
]

/** Each shows a full page of orders in the small shop too, except where only one has the e-mail. */
const SEARCHES: [what: string, query: string][] = [
  ['no filter', ''],
  ...STATUSES.map((status): [string, string] => [`status ${status}`, `status=${status}`]),
  ['three statuses', 'status=paid&status=refunded&status=failed'],
  ['the last days', `from=${dayAgo(1)}`],
  ['days and a status', `from=${dayAgo(1)}&status=paid`],
  ['the beginning of one e-mail', 'q=eve.n0000100@'],
  ['the beginning of many names', 'q=eve'],
]

/** The merchant's page of orders: a million of them in the table, against a thousand. */
export function ordersList(say: (text: string) => void): Promise<Finding[]> {
  return Workshop.use(async (workshop) => {
    const sandbox = await workshop.start('sandbox')
    const postgres = await startPostgres({ fsync: false })
    const findings: Finding[] = []
    try {
      for (const engine of ['sqlite', 'postgres'] as const) {
        const clerks: Browser[] = []
        for (const orders of [FEW, MANY]) {
          say(`${engine}: writing ${orders} orders`)
          const url =
            engine === 'sqlite'
              ? sqliteIn(workshop.dir, String(orders))
              : (await postgres.createDatabase()).url
          await seedOrders(url, orders)
          const shop = await workshop.startShop(sandbox, { DATABASE_URL: url })
          clerks.push(await signIn(shop.url))
        }
        const [few, many] = clerks
        if (!few || !many) throw new Error('two shops are compared')
        for (const search of SEARCHES) {
          say(`${engine}: ${search[0]}`)
          findings.push(await compare(engine, search, few, many))
        }
      }
    } finally {
      await postgres.close()
    }
    return findings
  })
}

/**
 * Turn by turn, and each first as often as the other, so that whatever else the machine does counts
 * against both.
 */
async function compare(
  engine: string,
  [what, query]: [string, string],
  few: Browser,
  many: Browser,
): Promise<Finding> {
  const path = `/merchant/orders?${query}`
  const times: [few: number[], many: number[]] = [[], []]
  for (let round = -20; round < ROUNDS; round++) {
    const sides = round % 2 ? ([0, 1] as const) : ([1, 0] as const)
    for (const side of sides) {
      const took = await timed(side === 0 ? few : many, path)
      if (round >= 0) times[side].push(took)
    }
  }
  const [fewMs, manyMs] = [median(times[0]), median(times[1])]
  return {
    what: `orders page, ${engine}, ${what}: median, 1,000,000 orders to 1,000`,
    unit: '×',
    value: manyMs / fewMs,
    target: { atMost: 1.3 },
    from: `${manyMs.toFixed(2)} against ${fewMs.toFixed(2)} ms`,
  }
}

async function timed(clerk: Browser, path: string): Promise<number> {
  const start = performance.now()
  const { status, body } = await clerk.get(path)
  if (status !== 200 || !body.includes('/merchant/orders/N')) {
    throw new Error(`${path} answered ${status}`)
  }
  return performance.now() - start
}

function dayAgo(days: number): string {
  return new Date(Date.now() - days * 24 * 60 * 60 * 1_000).toISOString().slice(0, 10)
}
