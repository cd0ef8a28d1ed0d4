import type { Request } from 'express'

export const SIGN_IN_PATH = '/merchant/sign-in'

/** A path of the desk, on this very site: no `//host`, no `\`, no other scheme. */
const NEXT = /^\/merchant(?:[/?][^\\\s]*)?$/

/** Where somebody goes on after signing in, as a form or URL asks for it; undefined for elsewhere. */
export function nextOf(given: unknown): string | undefined {
  return typeof given === 'string' && NEXT.test(given) ? given : undefined
}

/** The way to sign in and back to where the request came from: a form's page, where it was a form. */
export function signInPath(req: Request, publicUrl: string): string {
  const next = req.method === 'GET' ? req.originalUrl : pathHere(req.headers.referer, publicUrl)
  const path = nextOf(next)
  return path ? `${SIGN_IN_PATH}?next=${encodeURIComponent(path)}` : SIGN_IN_PATH
}

function pathHere(referer: string | undefined, publicUrl: string): string | undefined {
  if (!referer || !URL.canParse(referer)) return undefined
  const { origin, pathname, search } = new URL(referer)
  return origin === publicUrl ? pathname + search : undefined
}
