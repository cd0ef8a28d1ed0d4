import type { Request } from 'express'
import { HOUR, MINUTE, SECOND } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import type { Transaction } from '../../db/database.ts'
import { inTransaction } from '../../db/transaction.ts'
import { fingerprint } from '../../ids.ts'
import { userEmail } from '../../merchants/user.ts'
import { addressKey } from '../address-key.ts'
import { countOne, forgetCount, takeTurn, uncountOne } from '../shared-limit.ts'

const WINDOW = 15 * MINUTE
/** Failed ones, for an account from an address. */
const TRIES = 10
/** Failed ones from an address, whichever accounts they try. */
const TRIES_OF_ADDRESS = 100

/** Failed ones for an account from wherever, within an hour, before the next have to wait. */
export const UNBRAKED_TRIES = 20
const BRAKE_WINDOW = HOUR
/** The gap doubles with each failure, from a second up to this. */
const LONGEST_GAP = 5 * MINUTE

type Context = Pick<AppContext, 'db' | 'clock' | 'log'>

/**
 * Counts a sign-in before its password is looked at, so that those at the same moment all count.
 * Nobody is locked out by a stranger: what others fail elsewhere only slows the account down, and
 * neither that nor what they fail beside them holds for a device that its user has signed in from.
 * Such a device has a count of its own.
 *
 * @returns how long to wait; 0 where the password may be looked at
 */
export function countSignIn(
  ctx: Context,
  req: Request,
  email: string,
  isKnownDevice: boolean,
): Promise<{ waitMs: number }> {
  const keys = keysOf(req, email, isKnownDevice)

  return inTransaction(ctx.db, async (trx) => {
    const within = { db: trx, clock: ctx.clock }
    const own = await countOne(within, keys.accountAndAddress, WINDOW)
    if (own.count > TRIES) return { waitMs: own.msLeft }
    if (isKnownDevice) return { waitMs: 0 }

    const address = await countOne(within, keys.address, WINDOW)
    if (address.count > TRIES_OF_ADDRESS) {
      if (address.count === TRIES_OF_ADDRESS + 1) alarm(ctx, 'one address', keys.address)
      return { waitMs: address.msLeft }
    }

    const account = await countOne(within, keys.account, BRAKE_WINDOW)
    const surplus = account.count - UNBRAKED_TRIES
    if (surplus <= 0) return { waitMs: 0 }
    if (surplus === 1) alarm(ctx, 'one account', keys.account)
    const waitMs = await takeTurn(within, keys.turn, gapAfter(surplus))
    // Who was not let through has not failed.
    if (waitMs > 0) await uncountOne(within, keys.account)
    return { waitMs }
  })
}

/** Who got in has not failed: takes back what `countSignIn` counted. */
export function clearSignIns(
  ctx: Context,
  req: Request,
  email: string,
  isKnownDevice: boolean,
): Promise<void> {
  const keys = keysOf(req, email, isKnownDevice)
  return inTransaction(ctx.db, async (trx) => {
    await forgetCount({ db: trx }, keys.accountAndAddress)
    if (!isKnownDevice) await uncountStranger(trx, keys)
  })
}

/** The same for one whose password was not looked at: what failed before stays counted. */
export function uncountSignIn(
  ctx: Context,
  req: Request,
  email: string,
  isKnownDevice: boolean,
): Promise<void> {
  const keys = keysOf(req, email, isKnownDevice)
  return inTransaction(ctx.db, async (trx) => {
    await uncountOne({ db: trx }, keys.accountAndAddress)
    if (!isKnownDevice) await uncountStranger(trx, keys)
  })
}

async function uncountStranger(db: Transaction, keys: ReturnType<typeof keysOf>): Promise<void> {
  await uncountOne({ db }, keys.address)
  await uncountOne({ db }, keys.account)
}

export function gapAfter(surplus: number): number {
  return Math.min(SECOND * 2 ** Math.min(surplus - 1, 20), LONGEST_GAP)
}

function alarm({ log }: Context, what: string, key: string): void {
  log.warn({ key }, `many sign-ins of ${what} failed`)
}

function keysOf(req: Request, email: string, isKnownDevice: boolean) {
  const account = fingerprint(userEmail(email)).slice(0, 32)
  const address = addressKey(req.ip)
  return {
    accountAndAddress: `sign-in:${account}:${address}${isKnownDevice ? ':known' : ''}`,
    address: `sign-in-address:${address}`,
    account: `sign-in-account:${account}`,
    turn: `sign-in-turn:${account}`,
  }
}
