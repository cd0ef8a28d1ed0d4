import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'
import { DAY } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import { fingerprint } from '../../ids.ts'
import type { User } from '../../merchants/user.ts'
import { hostCookie, isHttps } from '../https.ts'

type Context = Pick<AppContext, 'publicUrl' | 'sessionSecrets'>

const LIFE = 180 * DAY
const NAME = 'device-'

/**
 * A browser that a user has signed in from keeps a signed cookie that says so, one for each user.
 * It opens nothing: it only lets that user in while strangers try their account. Worth nothing once
 * the user's sessions were ended, as by another password.
 *
 * @param user as they are now
 */
export function rememberDevice(ctx: Context, res: Response, user: User): void {
  const [newest = ''] = ctx.sessionSecrets
  res.cookie(cookieName(ctx, user.email), signature(newest, user), {
    httpOnly: true,
    sameSite: 'lax',
    secure: isHttps(ctx),
    path: '/',
    maxAge: LIFE,
  })
}

/** Whether the user has signed in from this browser before. Needs `req.cookies`. */
export function isKnownDevice(ctx: Context, req: Request, user: User | undefined): boolean {
  const given = user && req.cookies?.[cookieName(ctx, user.email)]
  if (!user || typeof given !== 'string') return false
  return ctx.sessionSecrets.some((secret) => isSame(given, signature(secret, user)))
}

/** Whether anybody has, so that who is asked to sign in was signed out, and is no newcomer. */
export function wasHereBefore(req: Request): boolean {
  return /(^|; *)(__Host-)?device-/.test(req.headers.cookie ?? '')
}

function cookieName(ctx: Context, email: string): string {
  return hostCookie(ctx, `${NAME}${fingerprint(email).slice(0, 16)}`)
}

function signature(secret: string, { id, sessionsVersion }: User): string {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'known device', 32))
  return createHmac('sha256', key).update(`${id} ${sessionsVersion}`).digest('base64url')
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
