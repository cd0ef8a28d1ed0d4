import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { settleOrder } from '../src/checkout/settle-order.ts'
import { runDueJob } from '../src/jobs/run-jobs.ts'
import { addDays, localDay } from '../src/local-time.ts'
import { Clerk } from './support/clerk.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { Store, TestClock } from './support/store.ts'

const PATH = '/merchant/reconciliation'

describe('the pages of a reconciliation', () => {
  let store: Store
  let clock: TestClock
  let clerk: Clerk

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ clock })
    clerk = await Clerk.signIn(store)
  })
  afterEach(() => store.close())

  it('compare some days, and show both sums and each difference with what to do', async () => {
    const { number, paymentId } = await paidOrder()
    await paidOrder()
    await store.sandbox.refundAtJustifi(String(paymentId), 300)

    const url = await compared()

    const page = await clerk.see(url)
    const words = wordsOf(page)
    expect(words).toContain('The books do not agree: 1 difference.')
    expect(words).toContain('Payments $48.00 (2) $48.00 (2) Equal')
    expect(words).toContain('Refunds $3.00 (1) $0.00 (0) Differ')
    expect(words).toContain(`${number} $3.00, succeeded Not there Open the order and check it`)
    expect(page.text).toContain(`href="/merchant/orders/${number}"`)
    expect(wordsOf(await clerk.see(PATH))).toContain('1 difference')
  })

  it('say that the books agree', async () => {
    await paidOrder()
    expect(wordsOf(await clerk.see(await compared()))).toContain('The books agree.')
    const list = await clerk.see(PATH)
    expect(wordsOf(list)).toContain('No differences')
  })

  it('name what another account of the shop has taken, and let it be chosen', async () => {
    await paidOrder()
    await paidOrder()
    const own = await clerk.see(PATH)
    expect(own.text).not.toContain('name="account"')
    const { sub_account_id: old } = await store.ctx.db
      .selectFrom('merchants')
      .select('sub_account_id')
      .where('slug', '=', 'fernhill-pottery')
      .executeTakeFirstOrThrow()
    await store.ctx.db
      .updateTable('merchants')
      .set({ sub_account_id: 'acc_new' })
      .where('slug', '=', 'fernhill-pottery')
      .execute()

    const now = wordsOf(await clerk.see(await compared()))
    expect(now).toContain('The books agree in what was compared.')
    expect(now).toContain(
      `2 payments of these days are with another sub account (${old}), and are not compared.`,
    )
    const list = await clerk.see(PATH)
    expect(wordsOf(list)).toContain('No differences in what was compared')
    expect(list.text).toContain(`<option value="${old}">`)

    const then = wordsOf(await clerk.see(await compared({ account: String(old) })))
    expect(then).toContain('The books agree. What was made for the account')
    expect(then).toContain('Payments $48.00 (2) $48.00 (2) Equal')
    expect(wordsOf(await clerk.see(PATH))).toContain(String(old))

    const strange = await clerk.send(PATH, {
      ...{ from: '2026-01-01', to: '2026-01-02', job_key: 'k', account: 'acc_of_another_shop' },
    })
    expect(strange.status).toBe(422)
    expect(wordsOf(strange)).toContain('Choose a sub account from the list')
  })

  it('say of a comparison that has no result that it came to nothing', async () => {
    await paidOrder()
    const url = await compared()
    await store.ctx.db.updateTable('jobs').set({ result: null }).execute()

    const page = await clerk.see(url)
    expect(page.status).toBe(303)
    const job = await clerk.see(String(page.headers.location))
    expect(job.status).toBe(200)
    expect(job.text).not.toContain(`href="${url}"`)
    expect(job.text).toContain(`href="${PATH}"`)
    const file = await clerk.agent.head(`${url}.csv`)
    expect(file.status).toBe(200)
    const acts = await store.ctx.db
      .selectFrom('audit_log')
      .select('kind')
      .where('kind', '=', 'differences_exported')
      .execute()
    expect(acts).toEqual([])
  })

  it('hand the differences over as a file that no spreadsheet runs', async () => {
    const { number, paymentId } = await paidOrder()
    await store.sandbox.refundAtJustifi(String(paymentId), 300)
    const url = await compared()
    await store.ctx.db
      .updateTable('reconciliation_rows')
      .set({ there_status: '=HYPERLINK("x")' })
      .execute()

    const file = await clerk.see(`${url}.csv`)

    expect(file.headers['content-type']).toContain('text/csv')
    expect(file.headers['content-disposition']).toMatch(/filename="differences-fernhill-pottery-/)
    const [header, row, end] = file.text.split('\r\n')
    expect(header).toBe(
      'kind,id,payment_id,order,difference,made_local,made_utc,currency,' +
        'justifi_status,justifi_amount,justifi_fee,justifi_refunded,' +
        'shop_status,shop_amount,shop_fee,shop_refunded',
    )
    expect(row).toMatch(
      new RegExp(`^refund,re_\\w+,${paymentId},${number},not_here,[-0-9: ]+,[-0-9T:]+Z,usd,`),
    )
    expect(row).toMatch(/,"'=HYPERLINK\(""x""\)",3\.00,,,,,,$/)
    expect(end).toBe('')
    const acts = await store.ctx.db
      .selectFrom('audit_log')
      .select('kind')
      .where('kind', '=', 'differences_exported')
      .execute()
    expect(acts).toHaveLength(1)
  })

  it('refuse days that are none, with the form as it was', async () => {
    const today = localDay(clock.now(), 'America/New_York')
    await clerk.see(PATH)
    for (const [from, to, problem] of [
      ['', today, 'Enter the first day'],
      ['2026-13-01', today, 'Enter a first day like'],
      [today, '', 'Enter the last day'],
      [today, addDays(today, -1), 'The last day must be the same as or after the first day'],
      [today, addDays(today, 1), 'The last day must not be after today'],
      [addDays(today, -366), today, 'Choose at most 366 days'],
    ] as const) {
      const page = await clerk.send(PATH, { from, to, job_key: 'k' })
      expect([page.status, wordsOf(page)]).toEqual([422, expect.stringContaining(problem)])
      expect(page.text).toContain(`value="${from}"`)
    }
    expect(await store.ctx.db.selectFrom('jobs').selectAll().execute()).toEqual([])
  })

  it('lead to its progress while it goes on, and are of one shop', async () => {
    const job = await begin()
    const result = job.replace('jobs', 'reconciliation')
    const early = await clerk.see(result)
    expect([early.status, early.headers.location]).toEqual([303, job])
    expect((await clerk.see(`${result}.csv`)).status).toBe(404)
    while ((await runDueJob(store.ctx)).more);

    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    expect((await other.see(result)).status).toBe(404)
    expect((await other.see(`${result}.csv`)).status).toBe(404)
    const check = await clerk.send('/merchant/jobs/check-orders', { filter: '', job_key: 'c' })
    const id = String(check.headers.location).split('/').at(-1)
    expect((await clerk.see(`${PATH}/${id}`)).status).toBe(404)
  })

  it('keep their rights apart: who looks, who compares, and who takes the file', async () => {
    const result = await compared()
    const viewer = await Clerk.signIn(store, { role: 'viewer', mayExport: false })
    const list = await viewer.see(PATH)
    expect([list.status, list.text.includes('name="from"')]).toEqual([200, false])
    expect((await viewer.send(PATH, { from: '2026-01-01', to: '2026-01-02' })).status).toBe(403)
    expect((await viewer.see(result)).status).toBe(200)
    expect((await viewer.see(`${result}.csv`)).status).toBe(403)
  })

  async function paidOrder() {
    const placed = await store.place()
    await store.sandbox.payByCard(await store.openPage(placed))
    await settleOrder(store.ctx, placed.orderId, { source: 'watcher' })
    return store.order(placed)
  }

  /** @returns the address of the job */
  async function begin(chosen: { account?: string } = {}): Promise<string> {
    // The sandbox's clock goes on: what it made a moment ago is of the period too.
    clock.advance(120)
    const form = await clerk.see(PATH)
    const to = localDay(clock.now(), 'America/New_York')
    const fields = { from: addDays(to, -1), to, job_key: hiddenField(form, 'job_key'), ...chosen }
    const { status, headers } = await clerk.send(PATH, fields)
    expect(status).toBe(303)
    return String(headers.location)
  }

  /** @returns the address of what was found */
  async function compared(chosen: { account?: string } = {}): Promise<string> {
    const job = await begin(chosen)
    while ((await runDueJob(store.ctx)).more);
    const { text } = await clerk.see(job)
    return /href="(\/merchant\/reconciliation\/[^"]+)"/.exec(text)?.[1] ?? ''
  }
})
