import type { RequestHandler } from 'express'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { MINUTE, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { TooManyRequestsError } from '../errors.ts'
import { addressKey } from './address-key.ts'
import { countOne } from './shared-limit.ts'

/** Requests of one address to this process. What an address is, TRUST_PROXY says. */
export function requestLimit({ limits }: Pick<AppContext, 'limits'>): RequestHandler {
  const limiter = new RateLimiterMemory({
    points: limits.requestsPerMinute,
    duration: MINUTE / SECOND,
  })

  return (req, _res, next) => {
    limiter.consume(addressKey(req.ip)).then(
      () => next(),
      (reason) => next(reason instanceof RateLimiterRes ? tooMany(reason.msBeforeNext) : reason),
    )
  }
}

/** Checkouts of one address, over all instances. Without the database there is no checkout either. */
export function checkoutLimit(ctx: Pick<AppContext, 'limits' | 'db' | 'clock'>): RequestHandler {
  return async (req, _res, next) => {
    const { count, msLeft } = await countOne(ctx, `checkout:${addressKey(req.ip)}`, MINUTE)
    if (count > ctx.limits.checkoutsPerMinute) throw tooMany(msLeft)
    next()
  }
}

function tooMany(waitMs: number): TooManyRequestsError {
  const seconds = Math.max(1, Math.ceil(waitMs / SECOND))
  return new TooManyRequestsError('too many requests from one address', seconds)
}
