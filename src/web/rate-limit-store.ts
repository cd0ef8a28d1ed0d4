import {
  type IRateLimiterOptions,
  RateLimiterRes,
  RateLimiterStoreAbstract,
} from 'rate-limiter-flexible'
import type { AppContext } from '../context.ts'

type Context = Pick<AppContext, 'db' | 'clock'>
type Counted = { points: number; expires_at: number | null }

/** A limit that all instances share, counted in the shop's own database. */
export class DatabaseRateLimiter extends RateLimiterStoreAbstract {
  readonly #ctx: Context

  constructor(ctx: Context, options: IRateLimiterOptions) {
    super({ storeClient: ctx.db, ...options })
    this.#ctx = ctx
  }

  /** One statement, so that callers at the same moment are all counted. */
  async _upsert(
    key: string,
    points: number,
    durationMs: number,
    restart = false,
  ): Promise<Counted> {
    const now = this.#now()
    const expires_at = durationMs > 0 ? now + durationMs : null

    return this.#ctx.db
      .insertInto('rate_limits')
      .values({ key, points, expires_at })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((eb) => {
          const isOver = restart ? eb.lit(true) : eb('rate_limits.expires_at', '<=', now)
          return {
            points: eb
              .case()
              .when(isOver)
              .then(eb.ref('excluded.points'))
              .else(eb('rate_limits.points', '+', eb.ref('excluded.points')))
              .end(),
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
  }

  async _get(key: string): Promise<Counted | null> {
    const row = await this.#ctx.db
      .selectFrom('rate_limits')
      .select(['points', 'expires_at'])
      .where('key', '=', key)
      .executeTakeFirst()
    const isOver = row?.expires_at != null && row.expires_at <= this.#now()
    return row && !isOver ? row : null
  }

  async _delete(key: string): Promise<boolean> {
    const { numDeletedRows } = await this.#ctx.db
      .deleteFrom('rate_limits')
      .where('key', '=', key)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  _getRateLimiterRes(_key: string, changedPoints: number, counted: Counted): RateLimiterRes {
    const isFirst = counted.points === changedPoints
    const msLeft = counted.expires_at === null ? -1 : counted.expires_at - this.#now()
    return new RateLimiterRes(
      Math.max(this.points - counted.points, 0),
      Math.max(msLeft, -1),
      counted.points,
      isFirst,
    )
  }

  #now(): number {
    return this.#ctx.clock.now().getTime()
  }
}
