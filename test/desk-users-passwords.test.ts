import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { passwordProblem } from '../src/merchants/password-rules.ts'
import { addUser, Clerk, PASSWORD } from './support/clerk.ts'
import { linkTo, mailTo } from './support/desk-mail.ts'
import { wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const OTHER = 'another row of good words'
const FORGOTTEN = '/merchant/forgotten-password'

describe.each(ENGINES)('choosing a password on %s', (engine) => {
  const clock = new TestClock()
  let store: Store

  beforeAll(async () => {
    store = await Store.open({ engine, clock })
  })
  afterAll(() => store.close())
  beforeEach(() => clock.advance(2 * HOUR))

  async function forget(email: string, headers: Record<string, string> = {}) {
    const clerk = await Clerk.visit(store)
    const body = new URLSearchParams({ _csrf: clerk.csrf, email }).toString()
    return clerk.agent.post(FORGOTTEN).set(headers).send(body)
  }

  async function choose(link: string, password: string) {
    const clerk = await Clerk.visit(store)
    await clerk.see(link)
    return clerk.send(link, { password })
  }

  async function signsIn(email: string, password: string): Promise<boolean> {
    const clerk = await Clerk.visit(store)
    return (await clerk.try(email, password)).status === 303
  }

  const mailsTo = async (email: string) => {
    const { id } = await store.ctx.db
      .selectFrom('users')
      .select('id')
      .where('email', '=', email)
      .executeTakeFirstOrThrow()
    return store.ctx.db.selectFrom('outbox').selectAll().where('user_id', '=', id).execute()
  }

  it('A13: mails a link that works once, and for an hour', async () => {
    const email = await addUser(store.ctx)
    await forget(email.toUpperCase())
    const link = await linkTo(store.ctx, email, 'user_password_reset')
    expect(link).toMatch(/^\/merchant\/password\/[\w-]{43}$/)

    const answer = await choose(link, OTHER)
    expect(answer.headers.location).toBe('/merchant/sign-in?notice=password_set')
    expect(await signsIn(email, OTHER)).toBe(true)
    expect(await signsIn(email, PASSWORD)).toBe(false)

    expect((await choose(link, 'yet another good password')).status).toBe(404)
    expect(await signsIn(email, OTHER)).toBe(true)
  })

  it('A13: lets a link die after an hour, and looks then as if it had never been', async () => {
    const email = await addUser(store.ctx)
    await forget(email)
    const link = await linkTo(store.ctx, email, 'user_password_reset')
    clock.advance(HOUR - 1)
    expect((await request(store.url).get(link)).status).toBe(200)
    clock.advance(1)

    const late = await request(store.url).get(link)
    const never = await request(store.url).get(`/merchant/password/${'A'.repeat(43)}`)
    expect([late.status, never.status]).toEqual([404, 404])
    expect(wordsOf(late)).toBe(wordsOf(never))
    expect((await choose(link, OTHER)).status).toBe(404)
    expect(await signsIn(email, PASSWORD)).toBe(true)
  })

  it('A13: is not used up by looking at it, and is used once by two at the same moment', async () => {
    const email = await addUser(store.ctx)
    await forget(email)
    const link = await linkTo(store.ctx, email, 'user_password_reset')
    for (let i = 0; i < 3; i++) expect((await request(store.url).get(link)).status).toBe(200)

    const answers = await Promise.all([
      choose(link, OTHER),
      choose(link, 'a password of the other one'),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404])
  })

  it('A13: builds links from PUBLIC_URL, whatever host was named', async () => {
    const email = await addUser(store.ctx)
    await forget(email, { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' })
    const mail = await mailTo(store.ctx, email, 'user_password_reset')
    expect(mail?.text).toContain(`${store.url}/merchant/password/`)
    expect(`${mail?.text}${mail?.html}`).not.toContain('evil')
  })

  it('A13: shows the link’s page to nobody by a Referer, and keeps it out of caches and logs', async () => {
    const email = await addUser(store.ctx)
    await forget(email)
    const { headers } = await request(store.url).get(
      await linkTo(store.ctx, email, 'user_password_reset'),
    )
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['cache-control']).toBe('no-store')
  })

  it('A13: keeps no link in the database that opens anything', async () => {
    const email = await addUser(store.ctx)
    await forget(email)
    const token = (await linkTo(store.ctx, email, 'user_password_reset')).split('/').at(-1) ?? ''
    const tables = ['outbox', 'user_links', 'audit_log', 'rate_limits', 'sessions'] as const
    for (const table of tables) {
      const rows = await store.ctx.db.selectFrom(table).selectAll().execute()
      expect(JSON.stringify(rows)).not.toContain(token)
    }
  })

  it('A10: answers alike whether somebody has the address or not', async () => {
    const email = await addUser(store.ctx)
    const [known, unknown] = [await forget(email), await forget('nobody@example.com')]
    expect([known.status, unknown.status]).toEqual([303, 303])
    expect(known.headers.location).toBe(unknown.headers.location)
    expect(await mailsTo(email)).toHaveLength(1)
  })

  it('fills nobody’s mailbox, and lets no address ask without end', async () => {
    const email = await addUser(store.ctx)
    const answers = []
    for (let i = 0; i < 11; i++) answers.push((await forget(email)).status)
    expect(answers).toEqual([...Array(10).fill(303), 429])
    expect(await mailsTo(email)).toHaveLength(1)
    clock.advance(6 * MINUTE)
    expect((await forget(email)).status).toBe(429)
    clock.advance(10 * MINUTE)
    await forget(email)
    expect(await mailsTo(email)).toHaveLength(2)
  })

  it('mails nothing to who is disabled, and their links are dead', async () => {
    const email = await addUser(store.ctx)
    await forget(email)
    const link = await linkTo(store.ctx, email, 'user_password_reset')
    await store.ctx.db
      .updateTable('users')
      .set({ disabled_at: clock.now().toISOString() })
      .where('email', '=', email)
      .execute()
    clock.advance(10 * MINUTE)
    await forget(email)
    expect(await mailsTo(email)).toHaveLength(1)
    expect((await request(store.url).get(link)).status).toBe(404)
  })

  it('A08: ends every session when a password is chosen by a link', async () => {
    const clerk = await Clerk.signIn(store)
    await forget(clerk.email)
    const answer = await choose(await linkTo(store.ctx, clerk.email, 'user_password_reset'), OTHER)
    expect((await clerk.see('/merchant/account')).status).toBe(303)

    // The device is known from now on, as it is after signing in.
    const before = clerk.cookie('device-')
    await clerk.see('/merchant/sign-in')
    await clerk.try(clerk.email, OTHER)
    expect(clerk.cookie('device-')).not.toBe(before)
    expect((answer.get('Set-Cookie') ?? []).join()).toContain(clerk.cookie('device-'))
  })

  it('A08: ends every other session when a password is changed, and renews this one', async () => {
    const clerk = await Clerk.signIn(store)
    const other = await Clerk.visit(store)
    await other.try(clerk.email)
    await clerk.see('/merchant/account')
    const before = clerk.cookie('desk')

    const fields = { current_password: PASSWORD, new_password: OTHER }
    const answer = await clerk.send('/merchant/account/password', fields)
    expect(answer.headers.location).toBe('/merchant/account?notice=password')

    expect(clerk.cookie('desk')).not.toBe(before)
    expect((await clerk.see('/merchant/account')).status).toBe(200)
    expect((await other.see('/merchant/account')).status).toBe(303)
    const replayed = await request(store.url).get('/merchant/account').set('Cookie', before)
    expect(replayed.status).toBe(303)
    expect(await signsIn(clerk.email, OTHER)).toBe(true)
    const mail = await mailTo(store.ctx, clerk.email, 'user_password_changed')
    expect(mail?.text).toContain(`${store.url}${FORGOTTEN}`)
  })

  it('does not let a session live longer by changing the password', async () => {
    const clerk = await Clerk.signIn(store)
    for (let hour = 0; hour < 11; hour++) {
      clock.advance(HOUR)
      await clerk.see('/merchant/account')
    }
    await clerk.send('/merchant/account/password', {
      current_password: PASSWORD,
      new_password: OTHER,
    })
    expect((await clerk.see('/merchant/account')).status).toBe(200)
    clock.advance(HOUR)
    expect((await clerk.see('/merchant/account')).status).toBe(303)
  })

  it('changes no password for who does not know the old one, and lets nobody guess it', async () => {
    const clerk = await Clerk.signIn(store)
    await clerk.see('/merchant/account')
    const guess = () =>
      clerk.send('/merchant/account/password', {
        current_password: 'a wrong guess',
        new_password: OTHER,
      })
    const first = await guess()
    expect(first.status).toBe(422)
    expect(wordsOf(first)).toContain('That is not your password')
    expect(first.text).not.toContain('a wrong guess')
    expect(first.text).not.toContain(OTHER)
    for (let i = 1; i < 10; i++) expect((await guess()).status).toBe(422)
    expect((await guess()).status).toBe(429)
    expect(await signsIn(clerk.email, PASSWORD)).toBe(true)
  })

  it.each([
    ['short', 'Enter a password of 8 characters or more', 'sixsix1'],
    ['common', 'Many people use that password', 'Password123'],
    ['long', 'at most 128 characters', 'x1'.repeat(65)],
    ['missing', 'Enter a new password', ''],
  ])('A11: refuses a password that is %s', async (_what, text, password) => {
    const email = await addUser(store.ctx)
    await forget(email)
    const link = await linkTo(store.ctx, email, 'user_password_reset')
    const answer = await choose(link, password)
    expect(answer.status).toBe(422)
    expect(wordsOf(answer)).toContain(text)
    if (password) expect(answer.text).not.toContain(password)
    // The link still works.
    expect((await choose(link, OTHER)).status).toBe(303)
  })
})

describe('A11: the rules for passwords', () => {
  const about = ['Sam Owner', 'sam@fernhill.example', 'Fernhill Pottery']

  it.each([
    ['12345678', 'common'],
    ['QWERTYUIOP', 'common'],
    ['aaaaaaaaaaaa', 'common'],
    ['iloveyou1', 'common'],
    ['fernhillpottery', 'personal'],
    ['Fernhill-Pottery-2026', 'personal'],
    ['sam@fernhill.example', 'personal'],
    ['seven77', 'short'],
    ['日本語日本語日', 'short'],
    ['x'.repeat(129), 'long'],
  ])('refuse %s', async (password, problem) => {
    expect(await passwordProblem(password, about)).toBe(problem)
  })

  it.each([
    'four words make a password',
    'tr0mbone!',
    '日本語の長い合言葉',
    ` ${'a b'.repeat(42)} `,
  ])('take %s, of any characters', async (password) => {
    expect(await passwordProblem(password, about)).toBeUndefined()
  })
})
