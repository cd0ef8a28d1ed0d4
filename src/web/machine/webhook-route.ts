import express, { type Request, type Router } from 'express'
import type { AppContext } from '../../context.ts'
import { receiveEvent } from '../../webhooks/receive-event.ts'
import { siteRouter } from '../router.ts'

const MAX_BODY = '256kb'

/**
 * POST /webhooks/justifi. 200 only after the event is on disk, and without waiting for JustiFi to
 * be asked; a delivery that cannot be stored is answered 503, so that JustiFi sends it again.
 */
export function webhookRoutes(ctx: AppContext): Router {
  const router = siteRouter()
  const rawBody = express.raw({ type: () => true, limit: MAX_BODY, inflate: false })

  router.post('/webhooks/justifi', rawBody, async (req, res) => {
    const receipt = await receiveEvent(ctx, {
      signature: onlyHeader(req, 'justifi-signature'),
      timestamp: onlyHeader(req, 'justifi-timestamp'),
      body: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
    }).catch((err: unknown) => {
      ctx.log.error({ err }, 'a webhook delivery could not be stored')
      return { status: 503, problem: 'not_stored' } as const
    })

    if (receipt.status !== 200) {
      res.status(receipt.status).json({ error: receipt.problem })
      return
    }
    res.status(200).json({ received: true })
    await receipt.ring?.().catch((err: unknown) => {
      ctx.log.error({ err }, 'the order of a webhook could not be settled; it stays due')
    })
  })

  return router
}

/** A header that was sent once. Sent twice, it is as good as missing: which one was signed? */
function onlyHeader(req: Request, name: string): string | undefined {
  const values = req.headersDistinct[name]
  return values?.length === 1 ? values[0] : undefined
}
