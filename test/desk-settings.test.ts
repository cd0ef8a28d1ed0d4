import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { findShop } from '../src/merchants/queries.ts'
import { addUser, Clerk } from './support/clerk.ts'
import { mailTo } from './support/desk-mail.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const SETTINGS = '/merchant/settings'
const LOG = `${SETTINGS}/log`

describe.each(ENGINES)('the settings of a shop on %s', (engine) => {
  const clock = new TestClock()
  let store: Store
  let owner: Clerk

  beforeAll(async () => {
    store = await Store.open({ engine, clock })
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    owner = await Clerk.signIn(store)
  })

  const shop = () => findShop(store.ctx.db, 'fernhill-pottery')
  const versionOf = async (clerk: Clerk) => hiddenField(await clerk.see(SETTINGS), 'version')

  async function fieldsOf(clerk: Clerk, changed: Record<string, string> = {}) {
    const now = await shop()
    return {
      version: await versionOf(clerk),
      name: now?.name ?? '',
      tagline: now?.tagline ?? '',
      support_email: now?.supportEmail ?? '',
      time_zone: now?.timeZone ?? '',
      language: now?.language ?? '',
      sub_account: now?.accountId ?? '',
      ...changed,
    }
  }

  it('are changed by an owner, and the log says which', async () => {
    const fields = await fieldsOf(owner, { name: 'Fernhill & Co', time_zone: 'Europe/London' })
    const answer = await owner.send(SETTINGS, fields)
    expect(answer.headers.location).toBe(`${SETTINGS}?notice=saved`)
    expect(await shop()).toMatchObject({ name: 'Fernhill & Co', timeZone: 'Europe/London' })
    expect(wordsOf(await owner.see(LOG))).toContain(
      `${owner.email} Changed settings: name “Fernhill Pottery” → “Fernhill & Co”, time_zone “America/New_York” → “Europe/London”`,
    )
  })

  it('are seen by everybody, and changed by nobody else', async () => {
    const staff = await Clerk.signIn(store, { role: 'staff' })
    const page = await staff.see(SETTINGS)
    expect(page.status).toBe(200)
    expect(wordsOf(page)).toContain('acc_demoFernhillPottery')
    expect(page.text).not.toContain('name="version"')
    await staff.see('/merchant/account')
    const fields = { ...(await fieldsOf(owner)), name: 'Mine' }
    expect((await staff.send(SETTINGS, fields)).status).toBe(403)
    expect((await shop())?.name).not.toBe('Mine')
  })

  it('send new orders to another account, and leave placed ones with theirs', async () => {
    const placed = await store.place()
    await owner.send(SETTINGS, await fieldsOf(owner, { sub_account: 'acc_another' }))
    const next = await store.place()
    expect((await store.order(placed)).accountId).toBe('acc_demoFernhillPottery')
    expect((await store.order(next)).accountId).toBe('acc_another')
    await owner.send(SETTINGS, await fieldsOf(owner, { sub_account: 'acc_demoFernhillPottery' }))
  })

  it('A19: take no account that another shop of the installation has', async () => {
    const before = await shop()
    const account = 'acc_demoNorthlinePaper'
    const answer = await owner.send(SETTINGS, await fieldsOf(owner, { sub_account: account }))
    expect(answer.status).toBe(422)
    expect(wordsOf(answer)).toContain('Another shop of this installation has this sub account')
    expect(answer.text).toContain(`value="${account}"`)
    expect(await shop()).toEqual(before)
    expect(wordsOf(await owner.see(LOG))).not.toContain(account)
  })

  it('A19: give an account to one of two shops that take it at the same moment', async () => {
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    const northline = await findShop(store.ctx.db, 'northline-paper')
    const taken = { sub_account: 'acc_wanted' }
    const answers = await Promise.all([
      owner.send(SETTINGS, await fieldsOf(owner, taken)),
      other.send(SETTINGS, await fieldsOf(other, { ...taken, name: 'Northline Paper' })),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 422])
    for (const [slug, account] of [
      ['fernhill-pottery', 'acc_demoFernhillPottery'],
      ['northline-paper', northline?.accountId ?? ''],
    ] as const) {
      await store.ctx.db
        .updateTable('merchants')
        .set({ sub_account_id: account })
        .where('slug', '=', slug)
        .execute()
    }
  })

  it('keep an account that the operator gave to two shops', async () => {
    const { db } = store.ctx
    const give = (account: string) =>
      db
        .updateTable('merchants')
        .set({ sub_account_id: account })
        .where('slug', '=', 'northline-paper')
        .execute()
    await give('acc_demoFernhillPottery')
    const fields = await fieldsOf(owner, { tagline: 'On a shared account' })
    expect((await owner.send(SETTINGS, fields)).status).toBe(303)
    await give('acc_demoNorthlinePaper')
  })

  it('are logged with the account before and after, and the other owners get a mail', async () => {
    const other = await addUser(store.ctx)
    const outsiders = [
      await addUser(store.ctx, { role: 'staff' }),
      await addUser(store.ctx, { shop: 'northline-paper' }),
    ]
    await owner.send(SETTINGS, await fieldsOf(owner, { sub_account: 'acc_elsewhere' }))
    expect(wordsOf(await owner.see(LOG))).toContain(
      `${owner.email} Changed settings: sub_account_id “acc_demoFernhillPottery” → “acc_elsewhere”`,
    )
    const told = await mailTo(store.ctx, other, 'user_sub_account_changed')
    expect(told?.text).toContain(`${owner.email} changed the sub account at JustiFi of Fernhill`)
    expect(told?.text).toContain('acc_demoFernhillPottery to acc_elsewhere')
    expect(told?.text).toContain(`${store.url}${SETTINGS}`)
    for (const email of [owner.email, ...outsiders]) {
      expect(await mailTo(store.ctx, email, 'user_sub_account_changed')).toBeUndefined()
    }
    await owner.send(SETTINGS, await fieldsOf(owner, { sub_account: 'acc_demoFernhillPottery' }))
  })

  it.each(['1.5', '1e999', '-1', '', '0x1', '9'.repeat(30)])(
    'take a form of version %j for one that came too late',
    async (version) => {
      const answer = await owner.send(SETTINGS, await fieldsOf(owner, { version }))
      expect(answer.status).toBe(422)
      expect(wordsOf(answer)).toContain('Someone else changed the settings')
    },
  )

  it('tell the second of two who edit at once, and keep what they typed', async () => {
    const other = await Clerk.signIn(store)
    const first = await fieldsOf(owner, { tagline: 'The first one’s' })
    const second = await fieldsOf(other, { tagline: 'The second one’s' })
    expect((await owner.send(SETTINGS, first)).status).toBe(303)

    const told = await other.send(SETTINGS, second)
    expect(told.status).toBe(422)
    expect(wordsOf(told)).toMatch(/Someone else changed the settings at \d\d:\d\d \S+\. Your/)
    expect(told.text).toContain('The second one’s')
    expect((await shop())?.tagline).toBe('The first one’s')

    const again = { ...second, version: hiddenField(told, 'version') }
    expect((await other.send(SETTINGS, again)).status).toBe(303)
    expect((await shop())?.tagline).toBe('The second one’s')
  })

  it.each([
    ['name', '', 'Enter the name of the shop'],
    ['name', 'x'.repeat(101), 'at most 100 characters'],
    ['tagline', 'two\nlines', 'without line breaks'],
    ['support_email', 'nobody', 'Enter an email address like name@example.com'],
    ['time_zone', 'Mars/Base', 'Choose a time zone from the list'],
    ['language', 'xx', 'Choose a language from the list'],
    ['sub_account', 'py_123', 'Enter a sub account like acc_4vPGYRx1J6'],
  ])('refuse the %s %j in words', async (field, value, text) => {
    const before = await shop()
    const answer = await owner.send(SETTINGS, await fieldsOf(owner, { [field]: value }))
    expect(answer.status).toBe(422)
    expect(wordsOf(answer)).toContain(text)
    expect(answer.text).toMatch(/<title>Error: /)
    expect(await shop()).toEqual(before)
  })

  it('X01: show a name that would be markup as text', async () => {
    const name = '<script>alert(1)</script>'
    await owner.send(SETTINGS, await fieldsOf(owner, { name }))
    for (const path of [SETTINGS, LOG, '/merchant/account']) {
      expect((await owner.see(path)).text).not.toContain(name)
    }
    await owner.send(SETTINGS, await fieldsOf(owner, { name: 'Fernhill Pottery' }))
  })

  it('have a log that is paged, newest first, with nothing of other shops', async () => {
    const other = await Clerk.signIn(store, { shop: 'northline-paper' })
    for (let i = 0; i < 60; i++) {
      clock.advance(1)
      await owner.send('/merchant/account', { name: `Sam ${i}` })
    }
    const first = await owner.see(LOG)
    expect(first.text.match(/<time/g)).toHaveLength(50)
    expect(wordsOf(first).indexOf('Sam 59')).toBeLessThan(wordsOf(first).indexOf('Sam 58'))
    const older = /href="(\/merchant\/settings\/log\?after=[^"]+)"/.exec(first.text)?.[1] ?? ''
    const second = wordsOf(await owner.see(older))
    expect(second).toContain('Sam 9')
    expect(second).not.toContain('Sam 10')
    expect(wordsOf(first) + second).not.toContain(other.email)
    expect((await owner.see(`${LOG}?after=%27`)).status).toBe(200)
  })
})
