import { Agent } from 'node:http'
import { startPostgres } from '../support/postgres.ts'
import { type Checkout, readyToCheckOut, send } from './browser.ts'
import type { Child } from './child.ts'
import { type Finding, median, ofRounds } from './finding.ts'
import { Workshop } from './workshop.ts'

const PRODUCTS = ['blue-mug', 'tall-vase']
const ALONE = 60
const CROWD = 50
const CROWDS = 9

/**
 * From POST checkout to its 302, with a payment API that takes 50 ms for each call: what the shop
 * adds for a customer alone, and how long fifty at once take, against a client that makes the same
 * calls and nothing else.
 */
export async function checkout(say: (text: string) => void): Promise<Finding[]> {
  const postgres = await startPostgres({ fsync: true })
  try {
    const { url } = await postgres.createDatabase()
    return [
      ...(await measure('SQLite', {}, say)),
      ...(await measure('PostgreSQL', { DATABASE_URL: url }, say)),
    ]
  } finally {
    await postgres.close()
  }
}

function measure(engine: string, env: Record<string, string>, say: (text: string) => void) {
  return Workshop.use(async (workshop) => {
    const api = await workshop.start('payment-api')
    const shop = await workshop.startShop(api, env)

    say(`${engine}: warming up`)
    for (let round = 0; round < 3; round++) {
      await together(await readyCrowd(shop, CROWD))
      await together(bareCrowd(api))
    }
    say(`${engine}: ${ALONE} customers, one after the other`)
    const alone = await customersAlone(shop, api)
    say(`${engine}: ${CROWDS} times ${CROWD} customers at once`)
    const crowds = await crowdsOfCustomers(shop, api)
    const isTarget = engine === 'SQLite'
    return [addedAlone(engine, alone, isTarget), crowdFinding(engine, crowds, isTarget)]
  })
}

type Alone = { shopMs: number; heldMs: number }

async function customersAlone(shop: Child, api: Child): Promise<Alone[]> {
  const customers = await readyCrowd(shop, ALONE)
  const measured: Alone[] = []
  for (const customer of customers) {
    await api.usage()
    const shopMs = await timed(() => customer.submit())
    const { heldMs } = await api.usage()
    if (heldMs.length !== 2) throw new Error(`the checkout made ${heldMs.length} calls, not 2`)
    measured.push({ shopMs, heldMs: heldMs.reduce((sum, ms) => sum + ms) })
  }
  return measured
}

type Crowd = { shopMs: number; bareMs: number }

async function crowdsOfCustomers(shop: Child, api: Child): Promise<Crowd[]> {
  const measured: Crowd[] = []
  for (let round = 0; round < CROWDS; round++) {
    const customers = await readyCrowd(shop, CROWD)
    measured.push({
      shopMs: await timed(() => together(customers)),
      bareMs: await timed(() => together(bareCrowd(api))),
    })
  }
  return measured
}

/** Prepared a few at a time, which is no part of what is measured. */
async function readyCrowd(shop: Child, size: number): Promise<Checkout[]> {
  const ready: Checkout[] = []
  while (ready.length < size) {
    const some = Array.from({ length: Math.min(10, size - ready.length) }, () =>
      readyToCheckOut(shop.url, PRODUCTS),
    )
    ready.push(...(await Promise.all(some)))
  }
  return ready
}

function together(customers: Checkout[]): Promise<unknown> {
  return Promise.all(customers.map((customer) => customer.submit()))
}

const bareAgent = new Agent({ keepAlive: true })

/** As many as a crowd of customers, who make the shop's two calls themselves. */
function bareCrowd({ url }: Child): Checkout[] {
  const headers = {
    authorization: 'Bearer bench-token',
    'sub-account': 'acc_bench',
    'content-type': 'application/json',
    'idempotency-key': 'bench',
  }
  const call = (path: string, body: object) =>
    send(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) }, bareAgent)

  return Array.from({ length: CROWD }, () => ({
    async submit() {
      const intent = await call('/v1/payment_intents', {
        amount: 7_800,
        currency: 'usd',
        description: 'Order K7QM2XR4 at Fernhill Pottery',
        metadata: { order: 'K7QM2XR4' },
      })
      return call('/v1/checkout_sessions', {
        payment_intent_id: JSON.parse(intent.body).data.id,
        after_payment_url: `${url}/orders/token/after-payment`,
        back_url: `${url}/orders/token/back`,
      })
    },
  }))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return performance.now() - since
}

function addedAlone(engine: string, alone: Alone[], isTarget: boolean): Finding {
  const added = alone.map(({ shopMs, heldMs }) => shopMs - heldMs)
  return {
    what: `checkout on ${engine}, 1 customer: added to the payment API's time`,
    unit: 'ms',
    ...ofRounds(added),
    ...(isTarget && { target: { atMost: 10 } }),
    from: `${ms(alone.map(({ shopMs }) => shopMs))}, of which the API ${ms(alone.map(({ heldMs }) => heldMs))}`,
  }
}

function crowdFinding(engine: string, crowds: Crowd[], isTarget: boolean): Finding {
  return {
    what: `checkout on ${engine}, ${CROWD} at once: all done, to a bare client`,
    unit: '×',
    ...ofRounds(crowds.map(({ shopMs, bareMs }) => shopMs / bareMs)),
    ...(isTarget && { target: { atMost: 1.5 } }),
    from: `${ms(crowds.map(({ shopMs }) => shopMs))} against ${ms(crowds.map(({ bareMs }) => bareMs))}`,
  }
}

function ms(values: number[]): string {
  return `${median(values).toFixed(1)} ms`
}
