import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type CompiledQuery, sql } from 'kysely'
import { DAY, HOUR, timestamp } from '../src/clock.ts'
import type { Db } from '../src/db/database.ts'
import type { OrderStatus } from '../src/orders/order.ts'
import { NO_FILTER, orderCriteria } from '../src/orders/order-filter.ts'
import { listing } from '../src/orders/queries/desk-listing.ts'
import { amongQuery, countQuery, gatherQuery } from '../src/orders/queries/desk-search.ts'
import { searchTerms } from '../src/orders/search-terms.ts'
import { insertOrders } from './support/many-orders.ts'
import { ENGINES, Store } from './support/store.ts'

// One word in a query can turn a walk of an index into a reading of every order, which nobody
// notices before there are many.
describe.each(ENGINES)('what the list of orders reads on %s', (engine) => {
  const NOW = new Date()
  let store: Store
  let db: Db
  let merchantId: string

  beforeAll(async () => {
    store = await Store.open({ engine })
    db = store.ctx.db
    const row = await db.selectFrom('merchants').select('id').executeTakeFirstOrThrow()
    merchantId = row.id
    await insertOrders(
      db,
      merchantId,
      Array.from({ length: 3_000 }, (_, i) => ({
        name: `Ann Number${i}`,
        email: `c${i}@example.com`,
        lastFour: String(1_000 + i),
        createdAt: new Date(NOW.getTime() - i * HOUR),
        status: (i % 50 ? 'paid' : 'refunded') as OrderStatus,
        ...(i % 10 === 1 && { status: 'awaiting_payment' as const, unansweredSince: NOW }),
      })),
    )
    if (engine === 'postgres') await sql`analyze`.execute(db)
  })
  afterAll(() => store.close())

  it.each([
    ['no filter', [], ['orders_newest']],
    ['a status', ['paid'], ['orders_by_status']],
    ['several statuses', ['paid', 'refunded', 'expired'], ['orders_by_status']],
  ] as [string, OrderStatus[], string[]][])('is one index for %s', async (_, statuses, indexes) => {
    for (const direction of ['older', 'newer'] as const) {
      const bounds = ['9999', '', timestamp(new Date(NOW.getTime() - 9 * DAY)), ''] as const
      const query = listing(db, [merchantId, statuses, [], bounds, 26], direction)
      const plan = await planOf(query.compile())

      expect([...new Set(readsOf(plan))]).toEqual(indexes)
      if (engine === 'sqlite') expect(plan).toMatch(/\(created_at,id\)>.*\(created_at,id\)</)
    }
  })

  it('is an index for each cause of attention', async () => {
    const bounds = ['9999', '', '', ''] as const
    const query = listing(db, [merchantId, [], [timestamp(NOW)], bounds, 26], 'older')
    const plan = await planOf(query.compile())
    const reads = readsOf(plan)

    expect(reads).toContain('orders_unanswered')
    expect(reads).not.toContain('orders_newest')
    expect(reads).not.toContain('everything')
    if (engine === 'sqlite') {
      expect(reads).toContain('refunds_in_trouble')
      expect(reads).toContain('disputes_undecided')
      // Those that JustiFi does not answer about may be many: they come in the list's order.
      expect(plan).toMatch(
        /INDEX orders_unanswered \(merchant_id=\? AND \(created_at,id\)>.*\(created_at,id\)</,
      )
      // By the merchant alone would be all of its orders.
      expect(plan).not.toMatch(/SEARCH orders .*\(merchant_id=\?\)$/m)
    }
  })

  it('is an index for each field that a text may be of', async () => {
    const terms = searchTerms('1234')
    const criteria = orderCriteria(NO_FILTER, 'UTC', NOW)
    const fields = ['number', 'search_name', 'search_last_name', 'search_email']

    for (const query of [
      countQuery(db, merchantId, terms).compile(),
      gatherQuery(db, merchantId, criteria, terms).compile(),
    ]) {
      const reads = readsOf(await planOf(query))
      for (const field of fields) expect(reads).toContain(`orders_by_${field}`)
      expect(reads).toContain('payments_by_last_four')
      expect(reads).not.toContain('everything')
      expect(reads).not.toContain('orders_newest')
    }
  })

  it('is the list alone, no further than needed, for a text that is common', async () => {
    const bounds = ['9999', '', '', ''] as const
    const { name, email } = searchTerms('ann')
    if (!name || !email) throw new Error('the text may be of a name and of an e-mail')
    const list = [merchantId, [], [], bounds, 800] as const
    const query = amongQuery(db, list, 'older', [[name], [email], [], ['4242']], 26)
    const plan = await planOf(query.compile())
    const reads = readsOf(plan)

    expect(reads).toContain('orders_newest')
    expect(reads).not.toContain('everything')
    expect(reads.filter((one) => one.startsWith('orders_by'))).toEqual([])
    expect(plan).not.toMatch(/TEMP B-TREE|Sort/)
  })

  async function planOf(query: CompiledQuery): Promise<string> {
    const explain = engine === 'sqlite' ? 'explain query plan' : 'explain'
    const { rows } = await db.executeQuery<Record<string, unknown>>({
      ...query,
      sql: `${explain} ${query.sql}`,
    })
    return rows.map((row) => String(row.detail ?? row['QUERY PLAN'])).join('\n')
  }

  /** Names of the indexes by which tables of orders and payments are read; `everything` for none. */
  function readsOf(plan: string): string[] {
    const lines = plan.split('\n')
    if (engine === 'sqlite') {
      return lines
        .filter((line) =>
          /^(?:SEARCH|SCAN) (?:orders|payments|refunds|disputes)\b.* USING|^SCAN payments/.test(
            line,
          ),
        )
        .map((line) => /INDEX (\w+)/.exec(line)?.[1] ?? 'everything')
    }
    return lines
      .filter((line) => /Scan.* on (?:orders|payments)/.test(line) && !line.includes('Subquery'))
      .map((line) => / (?:using|on) (\w+_\w+)/.exec(line)?.[1] ?? 'everything')
  }
})
