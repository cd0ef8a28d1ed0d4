import type { Router } from 'express'
import type { AppContext } from '../../context.ts'
import { siteRouter } from '../router.ts'
import { createDesk } from './desk.ts'
import { eventRoutes } from './events/routes.ts'
import { homeRoutes } from './home/routes.ts'
import { jobRoutes } from './jobs/routes.ts'
import { orderDeskRoutes } from './orders/routes.ts'
import { passwordRoutes } from './passwords/routes.ts'
import { productRoutes } from './products/routes.ts'
import { reconciliationRoutes } from './reconciliation/routes.ts'
import { settingsRoutes } from './settings/routes.ts'
import { signInRoutes } from './sign-in.ts'
import { accountRoutes } from './users/account.ts'
import { userRoutes } from './users/routes.ts'

/** The merchant's desk: a file for each part of it adds its pages and forms. */
export function merchantRoutes(ctx: AppContext): Router {
  const router = siteRouter()
  const desk = createDesk(ctx, router)

  signInRoutes(ctx, router, desk)
  passwordRoutes(ctx, router)
  homeRoutes(ctx, desk)
  orderDeskRoutes(ctx, desk)
  jobRoutes(ctx, desk)
  eventRoutes(ctx, desk)
  reconciliationRoutes(ctx, desk)
  productRoutes(ctx, desk)
  userRoutes(ctx, desk)
  accountRoutes(ctx, desk)
  settingsRoutes(ctx, desk)

  return router
}
