import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Response } from 'supertest'
import { runDueJob } from '../src/jobs/run-jobs.ts'
import { Clerk } from './support/clerk.ts'
import { eventually } from './support/eventually.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { Store, TestClock } from './support/store.ts'

const CHECK = '/merchant/jobs/check-orders'
const OPEN = 'status=awaiting_payment'

describe('the pages of long work', () => {
  let store: Store
  let clock: TestClock
  let clerk: Clerk

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ clock })
    clerk = await Clerk.signIn(store)
  })
  afterEach(() => store.close())

  it('say which orders would be checked, before they are', async () => {
    await place(3)
    const page = await clerk.see(`${CHECK}?${OPEN}&from=2020-01-01`)
    expect(wordsOf(page)).toContain(
      'These orders From 2020-01-01 Awaiting payment 3 orders Check 3 orders',
    )
    expect(page.text).toContain('/merchant/orders?status=awaiting_payment&amp;from=2020-01-01')
    expect(wordsOf(await clerk.see(CHECK))).toContain('Every order of the shop')
    expect(wordsOf(await clerk.see(`${CHECK}?status=refunded`))).toContain(
      'There are no such orders.',
    )
    expect(await jobs()).toBe(0)
  })

  it('begin it once, however often the form is sent, and tell how far it has come', async () => {
    await place(6, { paid: 2 })
    const form = await clerk.see(`${CHECK}?${OPEN}`)
    const [one, two] = [await begin(form), await begin(form)]
    expect(one.status).toBe(303)
    expect(one.headers.location).toBe(two.headers.location)
    expect(await jobs()).toBe(1)

    const url = String(one.headers.location)
    expect(wordsOf(await clerk.see(url))).toContain(
      'It begins in a moment. You can leave this page.',
    )
    await runDueJob(store.ctx)
    await runDueJob(store.ctx)
    const halfway = await clerk.see(url)
    expect(wordsOf(halfway)).toContain('4 of 6 orders checked.')
    expect(halfway.text).toContain('value="4" max="6"')
    expect(halfway.text).toContain('data-job-state="open"')
    expect(wordsOf(halfway)).toContain('Check progress Stop')

    while ((await runDueJob(store.ctx)).more);
    const done = await clerk.see(url)
    expect(wordsOf(done)).toContain('Done Checked 6 of 6. 2 changed. Begun')
    expect(done.text).toContain(`href="/merchant/orders?${OPEN}"`)
    expect(done.text).not.toContain('<progress')
  })

  it('say that JustiFi does not answer, and what could not be checked', async () => {
    await place(2, { paid: 1 })
    const { headers } = await begin(await clerk.see(`${CHECK}?${OPEN}`))
    const url = String(headers.location)
    await runDueJob(store.ctx)
    const path = '/v1/payment_intents/*'
    await store.sandbox.fault({ method: 'GET', path, kind: 'status', status: 500, times: 6 })
    await runDueJob(store.ctx)
    expect(wordsOf(await clerk.see(url))).toContain(
      'JustiFi does not answer at the moment. The work goes on when it does.',
    )

    await store.sandbox.endFaults()
    const [first] = (await store.sandbox.state()).payment_intents
    const bad = { method: 'GET', path: `/v1/payment_intents/${first?.id}`, kind: 'status' }
    await store.sandbox.fault({ ...bad, status: 404, times: 9 })
    await eventually(async () => {
      // JustiFi is left alone for seconds of real time, in which the work must not run out of tries.
      await sleep(300)
      clock.advance(60)
      while ((await runDueJob(store.ctx)).more);
      expect(wordsOf(await clerk.see(url))).toContain(
        'Checked 2 of 2. 0 changed. 1 could not be checked.',
      )
    }, 10_000)
  })

  it('stop it', async () => {
    await place(5)
    const { headers } = await begin(await clerk.see(`${CHECK}?${OPEN}`))
    const url = String(headers.location)
    await clerk.see(url)

    expect((await clerk.send(`${url}/stop`)).headers.location).toBe(url)

    expect(wordsOf(await clerk.see(url))).toContain('It was stopped.')
    expect((await runDueJob(store.ctx)).more).toBe(false)
    const acts = await store.ctx.db.selectFrom('audit_log').select('kind').orderBy('id').execute()
    expect(acts.map(({ kind }) => kind).slice(-2)).toEqual(['job_begun', 'job_cancelled'])
  })

  it('are for those who may work, and of one shop', async () => {
    await place(1)
    const { headers } = await begin(await clerk.see(`${CHECK}?${OPEN}`))
    const url = String(headers.location)
    const viewer = await Clerk.signIn(store, { role: 'viewer' })
    expect((await viewer.see(CHECK)).status).toBe(403)
    const seen = await viewer.see(url)
    expect([seen.status, wordsOf(seen).includes('Stop')]).toEqual([200, false])
    expect((await viewer.send(`${url}/stop`)).status).toBe(403)

    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    await other.see(CHECK)
    expect((await other.see(url)).status).toBe(404)
    expect((await other.send(`${url}/stop`)).status).toBe(404)
    expect((await other.see('/merchant/jobs/nothing')).status).toBe(404)
  })

  it('refuse a filter that would be read in part', async () => {
    await clerk.see(CHECK)
    const fields = { filter: 'from=yesterday', job_key: 'k' }
    expect((await clerk.send(CHECK, fields)).status).toBe(400)
    expect(await jobs()).toBe(0)
  })

  async function place(count: number, { paid = 0 } = {}): Promise<void> {
    for (let n = 0; n < count; n++) {
      const page = await store.openPage(await store.place())
      if (n < paid) await store.sandbox.payByCard(page)
    }
  }

  function begin(form: Response): Promise<Response> {
    const filter = hiddenField(form, 'filter').replaceAll('&amp;', '&')
    return clerk.send(CHECK, { filter, job_key: hiddenField(form, 'job_key') })
  }

  async function jobs(): Promise<number> {
    return (await store.ctx.db.selectFrom('jobs').select('id').execute()).length
  }
})
