import { Router } from 'express'

/**
 * A router for which a path has one spelling. Express' own takes `/Shops/x/` for `/shops/x`, and a
 * router does not inherit these settings from the application.
 */
export function siteRouter(): Router {
  return Router({ strict: true, caseSensitive: true })
}
