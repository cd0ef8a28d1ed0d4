import type { Request } from 'express'
import { MINUTE, SECOND } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import { fingerprint } from '../../ids.ts'
import { userEmail } from '../../merchants/user.ts'
import { addressKey } from '../address-key.ts'
import { countOne, forgetCount } from '../shared-limit.ts'

const WINDOW = 15 * MINUTE
/** Failed ones, for an account from an address. */
const TRIES = 10

type Context = Pick<AppContext, 'db' | 'clock'>

/** Counts a sign-in before its password is looked at, so that those at the same moment all count. */
export async function countSignIn(
  ctx: Context,
  req: Request,
  email: string,
): Promise<{ tooMany: boolean; waitSeconds: number }> {
  const { count, msLeft } = await countOne(ctx, keyOf(req, email), WINDOW)
  return { tooMany: count > TRIES, waitSeconds: Math.max(1, Math.ceil(msLeft / SECOND)) }
}

/** Who got in has not failed. */
export function clearSignIns(ctx: Context, req: Request, email: string): Promise<void> {
  return forgetCount(ctx, keyOf(req, email))
}

function keyOf(req: Request, email: string): string {
  return `sign-in:${fingerprint(userEmail(email))}:${addressKey(req.ip)}`
}
