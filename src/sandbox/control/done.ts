import type { Request, Response } from 'express'

/** JSON for programs; whoever pressed a button of the page gets the page again. */
export function done(req: Request, res: Response, status: number, body: unknown): void {
  if (req.is('urlencoded')) res.redirect(303, '/_sandbox')
  else res.status(status).json(body)
}
