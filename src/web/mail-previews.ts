import type { RequestHandler, Router } from 'express'
import type { AppContext } from '../context.ts'
import { PageNotFoundError } from '../errors.ts'
import { composeMail } from '../mail/compose-mail.ts'
import type { OutgoingMail } from '../mail/mailer.ts'
import { findMail, listNewestMails, type StoredMail } from '../mail/queries.ts'
import { noStore } from './headers.ts'
import { MAILS_PATH, mailPreviewsPage } from './mail-previews-page.ts'
import { render } from './render.ts'
import { siteRouter } from './router.ts'

const SHOWN = 20

/**
 * The mails of the outbox, to be looked at while working on them. Never in production, nor where
 * others can reach the shop: they hold addresses, and links that are keys.
 */
export function mailPreviewRoutes(ctx: AppContext): Router {
  const router = siteRouter()
  if (!hasPreviews(ctx)) return router

  router.get(MAILS_PATH, noStore, showMails(ctx))
  router.get(`${MAILS_PATH}/:id`, noStore, showHtml(ctx))
  return router
}

export type MailContext = Pick<AppContext, 'production' | 'publicUrl' | 'sendsMail'>

/** Whether anybody reads what is mailed: it goes out, or is shown here. */
export function mailArrives(ctx: MailContext): boolean {
  return ctx.sendsMail || hasPreviews(ctx)
}

function hasPreviews({ production, publicUrl }: MailContext): boolean {
  return !production && isLocal(publicUrl)
}

function isLocal(publicUrl: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(publicUrl).hostname)
}

function showMails(ctx: AppContext): RequestHandler {
  return async (_req, res) => {
    const stored = await listNewestMails(ctx.db, SHOWN)
    const mails = await Promise.all(
      stored.map(async (mail) => ({ stored: mail, made: await tryToMake(ctx, mail) })),
    )
    render(res, 'mail/previews', mailPreviewsPage({ ctx, mails, now: ctx.clock.now() }))
  }
}

/** The mail's own HTML, under a policy that lets it do nothing but look as it does. */
function showHtml(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const mail = await findMail(ctx.db, String(req.params.id))
    if (!mail) throw new PageNotFoundError('no mail has this id')
    const { html } = await composeMail(ctx, mail)

    res.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    )
    // It has no origin to keep apart.
    res.removeHeader('Origin-Agent-Cluster')
    res.type('html').end(html)
  }
}

async function tryToMake(ctx: AppContext, mail: StoredMail): Promise<OutgoingMail | undefined> {
  try {
    return await composeMail(ctx, mail)
  } catch (err) {
    ctx.log.error({ err, mail: mail.id }, 'a mail cannot be made')
    return undefined
  }
}
