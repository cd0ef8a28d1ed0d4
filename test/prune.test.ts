import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { DAY, later, timestamp } from '../src/clock.ts'
import { pruneExpired } from '../src/db/prune.ts'
import { findShop } from '../src/merchants/queries.ts'
import { findUserByEmail } from '../src/merchants/user-queries.ts'
import { addUser } from './support/clerk.ts'
import { ENGINES, Store, TestClock } from './support/store.ts'

describe.each(ENGINES)('what is over, on %s', (engine) => {
  let store: Store
  let clock: TestClock
  let merchantId: string

  beforeEach(async () => {
    clock = new TestClock()
    store = await Store.open({ engine, clock })
    merchantId = (await findShop(store.ctx.db, 'fernhill-pottery'))?.merchantId ?? ''
  })
  afterEach(() => store.close())

  async function prune() {
    while ((await pruneExpired(store.ctx.db, clock.now())) > 0);
  }

  it.each([
    ['cancelled', 0],
    ['failed', 0],
    ['open', 700],
    ['done', 700],
  ])('goes: what a comparison had read that is %s', async (state, left) => {
    const { db } = store.ctx
    const at = timestamp(clock.now())
    await db
      .insertInto('jobs')
      .values({
        ...{ id: 'job', merchant_id: merchantId, kind: 'reconcile', form_key: 'k', params: '{}' },
        ...{ state, begun_by: 'sam', vain_tries: 0, lease: 0, due_at: '9999' },
        ...{ done_count: 0, changed_count: 0, failed_count: 0, created_at: at, updated_at: at },
      })
      .execute()
    const row = { job_id: 'job', merchant_id: merchantId, list: 'payments', at }
    const rows = Array.from({ length: 700 }, (_, i) => ({ ...row, subject_id: `py_${i}` }))
    await db.insertInto('reconciliation_rows').values(rows).execute()

    await prune()
    expect(await db.selectFrom('reconciliation_rows').select('list').execute()).toHaveLength(left)
  })

  it('goes: a picture that no product shows, after a day', async () => {
    const { db } = store.ctx
    const picture = (hash: string, at: Date) => ({
      ...{ merchant_id: merchantId, hash, type: 'image/png', bytes: Buffer.of(1) },
      created_at: timestamp(at),
    })
    const old = later(clock.now(), -2 * DAY)
    const product = await db
      .selectFrom('products')
      .select('id')
      .where('merchant_id', '=', merchantId)
      .executeTakeFirstOrThrow()
    await db
      .updateTable('products')
      .set({ image: 'uploads/shown' })
      .where('id', '=', product.id)
      .execute()
    // After that: the shop itself prunes when it starts, which may be at this moment.
    await db
      .insertInto('product_images')
      .values([picture('shown', old), picture('left', old), picture('new', clock.now())])
      .execute()

    await prune()
    const left = await db.selectFrom('product_images').select('hash').orderBy('hash').execute()
    expect(left.map(({ hash }) => hash)).toEqual(['new', 'shown'])
  })

  it('goes: a link of a user that was used, or is too old', async () => {
    const { db } = store.ctx
    const user = await findUserByEmail(db, await addUser(store.ctx))
    const now = timestamp(clock.now())
    const soon = timestamp(later(clock.now(), DAY))
    const link = (token_hash: string, used_at: string | null, expires_at: string) => ({
      ...{ token_hash, used_at, expires_at, created_at: now },
      ...{ user_id: user?.id ?? '', merchant_id: merchantId, kind: 'reset' },
    })
    await db
      .insertInto('user_links')
      .values([link('used', now, soon), link('old', null, now), link('good', null, soon)])
      .execute()

    await prune()
    const left = await db.selectFrom('user_links').select('token_hash').execute()
    expect(left).toEqual([{ token_hash: 'good' }])
  })
})
