import type { AppContext } from '../context.ts'
import { compiled } from '../db/compiled.ts'

type Context = Pick<AppContext, 'db' | 'clock'>

const count = compiled((db, key: string, now: number, windowEnd: number) =>
  db
    .insertInto('rate_limits')
    .values({ key, points: 1, expires_at: windowEnd })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((eb) => {
        const isOver = eb('rate_limits.expires_at', '<=', now)
        const counted = eb('rate_limits.points', '+', 1)
        return {
          points: eb.case().when(isOver).then(1).else(counted).end(),
          expires_at: eb
            .case()
            .when(isOver)
            .then(eb.ref('excluded.expires_at'))
            .else(eb.ref('rate_limits.expires_at'))
            .end(),
        }
      }),
    )
    .returning(['points', 'expires_at']),
)

/**
 * Counts one more under `key`, for all instances together, in windows that begin with the first
 * one counted. One statement, so that those who come at the same moment are all counted.
 *
 * @returns how many the window has seen, this one included, and the milliseconds it has left
 */
export async function countOne(
  { db, clock }: Context,
  key: string,
  windowMs: number,
): Promise<{ count: number; msLeft: number }> {
  const now = clock.now().getTime()
  const windowEnd = now + windowMs

  const [counted] = await count(db, key, now, windowEnd)
  if (!counted) throw new Error(`nothing was counted under ${key}`)
  return { count: counted.points, msLeft: (counted.expires_at ?? windowEnd) - now }
}

/** Takes back one that was counted and should not have been. */
export async function uncountOne({ db }: Pick<Context, 'db'>, key: string): Promise<void> {
  await db
    .updateTable('rate_limits')
    .set((set) => ({ points: set('points', '-', 1) }))
    .where('key', '=', key)
    .where('points', '>', 0)
    .execute()
}

/** Begins anew under `key`. */
export async function forgetCount({ db }: Pick<Context, 'db'>, key: string): Promise<void> {
  await db.deleteFrom('rate_limits').where('key', '=', key).execute()
}

/**
 * Lets one through under `key`, and then nobody for `gapMs`, for all instances together. Of those
 * who come at the same moment one gets through.
 *
 * @returns 0 for who gets through, else the milliseconds until somebody may
 */
export async function takeTurn(
  { db, clock }: Context,
  key: string,
  gapMs: number,
): Promise<number> {
  const now = clock.now().getTime()
  const taken = await db
    .insertInto('rate_limits')
    .values({ key, points: 1, expires_at: now + gapMs })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ expires_at: now + gapMs })
        .where('rate_limits.expires_at', '<=', now),
    )
    .returning('key')
    .executeTakeFirst()
  if (taken) return 0

  const row = await db
    .selectFrom('rate_limits')
    .select('expires_at')
    .where('key', '=', key)
    .executeTakeFirst()
  return Math.max(1, (row?.expires_at ?? now) - now)
}
