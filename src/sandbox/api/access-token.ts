import { Router } from 'express'
import { SECOND } from '../../clock.ts'
import { TOKEN_LIFE_MS } from '../access-tokens.ts'
import { delayed, exchangeOf, respond } from '../exchange.ts'
import { jsonAnswer } from '../faults/transmit.ts'
import type { Sandbox } from '../sandbox.ts'
import { ApiError } from './api-error.ts'
import { bodyOf } from './endpoint.ts'
import { parseParameters } from './parameters.ts'

const CREDENTIALS = ['client_id', 'client_secret']

/** Anyone whose id and secret are those of a test account gets in. */
export function accessTokenRoutes(sandbox: Sandbox): Router {
  const router = Router()

  router.post('/oauth/token', async (req, res) => {
    await delayed(exchangeOf(res))
    const parameters = parseParameters(bodyOf(req), CREDENTIALS)
    const isTest = CREDENTIALS.every((name) => String(parameters[name]).startsWith('test_'))
    if (!isTest) throw new ApiError(401, 'not_authenticated', 'Invalid client credentials')

    respond(
      sandbox,
      res,
      jsonAnswer(200, {
        access_token: sandbox.accessTokens.issue(),
        expires_in: TOKEN_LIFE_MS / SECOND,
      }),
    )
  })

  return router
}
