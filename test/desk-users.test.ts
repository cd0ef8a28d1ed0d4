import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { inTransaction } from '../src/db/transaction.ts'
import { changeRights } from '../src/merchants/user-changes.ts'
import { findUserByEmail } from '../src/merchants/user-queries.ts'
import { addUser, Clerk, type ClerkFacts, PASSWORD } from './support/clerk.ts'
import { linkTo, mailTo } from './support/desk-mail.ts'
import { hiddenField, wordsOf } from './support/shopper.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

const DAY = 24 * 60 * 60
const USERS = '/merchant/users'
const INVITED = { name: 'Kim New', role: 'staff', may_refund: 'yes' }

describe.each(ENGINES)('the people of a shop on %s', (engine) => {
  const clock = new TestClock()
  let store: Store
  let owner: Clerk

  beforeAll(async () => {
    store = await Store.open({ engine, clock })
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    clock.advance(DAY)
    // Only those whom the test makes own the shop.
    await store.ctx.db.updateTable('users').set({ role: 'viewer' }).execute()
    owner = await Clerk.signIn(store)
    await owner.see(USERS)
  })

  let invitations = 0
  const newEmail = () => `kim-${engine}-${++invitations}@example.com`
  const userOf = (email: string) => findUserByEmail(store.ctx.db, email)
  const pathOf = async (email: string) => `${USERS}/${(await userOf(email))?.id}`
  const actsOf = async () => {
    const rows = await store.ctx.db
      .selectFrom('audit_log')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(3)
      .execute()
    return rows.map(({ kind, actor }) => `${kind} by ${actor}`)
  }
  /** Opens somebody's page and sends its form. */
  async function giveRights(path: string, fields: Record<string, string>) {
    const seen = hiddenField(await owner.see(path), 'seen')
    return owner.send(path, { seen, ...fields })
  }
  async function colleague(facts: ClerkFacts = {}): Promise<string> {
    return addUser(store.ctx, { role: 'staff', ...facts })
  }

  it('are listed with role, rights and state', async () => {
    const email = await colleague({ mayRefund: true, mayExport: false })
    const text = wordsOf(await owner.see(USERS))
    expect(text).toContain(`Sam staff ${email} Staff Refunds Active`)
    expect(text).toContain(`(you) ${owner.email} Owner Everything Active`)
  })

  it('come in by an invitation: its mail, its link, a password, and the rights that were given', async () => {
    const email = newEmail()
    const sent = await owner.send(USERS, { ...INVITED, email })
    expect(sent.headers.location).toBe('/merchant/users?notice=invited')
    expect(await actsOf()).toContain(`user_invited by ${owner.email}`)
    expect(wordsOf(await owner.see(USERS))).toContain(`Kim New ${email} Staff Refunds Invited`)

    const mail = await mailTo(store.ctx, email, 'user_invitation')
    expect(mail?.to).toEqual({ name: '', address: email })
    expect(mail?.subject).toBe('You are invited to Fernhill Pottery')
    const clerk = await Clerk.visit(store)
    expect((await clerk.try(email)).status).toBe(401)

    const link = await linkTo(store.ctx, email, 'user_invitation')
    clock.advance(3 * DAY - 1)
    expect(wordsOf(await clerk.see(link))).toContain('For your account at Fernhill Pottery')
    expect((await clerk.send(link, { password: PASSWORD })).status).toBe(303)
    expect((await clerk.try(email)).status).toBe(303)
    expect(await userOf(email)).toMatchObject({ role: 'staff', mayRefund: true, mayExport: false })
    expect((await clerk.send(link, { password: 'another good password' })).status).toBe(404)
  })

  it('cannot come in three days later, but by another invitation', async () => {
    const email = newEmail()
    await owner.send(USERS, { ...INVITED, email })
    const link = await linkTo(store.ctx, email, 'user_invitation')
    clock.advance(3 * DAY)
    const clerk = await Clerk.visit(store)
    expect((await clerk.see(link)).status).toBe(404)

    owner = await Clerk.signIn(store)
    await owner.see(USERS)
    await owner.send(`${await pathOf(email)}/invite`)
    const another = await linkTo(store.ctx, email, 'user_invitation')
    expect(another).not.toBe(link)
    expect((await clerk.see(another)).status).toBe(200)
  })

  it('says what is wrong with an invitation, and keeps what was typed', async () => {
    const answer = await owner.send(USERS, { name: 'Kim "Q"', email: 'kim@', role: 'king' })
    expect(answer.status).toBe(422)
    expect(wordsOf(answer)).toContain('Enter an email address like name@example.com')
    expect(wordsOf(answer)).toContain('Choose a role')
    expect(answer.text).toContain('value="Kim &#34;Q&#34;"')
    expect(answer.text).toMatch(/<title>Error: /)
  })

  it('invites nobody who signs in already, at whichever shop', async () => {
    for (const shop of ['fernhill-pottery', 'northline-paper']) {
      const email = await addUser(store.ctx, { shop })
      const answer = await owner.send(USERS, { ...INVITED, email: email.toUpperCase() })
      expect(answer.status).toBe(422)
      expect(wordsOf(answer)).toContain('Somebody signs in with this email address already')
    }
  })

  it('mails no more than 30 invitations in an hour', async () => {
    const statuses = []
    for (let i = 0; i < 31; i++) {
      statuses.push((await owner.send(USERS, { ...INVITED, email: newEmail() })).status)
    }
    expect(statuses).toEqual([...Array(30).fill(303), 429])
  })

  it('are given other rights, which hold from the next request on', async () => {
    const clerk = await Clerk.signIn(store, { role: 'viewer' })
    expect((await clerk.see('/merchant/settings/log')).status).toBe(403)
    const answer = await giveRights(await pathOf(clerk.email), {
      role: 'owner',
      may_export: 'yes',
    })
    expect(answer.headers.location).toBe(`${await pathOf(clerk.email)}?notice=changed`)
    expect(await actsOf()).toContain(`user_changed by ${owner.email}`)
    // Another role is another session.
    expect((await clerk.see('/merchant/settings/log')).status).toBe(303)
    await clerk.see('/merchant/sign-in')
    await clerk.try(clerk.email)
    expect((await clerk.see('/merchant/settings/log')).status).toBe(200)
  })

  it('keep what one owner decided from a page that another opened before', async () => {
    const email = await colleague({ mayRefund: true, mayExport: true })
    const path = await pathOf(email)
    const other = await Clerk.signIn(store, { role: 'owner' })
    const seen = hiddenField(await other.see(path), 'seen')
    await giveRights(path, { role: 'viewer', may_export: 'yes' })

    const stale = { role: 'staff', may_refund: 'yes' }
    for (const fields of [{ ...stale, seen }, stale, { ...stale, seen: 'king' }]) {
      const told = await other.send(path, fields)
      expect(told.status).toBe(422)
      expect(wordsOf(told)).toContain(
        'Someone else changed what Sam staff may do since you opened this page. It is now: Viewer (Exports).',
      )
      expect(told.text).toMatch(/<title>Error: /)
      expect(told.text).toMatch(/value="staff"[^>]* checked/)
      expect(await userOf(email)).toMatchObject({ role: 'viewer', mayRefund: false })
    }
    expect((await actsOf())[0]).toBe(`user_changed by ${owner.email}`)

    const told = await other.send(path, { ...stale, seen })
    const again = { ...stale, seen: hiddenField(told, 'seen') }
    expect((await other.send(path, again)).status).toBe(303)
    expect(await userOf(email)).toMatchObject({ role: 'staff', mayRefund: true, mayExport: false })
  })

  it('are told of a clash again where the form lacked a role meanwhile', async () => {
    const path = await pathOf(await colleague({ mayRefund: true }))
    const seen = hiddenField(await owner.see(path), 'seen')
    await giveRights(path, { role: 'viewer' })
    const lacking = await owner.send(path, { seen })
    expect(wordsOf(lacking)).toContain('Choose a role')
    expect(hiddenField(lacking, 'seen')).toBe(seen)
  })

  it('never lets a viewer refund', async () => {
    const email = await colleague({ mayRefund: false })
    await giveRights(await pathOf(email), { role: 'viewer', may_refund: 'yes', may_export: 'yes' })
    expect(await userOf(email)).toMatchObject({ role: 'viewer', mayRefund: false, mayExport: true })
  })

  it('A08: are out at once when disabled, and in again when enabled', async () => {
    const clerk = await Clerk.signIn(store, { role: 'staff' })
    const path = await pathOf(clerk.email)
    const answer = await owner.send(`${path}/disable`)
    expect(answer.headers.location).toBe(`${path}?notice=disabled`)
    expect((await clerk.see('/merchant/account')).status).toBe(303)
    const outside = await Clerk.visit(store)
    expect((await outside.try(clerk.email)).status).toBe(401)

    await owner.send(`${path}/enable`)
    // The session from before stays dead.
    expect((await clerk.see('/merchant/account')).status).toBe(303)
    expect((await outside.try(clerk.email)).status).toBe(303)
  })

  it('keeps the last owner', async () => {
    const path = await pathOf(owner.email)
    await colleague({ role: 'owner' }).then(async (email) => {
      await owner.send(`${await pathOf(email)}/disable`)
    })
    await owner.send(USERS, { ...INVITED, role: 'owner', email: newEmail() })

    const demoted = await giveRights(path, { role: 'staff' })
    expect(demoted.status).toBe(422)
    expect(wordsOf(demoted)).toContain('this is the last one')
    expect((await owner.send(`${path}/disable`)).status).toBe(422)
    expect(await userOf(owner.email)).toMatchObject({ role: 'owner', disabledAt: null })
  })

  it('keeps one of two owners who are demoted at the same moment', async () => {
    const emails = [owner.email, await colleague({ role: 'owner' })]
    const viewer = { role: 'viewer', mayRefund: false, mayExport: false } as const
    const demote = async (email: string) => {
      const user = await userOf(email)
      if (!user) throw new Error('nobody to demote')
      return inTransaction(store.ctx.db, (trx) => changeRights(trx, user, viewer, clock.now()))
    }
    for (let round = 0; round < 5; round++) {
      await store.ctx.db
        .updateTable('users')
        .set({ role: 'owner' })
        .where('email', 'in', emails)
        .execute()
      const outcomes = await Promise.all(emails.map(demote))
      expect(outcomes.toSorted()).toEqual(['changed', 'last_owner'])
    }
  })

  it('lets an owner step down while there is another', async () => {
    await colleague({ role: 'owner' })
    const answer = await giveRights(await pathOf(owner.email), { role: 'staff' })
    expect(answer.headers.location).toBe('/merchant')
    expect((await owner.see('/merchant/account')).status).toBe(200)
    expect((await owner.see(USERS)).status).toBe(403)
  })

  it('are told where no mail goes out, and so is who forgot their password', async () => {
    const ways = ['merchant -- add-user', 'merchant -- reset-password']
    for (const goesOut of [true, false]) {
      Object.assign(store.ctx, { sendsMail: goesOut, production: true })
      const pages = [await owner.see(USERS), await owner.see(`${USERS}/new`)]
      const forgotten = await owner.see('/merchant/forgotten-password')
      for (const page of pages) {
        for (const way of ways) expect(wordsOf(page).includes(way)).toBe(!goesOut)
      }
      expect(wordsOf(forgotten).includes('merchant -- reset-password')).toBe(!goesOut)
      expect(forgotten.text.includes('name="email"')).toBe(goesOut)
    }
    Object.assign(store.ctx, { sendsMail: false, production: false })
    expect(wordsOf(await owner.see(USERS))).not.toContain(ways[0])
  })

  it('change their own name', async () => {
    const answer = await owner.send('/merchant/account', { name: 'Robin "R" Owner' })
    expect(answer.headers.location).toBe('/merchant/account?notice=name')
    expect((await userOf(owner.email))?.name).toBe('Robin "R" Owner')
    const wrong = await owner.send('/merchant/account', { name: ' ' })
    expect(wrong.status).toBe(422)
    expect(wordsOf(wrong)).toContain('Enter a name')
  })
})
