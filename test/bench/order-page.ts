import { join } from 'node:path'
import { buy, send } from './browser.ts'
import type { Child } from './child.ts'
import { type Finding, ofRounds } from './finding.ts'
import { type Load, load } from './load.ts'
import { Workshop } from './workshop.ts'

const FIVE_PRODUCTS = ['blue-mug', 'speckled-bowl', 'dinner-plate', 'round-teapot', 'tall-vase']
const ROUNDS = 5
const CONNECTIONS = 32

/** The page of a paid order of five lines, against Express with EJS as they come. */
export function orderPage(say: (text: string) => void): Promise<Finding[]> {
  return Workshop.use(async (workshop) => {
    const sandbox = await workshop.start('sandbox')
    const shop = await workshop.startShop(sandbox)
    const path = await buy(shop.url, FIVE_PRODUCTS)
    const plain = await workshop.start('plain-page', {
      env: {
        BENCH_DATABASE: join(workshop.dir, 'shop.sqlite'),
        BENCH_TOKEN: path.split('/').at(-1),
      },
    })
    const bytes = await expectSameBytes(shop, path, plain)

    const contestants = {
      shop: () => load(shop, path, { connections: CONNECTIONS, seconds: 3 }),
      plain: () => load(plain, '/page', { connections: CONNECTIONS, seconds: 3 }),
      bare: () => load(plain, '/bytes', { connections: CONNECTIONS, seconds: 3 }),
      zipped: () =>
        load(shop, path, {
          connections: CONNECTIONS,
          seconds: 3,
          headers: { 'accept-encoding': 'gzip' },
        }),
    }
    const rounds: Record<keyof typeof contestants, Load>[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      say(round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`)
      const shopLoad = await contestants.shop()
      const plainLoad = await contestants.plain()
      const bareLoad = await contestants.bare()
      const zippedLoad = await contestants.zipped()
      if (round === 0) continue
      rounds.push({ shop: shopLoad, plain: plainLoad, bare: bareLoad, zipped: zippedLoad })
    }
    return findingsOf(rounds, bytes)
  })
}

/** Otherwise the comparison would mean nothing. */
async function expectSameBytes(shop: Child, path: string, plain: Child): Promise<number> {
  const get = (url: string) => send(new URL(url), { method: 'GET', headers: {} })
  const ours = await get(shop.url + path)
  for (const yardstick of ['/page', '/bytes']) {
    const theirs = await get(plain.url + yardstick)
    if (theirs.body !== ours.body) throw new Error(`${yardstick} is not the shop's page`)
  }
  return Buffer.byteLength(ours.body)
}

type Round = Record<'shop' | 'plain' | 'bare' | 'zipped', Load>

function findingsOf(rounds: Round[], bytes: number): Finding[] {
  const rate = (who: keyof Round) => ofRounds(rounds.map((round) => round[who].perSecond)).value
  const cpu = (who: keyof Round) => ofRounds(rounds.map((round) => round[who].cpuMicros)).value
  const ratio = (of: (round: Round) => number) => ofRounds(rounds.map(of))

  const ofRates = (a: keyof Round, b: keyof Round) => ({
    unit: '×' as const,
    ...ratio((round) => round[a].perSecond / round[b].perSecond),
    from: `${rate(a).toFixed(0)} against ${rate(b).toFixed(0)} requests/s`,
  })
  return [
    {
      what: `order page of ${bytes} bytes: rate, to Express + EJS`,
      ...ofRates('shop', 'plain'),
      target: { atLeast: 0.75 },
    },
    {
      what: 'the same by CPU time',
      unit: '×',
      ...ratio((round) => round.plain.cpuMicros / round.shop.cpuMicros),
      from: `${cpu('shop').toFixed(0)} against ${cpu('plain').toFixed(0)} µs a request`,
    },
    { what: 'order page: rate, to bare Express with the bytes ready', ...ofRates('shop', 'bare') },
    { what: 'order page sent as gzip: rate, to itself unzipped', ...ofRates('zipped', 'shop') },
  ]
}
