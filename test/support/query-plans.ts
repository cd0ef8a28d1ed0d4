import { CompiledQuery, type KyselyPlugin, type RootOperationNode, sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import type { Engine } from './store.ts'

/**
 * How the database would find what a piece of work asks it for: the plan of each of its queries, in
 * their order. Whole tables are read only where there is no index, however few rows they have.
 */
export async function plansOf(
  db: Db,
  engine: Engine,
  work: (db: Db) => Promise<unknown>,
): Promise<string[]> {
  const nodes: RootOperationNode[] = []
  const listener: KyselyPlugin = {
    transformQuery({ node }) {
      nodes.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  await work(db.withPlugin(listener))

  const executor = db.getExecutor()
  const queries = nodes.map((node) => executor.compileQuery(node, { queryId: 'plan' }))
  return db.transaction().execute(async (trx) => {
    if (engine === 'postgres') {
      await sql`set local enable_seqscan = off`.execute(trx)
      await sql`set local enable_bitmapscan = off`.execute(trx)
      await sql`set local enable_sort = off`.execute(trx)
    }
    const plans: string[] = []
    for (const query of queries) {
      const explain = engine === 'sqlite' ? 'explain query plan' : 'explain'
      const raw = CompiledQuery.raw(`${explain} ${query.sql}`, query.parameters.map(plain))
      const { rows } = await trx.executeQuery<Record<string, unknown>>(raw)
      plans.push(rows.map((row) => row.detail ?? row['QUERY PLAN']).join('\n'))
    }
    return plans
  })
}

/** A query that is compiled once has objects in the place of its parameters. */
function plain(parameter: unknown): unknown {
  return typeof parameter === 'object' && parameter !== null ? '2026' : parameter
}
