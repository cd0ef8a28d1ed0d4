import type { RequestHandler } from 'express'
import { BadRequestError } from '../errors.ts'

/**
 * Refuses what a proxy before us may read in another way than we do, and what the database could
 * not take: two Host headers (Node lets them pass, and believes the first), and a NUL in the URL.
 */
export const wellFormedOnly: RequestHandler = (req, _res, next) => {
  if (hostCount(req.rawHeaders) > 1) throw new BadRequestError('more than one Host header')
  if (req.url.includes('%00')) throw new BadRequestError('a NUL in the URL')
  next()
}

/** @param headers names and values in turn, as they came */
function hostCount(headers: string[]): number {
  let count = 0
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.length === 4 && headers[i]?.toLowerCase() === 'host') count++
  }
  return count
}
