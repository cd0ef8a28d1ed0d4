import type { RequestHandler } from 'express'
import { MethodNotAllowedError, PageNotFoundError } from '../errors.ts'

/** What Express' router keeps for each route, and for each middleware or router mounted in it. */
type Layer = {
  match(path: string): unknown
  route?: { methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
}

const METHODS = new Set(['GET', 'HEAD', 'POST'])

/** No route has another method. Left to Express, some routers would answer OPTIONS by themselves. */
export const knownMethodsOnly: RequestHandler = (req, res, next) => {
  if (METHODS.has(req.method)) next()
  else notFound(req, res, next)
}

/** The end of the map: 405 where the path is answered to another method, else 404. */
export const notFound: RequestHandler = (req, res, next) => {
  const methods = methodsAt(req.app.router.stack as unknown as Layer[], req.path)
  if (methods.has('GET')) methods.add('HEAD')
  if (methods.size === 0 || methods.has(req.method)) throw new PageNotFoundError('no such page')

  res.setHeader('Allow', [...methods].sort().join(', '))
  next(new MethodNotAllowedError(`${req.method} is not answered here`))
}

/** The methods that a path has routes for, in a router and in those mounted in it without a path. */
function methodsAt(layers: Layer[], path: string): Set<string> {
  return new Set(
    layers
      .filter((layer) => layer.match(path))
      .flatMap(({ route, handle }) =>
        route
          ? Object.keys(route.methods).map((method) => method.toUpperCase())
          : [...methodsAt(handle.stack ?? [], path)],
      ),
  )
}
