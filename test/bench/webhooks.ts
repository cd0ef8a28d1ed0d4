import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { signWebhook } from '../../src/justifi/webhook-signature.ts'
import { readyToCheckOut, send } from './browser.ts'
import type { Child } from './child.ts'
import { type Finding, ofRounds } from './finding.ts'
import { BENCH_WEBHOOK_SECRET, Workshop } from './workshop.ts'

const ORDERS = 20
const CONNECTIONS = 64
const QUEUED = 5_000
const ROUNDS = 3

type Delivery = { body: string; headers: Record<string, string> }
type Taken = { perSecond: number; p99Ms: number }

/**
 * What JustiFi sends after an outage: thousands of events at once, about orders that are there, so
 * that each also makes its order due and rings the bell. Against Express that verifies the same
 * signature and inserts one row.
 */
export function webhooks(say: (text: string) => void): Promise<Finding[]> {
  return Workshop.use(async (workshop) => {
    const api = await workshop.start('payment-api')
    const shop = await workshop.startShop(api)
    const plain = await workshop.start('plain-webhook', {
      env: {
        BENCH_DATABASE: join(workshop.dir, 'plain.sqlite'),
        BENCH_SECRET: BENCH_WEBHOOK_SECRET,
      },
    })
    const intentIds = await placeOrders(shop, api)

    const rounds: { shop: Taken; plain: Taken }[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      say(round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`)
      const taken = {
        shop: await deliverAll(shop, eventsAbout(intentIds)),
        plain: await deliverAll(plain, eventsAbout(intentIds)),
      }
      if (round > 0) rounds.push(taken)
    }
    return findingsOf(rounds)
  })
}

async function placeOrders(shop: Child, api: Child): Promise<string[]> {
  for (let order = 0; order < ORDERS; order++) {
    await (await readyToCheckOut(shop.url, ['blue-mug'])).submit()
  }
  const { body } = await send(new URL('/bench/intents', api.url), { method: 'GET', headers: {} })
  return JSON.parse(body)
}

function eventsAbout(intentIds: string[]): Delivery[] {
  return Array.from({ length: QUEUED }, (_, index) => {
    const body = JSON.stringify({
      id: `evt_${randomUUID()}`,
      account_type: 'test',
      version: 'v1',
      event_name: 'payment_intent.pending',
      data: { id: intentIds[index % intentIds.length], status: 'pending' },
    })
    const timestamp = new Date().toISOString()
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'justifi-timestamp': timestamp,
        'justifi-signature': signWebhook(BENCH_WEBHOOK_SECRET, timestamp, body),
      },
    }
  })
}

async function deliverAll({ url }: Child, deliveries: Delivery[]): Promise<Taken> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const target = new URL('/webhooks/justifi', url)
  const tookMs: number[] = []
  const waiting = deliveries.values()

  async function connection(): Promise<void> {
    for (const delivery of waiting) {
      const since = performance.now()
      const { status } = await send(target, { method: 'POST', ...delivery }, agent)
      if (status !== 200) throw new Error(`a delivery was answered ${status}`)
      tookMs.push(performance.now() - since)
    }
  }

  const since = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  const seconds = (performance.now() - since) / 1_000
  agent.destroy()
  const slowest = tookMs.toSorted((a, b) => a - b)
  return {
    perSecond: deliveries.length / seconds,
    p99Ms: slowest[Math.ceil(slowest.length * 0.99) - 1] ?? Number.NaN,
  }
}

function findingsOf(rounds: { shop: Taken; plain: Taken }[]): Finding[] {
  const rate = (who: 'shop' | 'plain') => ofRounds(rounds.map((round) => round[who].perSecond))
  const queued = `${QUEUED} queued, ${CONNECTIONS} connections`
  return [
    {
      what: `webhooks, ${CONNECTIONS} connections: rate, to Express that inserts a row`,
      unit: '×',
      ...ofRounds(rounds.map(({ shop, plain }) => shop.perSecond / plain.perSecond)),
      target: { atLeast: 0.5 },
      from: `${rate('shop').value.toFixed(0)} against ${rate('plain').value.toFixed(0)} a second`,
    },
    {
      what: 'webhooks: 99 of 100 are answered within',
      unit: 'ms',
      ...ofRounds(rounds.map(({ shop }) => shop.p99Ms)),
      target: { atMost: 1_000 },
      from: queued,
    },
  ]
}
