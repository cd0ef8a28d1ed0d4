import type { AppContext } from '../context.ts'

/**
 * Counts one more under `key`, for all instances together, in windows that begin with the first
 * one counted. One statement, so that those who come at the same moment are all counted.
 *
 * @returns how many the window has seen, this one included, and the milliseconds it has left
 */
export async function countOne(
  { db, clock }: Pick<AppContext, 'db' | 'clock'>,
  key: string,
  windowMs: number,
): Promise<{ count: number; msLeft: number }> {
  const now = clock.now().getTime()

  const { points, expires_at } = await db
    .insertInto('rate_limits')
    .values({ key, points: 1, expires_at: now + windowMs })
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
    .returning(['points', 'expires_at'])
    .executeTakeFirstOrThrow()

  return { count: points, msLeft: (expires_at ?? now) - now }
}

/** Begins anew under `key`. */
export async function forgetCount({ db }: Pick<AppContext, 'db'>, key: string): Promise<void> {
  await db.deleteFrom('rate_limits').where('key', '=', key).execute()
}
