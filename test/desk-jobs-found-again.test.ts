import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { runDueJob } from '../src/jobs/run-jobs.ts'
import { Clerk } from './support/clerk.ts'
import { wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const CHECK = '/merchant/jobs/check-orders'
const ORDERS = '/merchant/orders'
const UNDER_WAY = 'Orders are being checked with JustiFi. See how far it has come'

describe.each(ENGINES)('a check of orders that was left, on %s', (engine) => {
  let store: Store
  let clock: TestClock
  let clerk: Clerk

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
    clerk = await Clerk.signIn(store)
  })
  afterEach(() => store.close())

  it('is among the latest, where the next would be begun', async () => {
    expect((await clerk.see(CHECK)).text).not.toContain('Latest checks')
    const first = await begin('status=paid')
    while ((await runDueJob(store.ctx)).more);
    const urls: string[] = []
    for (const filter of ['', '', '', 'q=ann&attention=1']) urls.unshift(await begin(filter))
    await clerk.send(`${urls[0]}/stop`)

    const page = await clerk.see(CHECK)
    expect(linksIn(page.text)).toEqual([...urls, first])
    const words = wordsOf(page)
    expect(words).toMatch(/Latest checks .* Needs attention, “ann” Stopped owner-\d+@fernhill/)
    expect(words).toMatch(/Every order of the shop Under way owner-.* Paid Done owner-/)

    await begin('')
    expect(linksIn((await clerk.see(CHECK)).text)).toHaveLength(5)
    expect(linksIn((await clerk.see(CHECK)).text)).not.toContain(first)
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    expect(linksIn((await other.see(CHECK)).text)).toEqual([])
  })

  it('is on the page of orders as long as it is under way', async () => {
    expect(wordsOf(await clerk.see(ORDERS))).not.toContain(UNDER_WAY)
    const left = await begin('')
    const newer = await begin('status=paid')
    await clerk.send(`${newer}/stop`)

    for (const role of ['owner', 'viewer'] as const) {
      const page = await (await Clerk.signIn(store, { role })).see(ORDERS)
      expect(wordsOf(page)).toContain(UNDER_WAY)
      expect(linksIn(page.text)).toEqual([left])
    }
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    expect(wordsOf(await other.see(ORDERS))).not.toContain(UNDER_WAY)

    while ((await runDueJob(store.ctx)).more);
    expect(wordsOf(await clerk.see(ORDERS))).not.toContain(UNDER_WAY)
  })

  /** @returns the address of the job */
  async function begin(filter: string): Promise<string> {
    clock.advance(60)
    await clerk.see(CHECK)
    const fields = { filter, job_key: String(clock.now().getTime()) }
    return String((await clerk.send(CHECK, fields)).headers.location)
  }

  function linksIn(html: string): (string | undefined)[] {
    return [...html.matchAll(/href="(\/merchant\/jobs\/[0-9a-f-]{36})"/g)].map(([, url]) => url)
  }
})
