import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from './browser.ts'
import type { Child } from './child.ts'
import type { Finding } from './finding.ts'
import { seedOrders, signIn, sqliteIn } from './seeded-shop.ts'
import { Workshop } from './workshop.ts'

const ORDERS = 1_000_000
const WARM_UP_MS = 8_000
const MEGABYTE = 1024 * 1024

/** The file of a million orders on SQLite, and what others notice of it meanwhile. */
export function ordersCsv(say: (text: string) => void): Promise<Finding[]> {
  return Workshop.use(async (workshop) => {
    say(`writing ${ORDERS} orders`)
    const url = sqliteIn(workshop.dir, 'orders')
    await seedOrders(url, ORDERS)
    const sandbox = await workshop.start('sandbox')
    const shop = await workshop.startShop(sandbox, { DATABASE_URL: url })
    const clerk = await signIn(shop.url)

    // At rest, having served pages as it will meanwhile: a process keeps what that took.
    const before = watchOthers(shop, clerk)
    await sleep(WARM_UP_MS)
    await before.stop()
    await sleep(1_000)
    const idle = (await shop.usage()).rssBytes
    say('downloading them')
    const watch = watchOthers(shop, clerk)
    const { rows, seconds, cpuSeconds } = await download(shop, clerk)
    const { peak, waits } = await watch.stop()
    if (rows !== ORDERS) throw new Error(`${rows} rows came, not ${ORDERS}`)

    return [
      {
        what: 'CSV of 1,000,000 orders: rows a second',
        unit: 'rows/s',
        value: rows / seconds,
        target: { atLeast: 50_000 },
        from: `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of them computing`,
      },
      {
        what: 'CSV of 1,000,000 orders: memory above idle',
        unit: 'MB',
        value: (peak - idle) / MEGABYTE,
        target: { atMost: 60 },
        from: `${(peak / MEGABYTE).toFixed(0)} against ${(idle / MEGABYTE).toFixed(0)} MB`,
      },
      {
        what: 'other pages during it: 99th percentile',
        unit: 'ms',
        value: waits[Math.floor(waits.length * 0.99)] ?? Number.NaN,
        target: { atMost: 100 },
        from: `${waits.length} requests, median ${waits[waits.length >> 1]?.toFixed(1)} ms`,
      },
    ]
  })
}

async function download(shop: Child, clerk: Browser) {
  const before = await shop.usage()
  const start = performance.now()
  const rows = await new Promise<number>((resolve, reject) => {
    const url = new URL('/merchant/orders.csv', shop.url)
    const sent = request(url, { headers: { cookie: clerk.cookies } }, (answer) => {
      // No cell of the seeded orders has a line break in it.
      let lines = -1
      answer.on('data', (part: Buffer) => {
        for (const byte of part) if (byte === 10) lines++
      })
      answer.on('end', () => resolve(lines))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end()
  })
  const seconds = (performance.now() - start) / 1_000
  const cpuSeconds = ((await shop.usage()).cpuMs - before.cpuMs) / 1_000
  return { rows, seconds, cpuSeconds }
}

/** Somebody else at the desk, and a customer, looking at pages all the while. */
function watchOthers(shop: Child, clerk: Browser) {
  const over = new AbortController()
  const waits: number[] = []
  let peak = 0
  const look = async (path: string) => {
    while (!over.signal.aborted) {
      const start = performance.now()
      await clerk.get(path)
      waits.push(performance.now() - start)
      await sleep(20)
    }
  }
  const measure = async () => {
    while (!over.signal.aborted) {
      peak = Math.max(peak, (await shop.usage()).rssBytes)
      await sleep(100)
    }
  }
  const all = Promise.all([look('/merchant/orders'), look('/shops/fernhill-pottery'), measure()])
  return {
    async stop() {
      over.abort()
      await all
      return { peak, waits: waits.toSorted((a, b) => a - b) }
    },
  }
}
