import type { Request } from 'express'
import { HOUR, later, timestamp } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import type { User } from '../../merchants/user.ts'
import type { SessionKind } from '../sessions.ts'

declare module 'express-session' {
  interface SessionData {
    signedIn?: {
      userId: string
      /** The user's `sessionsVersion` at sign-in: the session ends when that goes up. */
      version: number
      /** ISO-8601. */
      at: string
    }
  }
}

/** Not the visitor's: that one lives for weeks and holds carts. Ends two hours after its last use. */
export const DESK_SESSION: SessionKind = { cookie: 'desk', lifeMs: 2 * HOUR }
/** However much it is used. */
const LONGEST_SESSION = 12 * HOUR

/** Under a new id: one that was known, or planted, before is worth nothing. */
export async function beginSession(
  ctx: Pick<AppContext, 'clock'>,
  req: Request,
  { id: userId, sessionsVersion: version }: Pick<User, 'id' | 'sessionsVersion'>,
  at = timestamp(ctx.clock.now()),
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate((error?: unknown) => (error ? reject(error) : resolve()))
  })
  req.session.signedIn = { userId, version, at }
}

/**
 * The same for who has just ended all sessions of their own: this one goes on, as old as it was.
 *
 * @param user as they are now
 */
export function renewSession(
  ctx: Pick<AppContext, 'clock'>,
  req: Request,
  user: Pick<User, 'id' | 'sessionsVersion'>,
): Promise<void> {
  return beginSession(ctx, req, user, req.session.signedIn?.at)
}

export function endSession(req: Request): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    req.session.destroy((error?: unknown) => (error ? reject(error) : resolve()))
  })
}

/** Whether a session is a user's as that user is now. */
export function holds(
  signedIn: { version: number; at: string },
  user: Pick<User, 'disabledAt' | 'sessionsVersion'>,
  now: Date,
): boolean {
  return (
    user.disabledAt === null &&
    user.sessionsVersion === signedIn.version &&
    now < later(new Date(signedIn.at), LONGEST_SESSION)
  )
}
