import { setTimeout as sleep } from 'node:timers/promises'
import type { AppContext } from '../../context.ts'
import { isMigrated } from '../../db/migrate.ts'

type Context = Pick<AppContext, 'db' | 'log'>

/** A probe is given up after this; PostgreSQL's own time-outs are longer than a prober waits. */
const TIMEOUT_MS = 3_000
/** However often it is asked, the database is written to at most five times a second. */
const HELD_MS = 200

/** A row of the shared limits that is written again and again, so nothing grows. */
const PROBE = { key: 'readiness', points: 0, expires_at: null }

/** @returns whether the database can be reached and written, and has the newest schema */
export function readinessProbe(ctx: Context): () => Promise<boolean> {
  let probe: Promise<boolean> | undefined

  return () => {
    if (!probe) {
      probe = probeDatabase(ctx)
      const forget = () => {
        probe = undefined
      }
      void probe.then(() => sleep(HELD_MS, undefined, { ref: false })).then(forget)
    }
    return probe
  }
}

async function probeDatabase(ctx: Context): Promise<boolean> {
  const timeout = new AbortController()
  try {
    return await Promise.race([
      canWrite(ctx),
      sleep(TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() => {
        throw new Error(`the database does not answer within ${TIMEOUT_MS} ms`)
      }),
    ])
  } catch (err) {
    ctx.log.warn({ err }, 'not ready')
    return false
  } finally {
    timeout.abort()
  }
}

async function canWrite({ db }: Context): Promise<boolean> {
  if (!(await isMigrated(db))) throw new Error('the database lacks migrations')
  await db
    .insertInto('rate_limits')
    .values(PROBE)
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ points: PROBE.points }))
    .execute()
  return true
}
