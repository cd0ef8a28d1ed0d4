import type { RequestHandler } from 'express'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { MINUTE, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { TooManyRequestsError } from '../errors.ts'
import { addressKey } from './address-key.ts'
import { DatabaseRateLimiter } from './rate-limit-store.ts'

const MINUTE_SECONDS = MINUTE / SECOND

/** Requests of one address to this process. What an address is, TRUST_PROXY says. */
export function requestLimit(ctx: Pick<AppContext, 'limits'>): RequestHandler {
  const limiter = new RateLimiterMemory({
    points: ctx.limits.requestsPerMinute,
    duration: MINUTE_SECONDS,
  })
  return limitedBy(limiter)
}

/** Checkouts of one address, over all instances. Without the database there is no checkout either. */
export function checkoutLimit(ctx: Pick<AppContext, 'limits' | 'db' | 'clock'>): RequestHandler {
  const limiter = new DatabaseRateLimiter(ctx, {
    keyPrefix: 'checkout',
    points: ctx.limits.checkoutsPerMinute,
    duration: MINUTE_SECONDS,
  })
  return limitedBy(limiter)
}

function limitedBy(limiter: RateLimiterAbstract): RequestHandler {
  return (req, _res, next) => {
    limiter.consume(addressKey(req.ip)).then(
      () => next(),
      (reason) => next(reason instanceof RateLimiterRes ? tooMany(reason) : reason),
    )
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes): TooManyRequestsError {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / SECOND))
  return new TooManyRequestsError('too many requests from one address', seconds)
}
