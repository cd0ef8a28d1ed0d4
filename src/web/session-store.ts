import type { Request } from 'express'
import { type Session, type SessionData, Store } from 'express-session'
import { later, MINUTE, timestamp } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { compiled } from '../db/compiled.ts'
import type { Row } from '../db/schema.ts'

type Context = Pick<AppContext, 'db' | 'clock' | 'log'>
type Done = (error?: unknown) => void

/** An end that has moved by less than this is not worth a write. */
const TOUCH_MS = MINUTE

/** Sessions in the shop's own database, so that every instance finds them. */
export class SessionStore extends Store {
  readonly #ctx: Context
  readonly #lifeMs: number
  /** When the row of a loaded session ends, in Unix milliseconds. */
  readonly #ends = new WeakMap<object, number>()

  /** @param lifeMs how long a session lives after it was last used */
  constructor(ctx: Context, lifeMs: number) {
    super()
    this.#ctx = ctx
    this.#lifeMs = lifeMs
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    findSession(this.#ctx.db, id, timestamp(this.#ctx.clock.now())).then(([row]) => {
      if (!row) return done(null, null)
      const session: SessionData = JSON.parse(row.data)
      this.#ends.set(session, Date.parse(row.expires_at))
      done(null, session)
    }, done)
  }

  override createSession(req: Request, data: SessionData): Session & SessionData {
    const session = super.createSession(req, data)
    this.#ends.set(session, this.#ends.get(data) ?? 0)
    return session
  }

  override set(id: string, session: SessionData, done: Done = () => {}): void {
    const end = this.#newEnd()
    const row = { data: JSON.stringify(session), expires_at: timestamp(end) }
    storeSession(this.#ctx.db, { id, ...row }, row).then(() => {
      this.#ends.set(session, end.getTime())
      done()
    }, done)
  }

  /** Puts off the session's end. A failure only leaves the end where it was. */
  override touch(id: string, session: SessionData, done: Done = () => {}): void {
    const end = this.#newEnd()
    if (end.getTime() - (this.#ends.get(session) ?? 0) < TOUCH_MS) {
      done()
      return
    }
    this.#ctx.db
      .updateTable('sessions')
      .set({ expires_at: timestamp(end) })
      .where('id', '=', id)
      .execute()
      .then(
        () => done(),
        (err) => {
          this.#ctx.log.warn({ err }, 'a session could not be touched')
          done()
        },
      )
  }

  override destroy(id: string, done: Done = () => {}): void {
    this.#ctx.db
      .deleteFrom('sessions')
      .where('id', '=', id)
      .execute()
      .then(() => done(), done)
  }

  #newEnd(): Date {
    return later(this.#ctx.clock.now(), this.#lifeMs)
  }
}

const findSession = compiled((db, id: string, now: string) =>
  db
    .selectFrom('sessions')
    .select(['data', 'expires_at'])
    .where('id', '=', id)
    .where('expires_at', '>', now),
)
const storeSession = compiled((db, row: Row<'sessions'>, update: Omit<Row<'sessions'>, 'id'>) =>
  db
    .insertInto('sessions')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(update)),
)
