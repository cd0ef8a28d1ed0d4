import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { createApp } from '../src/app.ts'
import { seedDemo } from '../src/demo/seed-demo.ts'
import { fingerprint } from '../src/ids.ts'
import { hashPassword } from '../src/merchants/passwords.ts'
import { findUserByEmail } from '../src/merchants/user-queries.ts'
import { gapAfter, UNBRAKED_TRIES } from '../src/web/merchant/sign-in-limit.ts'
import { addUser, Clerk, PASSWORD } from './support/clerk.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'
import { weakHash } from './support/weak-hash.ts'
import { openWebContext } from './support/web-context.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE

describe.each(ENGINES)('signing in at the desk on %s', (engine) => {
  const clock = new TestClock()
  let store: Store

  beforeAll(async () => {
    store = await Store.open({ engine, clock })
  })
  afterAll(() => store.close())
  // Every test has a window of its own: all of them come from one address.
  beforeEach(() => clock.advance(2 * HOUR))

  const stranger = () => Clerk.visit(store)
  const seeWith = (cookie: string) =>
    request(store.url).get('/merchant/account').set('Cookie', cookie)

  async function tries(clerk: Clerk, count: number, email: string, password = 'wrong'.repeat(2)) {
    const statuses = []
    for (let i = 0; i < count; i++) statuses.push((await clerk.try(email, password)).status)
    return statuses
  }

  it('A10: answers alike for an unknown address, a wrong password, and who is disabled', async () => {
    const email = await addUser(store.ctx)
    const disabled = await addUser(store.ctx)
    await store.ctx.db
      .updateTable('users')
      .set({ disabled_at: 'x' })
      .where('email', '=', disabled)
      .execute()
    const clerk = await stranger()

    const answers = [
      await clerk.try('nobody@example.com', 'some password'),
      await clerk.try(email, 'some password'),
      await clerk.try(disabled, PASSWORD),
    ]

    for (const answer of answers) {
      expect(answer.status).toBe(401)
      expect(wordsOf(answer)).toContain('Email or password is not right')
    }
    const [first, ...others] = answers.map(({ text }) => text.replace(/value="[^"]*"/g, ''))
    expect(others).toEqual([first, first])
  })

  it('A10: takes as long for an unknown address as for a wrong password', async () => {
    const email = await addUser(store.ctx)
    const clerk = await stranger()
    const timeOf = async (address: string) => {
      const start = performance.now()
      await clerk.try(address, 'some password')
      return performance.now() - start
    }
    await timeOf(email)

    const known: number[] = []
    const unknown: number[] = []
    for (let i = 0; i < 8; i++) {
      known.push(await timeOf(email))
      unknown.push(await timeOf(`nobody-${i}@example.com`))
    }

    // Without a password to hash it would be a tenth. The machine has other work.
    const [one, other] = [Math.min(...known), Math.min(...unknown)]
    expect(Math.max(one, other) / Math.min(one, other)).toBeLessThan(3)
  })

  it('never sends a password back, whatever was wrong', async () => {
    const clerk = await stranger()
    const answer = await clerk.try('nobody@example.com', 'a secret of somebody')
    expect(answer.text).not.toContain('a secret of somebody')
    expect(answer.text).toContain('value="nobody@example.com"')
  })

  it('A09: refuses the eleventh failed try of an account from an address, for 15 minutes', async () => {
    const email = await addUser(store.ctx)
    const clerk = await stranger()

    expect(await tries(clerk, 10, email)).toEqual(Array(10).fill(401))
    clock.advance(5 * MINUTE)
    const refused = await clerk.try(email, PASSWORD)
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBe(String(10 * MINUTE))
    expect(wordsOf(refused)).toContain('Try again in 10 minutes')

    clock.advance(10 * MINUTE)
    expect((await clerk.try(email, PASSWORD)).status).toBe(303)
  })

  it('A09: counts tries that come at the same moment', async () => {
    const email = await addUser(store.ctx)
    const clerk = await stranger()
    const answers = await Promise.all(
      Array.from({ length: 15 }, () => clerk.try(email, 'wrong password')),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 429)).toHaveLength(5)
  })

  it('begins to count anew once somebody got in', async () => {
    const email = await addUser(store.ctx)
    const clerk = await stranger()
    await tries(clerk, 9, email)
    expect((await clerk.try(email, PASSWORD)).status).toBe(303)
    expect(await tries(clerk, 2, email)).toEqual([401, 401])
  })

  it('A09: refuses an address that tries one account after the other', async () => {
    const owner = await Clerk.signIn(store)
    const clerk = await stranger()
    await countMany('sign-in-address', 99)

    expect((await clerk.try('last@example.com', 'a password')).status).toBe(401)
    expect((await clerk.try('one-more@example.com', 'a password')).status).toBe(429)
    // Somebody beside them who was here before is not held up.
    expect((await owner.try(owner.email, PASSWORD)).status).toBe(303)
  })

  it('A09: slows an account down that is tried from everywhere, but never for a known device', async () => {
    const owner = await Clerk.signIn(store)
    const { email } = owner
    await failFromElsewhere(email, UNBRAKED_TRIES)
    const clerk = await stranger()

    expect((await clerk.try(email, 'wrong password')).status).toBe(401)
    const braked = await clerk.try(email, PASSWORD)
    expect(braked.status).toBe(429)
    expect(braked.headers['retry-after']).toBe('1')
    expect((await owner.try(email, PASSWORD)).status).toBe(303)

    clock.advance(1)
    expect((await clerk.try(email, 'wrong password')).status).toBe(401)
    clock.advance(1)
    expect((await clerk.try(email, 'wrong password')).headers['retry-after']).toBe('1')
    clock.advance(1)
    expect((await clerk.try(email, PASSWORD)).status).toBe(303)
  })

  it('A09: believes no device cookie that it has not signed for that user', async () => {
    const owner = await Clerk.signIn(store)
    const victim = await addUser(store.ctx)
    await failFromElsewhere(victim, UNBRAKED_TRIES + 3)
    const clerk = await stranger()
    await clerk.try(victim, 'wrong password')

    const own = owner.cookie('device-')
    expect((await clerk.try(victim, 'wrong password', undefined, own)).status).toBe(429)
    const forged = `device-${fingerprint(victim).slice(0, 16)}=${own.split('=')[1]}`
    expect((await clerk.try(victim, 'wrong password', undefined, forged)).status).toBe(429)
  })

  it('A09: locks nobody out of a known device from beside them, and limits that device too', async () => {
    const owner = await Clerk.signIn(store)
    const beside = await stranger()
    expect(await tries(beside, 10, owner.email)).toEqual(Array(10).fill(401))
    expect((await beside.try(owner.email, PASSWORD)).status).toBe(429)

    expect((await owner.try(owner.email, PASSWORD)).status).toBe(303)
    expect((await beside.try(owner.email, PASSWORD)).status).toBe(429)
    expect(await tries(owner, 11, owner.email)).toEqual([...Array(10).fill(401), 429])
  })

  it('A11: believes a device no longer once the password is another', async () => {
    const owner = await Clerk.signIn(store)
    const { email } = owner
    const before = owner.cookie('device-')
    await owner.see('/merchant/account')
    const changed = `${PASSWORD} again`
    const fields = { current_password: PASSWORD, new_password: changed }
    expect((await owner.send('/merchant/account/password', fields)).status).toBe(303)

    await failFromElsewhere(email, UNBRAKED_TRIES + 3)
    const clerk = await stranger()
    await clerk.try(email, 'wrong password')
    expect((await clerk.try(email, changed, undefined, before)).status).toBe(429)
    expect((await owner.try(email, changed)).status).toBe(303)
  })

  it('counts no try whose password nobody had the time to look at', async () => {
    const email = await addUser(store.ctx)
    const clerk = await stranger()
    let isBusy = true
    const busy = Array.from({ length: 30 }, async () => {
      while (isBusy) await hashPassword('work').catch(() => delay(1))
    })
    const answered = await tries(clerk, 10, email)
    isBusy = false
    await Promise.all(busy)

    const looked = answered.filter((status) => status !== 503).length
    expect(looked).toBeLessThan(10)
    const left = 10 - looked
    expect(await tries(clerk, left + 1, email)).toEqual([...Array(left).fill(401), 429])
  })

  it('lets the gap of a tried account grow, and no further than five minutes', () => {
    expect([1, 2, 3, 4, 9, 10, 30, 3_000].map(gapAfter)).toEqual([
      1_000, 2_000, 4_000, 8_000, 256_000, 300_000, 300_000, 300_000,
    ])
  })

  it('A07: gives a new session at sign-in, and the old one is worth nothing', async () => {
    const clerk = await Clerk.signIn(store)
    const before = clerk.cookie('desk')
    expect((await clerk.try(clerk.email, PASSWORD)).status).toBe(303)
    expect(clerk.cookie('desk')).not.toBe(before)
    expect((await clerk.see('/merchant/account')).status).toBe(200)

    expect((await seeWith(before)).status).toBe(303)
  })

  it('A08: ends the session at sign-out, on the server too', async () => {
    const clerk = await Clerk.signIn(store)
    const cookie = clerk.cookie('desk')
    await clerk.see('/merchant/account')
    const out = await clerk.send('/merchant/sign-out')
    expect(out.headers.location).toBe('/merchant/sign-in?notice=signed_out')

    expect((await seeWith(cookie)).status).toBe(303)
  })

  it('ends a session two hours after it was last used', async () => {
    const clerk = await Clerk.signIn(store)
    clock.advance(2 * HOUR - MINUTE)
    expect((await clerk.see('/merchant/account')).status).toBe(200)
    clock.advance(2 * HOUR - MINUTE)
    expect((await clerk.see('/merchant/account')).status).toBe(200)
    clock.advance(2 * HOUR)
    expect((await clerk.see('/merchant/account')).status).toBe(303)
  })

  it('ends a session after twelve hours, however much it was used', async () => {
    const clerk = await Clerk.signIn(store)
    for (let hour = 1; hour < 12; hour++) {
      clock.advance(HOUR)
      expect((await clerk.see('/merchant/account')).status).toBe(200)
    }
    clock.advance(HOUR)
    expect((await clerk.see('/merchant/account')).status).toBe(303)
  })

  it('says who was signed out, and leads back to where they were', async () => {
    const clerk = await Clerk.signIn(store)
    clock.advance(13 * HOUR)

    const sent = await clerk.see('/merchant/settings?from=a%26b')
    expect(sent.headers.location).toBe(
      `/merchant/sign-in?next=${encodeURIComponent('/merchant/settings?from=a%26b')}`,
    )
    const page = await clerk.see(String(sent.headers.location))
    expect(wordsOf(page)).toContain('You were signed out. Sign in to carry on.')
    const back = await clerk.try(clerk.email, PASSWORD, '/merchant/settings?from=a%26b')
    expect(back.headers.location).toBe('/merchant/settings?from=a%26b')

    const newcomer = await stranger()
    const asked = await newcomer.see('/merchant/sign-in?next=%2Fmerchant%2Fsettings')
    expect(wordsOf(asked)).toContain('Sign in to carry on.')
    expect(wordsOf(asked)).not.toContain('signed out')
  })

  it('leads back to the page of a form that came too late', async () => {
    const clerk = await Clerk.signIn(store)
    await clerk.see('/merchant/account')
    clock.advance(13 * HOUR)
    const sent = await clerk.agent
      .post('/merchant/account')
      .set('Referer', `${store.url}/merchant/account?x=1`)
      .send('name=Sam')
    expect(sent.headers.location).toBe('/merchant/sign-in?next=%2Fmerchant%2Faccount%3Fx%3D1')

    const elsewhere = await clerk.agent
      .post('/merchant/account')
      .set('Referer', 'https://evil.example/merchant/account')
      .send('name=Sam')
    expect(elsewhere.headers.location).toBe('/merchant/sign-in')
  })

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/merchant',
    'javascript:alert(1)',
    '/merchantevil',
    '/merchant/\\evil.example',
    '/shops/fernhill-pottery',
    '/merchant/a\r\nSet-Cookie: x=y',
  ])('X04: sends nobody to %j after signing in', async (next) => {
    const email = await addUser(store.ctx)
    const clerk = await stranger()
    const page = await clerk.see(`/merchant/sign-in?next=${encodeURIComponent(next)}`)
    expect(page.text).not.toContain('name="next"')
    const answer = await clerk.try(email, PASSWORD, next)
    expect(answer.headers.location).toBe('/merchant')
  })

  it('A17: takes no sign-in form without the token of its page', async () => {
    const email = await addUser(store.ctx)
    const clerk = await stranger()
    const answer = await clerk.agent
      .post('/merchant/sign-in')
      .send(new URLSearchParams({ email, password: PASSWORD }).toString())
    expect(answer.status).toBe(403)
  })

  it('A11: makes a hash of an older cost anew at sign-in', async () => {
    const email = await addUser(store.ctx)
    const old = weakHash(PASSWORD)
    await store.ctx.db
      .updateTable('users')
      .set({ password_hash: old })
      .where('email', '=', email)
      .execute()

    expect((await (await stranger()).try(email, 'wrong password')).status).toBe(401)
    expect((await findUserByEmail(store.ctx.db, email))?.passwordHash).toBe(old)
    expect((await (await stranger()).try(email, PASSWORD)).status).toBe(303)

    const renewed = (await findUserByEmail(store.ctx.db, email))?.passwordHash
    expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await (await stranger()).try(email, PASSWORD)).status).toBe(303)
  })

  /** As if so many tries of an account had failed from other addresses. */
  async function failFromElsewhere(email: string, count: number) {
    const clerk = await stranger()
    await clerk.try(email, 'wrong password')
    await countMany('sign-in-account', count)
    await store.ctx.db.deleteFrom('rate_limits').where('key', 'like', 'sign-in:%').execute()
  }

  async function countMany(prefix: string, count: number) {
    const now = clock.now().getTime()
    const live = store.ctx.db
      .selectFrom('rate_limits')
      .select('key')
      .where('key', 'like', `${prefix}:%`)
      .where('expires_at', '>', now)
    const key = (await live.executeTakeFirst())?.key
    if (key === undefined) {
      await (await stranger()).try('somebody@example.com', 'a password')
      return countMany(prefix, count)
    }
    await store.ctx.db
      .updateTable('rate_limits')
      .set({ points: count })
      .where('key', 'like', `${prefix}:%`)
      .where('expires_at', '>', now)
      .execute()
  }
})

describe('the cookies of the desk', () => {
  it('A14: are for this host alone, over https, and out of reach of scripts', async () => {
    const ctx = await openWebContext({ publicUrl: 'https://shop.test' })
    try {
      await seedDemo(ctx.db, ctx.clock)
      const email = await addUser(ctx)
      const agent = request.agent(createApp(ctx))
      const page = await agent.get('/merchant/sign-in')
      const csrfCookie = (page.get('Set-Cookie') ?? [])[0]?.split(';')[0] ?? ''
      const fields = { _csrf: hiddenField(page, '_csrf'), email, password: PASSWORD }
      const answer = await agent
        .post('/merchant/sign-in')
        .set('Cookie', csrfCookie)
        .send(new URLSearchParams(fields).toString())

      expect(answer.status).toBe(303)
      const cookies = answer.get('Set-Cookie') ?? []
      const names = cookies.map((cookie) => /^__Host-([a-z]+)/.exec(cookie)?.[1])
      expect(names.toSorted()).toEqual(['desk', 'device'])
      for (const cookie of cookies) {
        for (const flag of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) {
          expect(cookie).toContain(flag)
        }
        expect(cookie).not.toContain('Domain')
      }
    } finally {
      await ctx.close()
    }
  })
})
