import { type Request, Router, urlencoded } from 'express'
import { delayed, exchangeOf, respond } from '../exchange.ts'
import { type Answer, htmlAnswer } from '../faults/transmit.ts'
import { pageHeaders } from '../page-headers.ts'
import { payByBankAccount, payByCard } from '../paying/pay-intent.ts'
import type { CheckoutSession, Payment, PaymentIntent } from '../records.ts'
import { renderPage } from '../render.ts'
import type { Sandbox } from '../sandbox.ts'
import {
  type Closed,
  closedPage,
  type Taken,
  takenBy,
  takenFor,
  UNKNOWN_SESSION,
} from './closed-page.ts'
import { type Attempt, hostedPage, takesBankAccountsIn } from './hosted-page.ts'
import { checkForm, type FormResult, fieldsOf } from './payment-form.ts'

/** The page that takes the money, where JustiFi has `https://checkout.justifi.ai/r/…`. */
export function hostedPageRoutes(sandbox: Sandbox): Router {
  const router = Router()

  router.get('/r/:session', async (req, res) => {
    await delayed(exchangeOf(res))
    respond(sandbox, res, show(sandbox, req))
  })

  router.post('/r/:session', urlencoded({ extended: false, limit: '16kb' }), async (req, res) => {
    await delayed(exchangeOf(res))
    const { requestId } = exchangeOf(res)
    respond(
      sandbox,
      res,
      sandbox.transact(() => pay(sandbox, req, requestId)),
    )
  })

  return router
}

type Open = { session: CheckoutSession; intent: PaymentIntent }

function show(sandbox: Sandbox, req: Request): Answer {
  const found = open(sandbox, req, ({ intent }) => takenFor(intent))
  if (!('session' in found)) return closedAnswer(found)
  const chosenCard = String(req.query.card ?? '')
  return openAnswer(sandbox, found, 200, { chosenCard })
}

/**
 * A session takes one payment. That its intent was paid through another does not stop it: JustiFi
 * does not say that it would, and a page may have been open since before.
 */
function pay(sandbox: Sandbox, req: Request, requestId: string): Answer {
  const { ledger } = sandbox
  const found = open(sandbox, req, ({ session }) =>
    takenBy(ledger.get('payment', session.payment_id ?? '')),
  )
  if (!('session' in found)) {
    const refused = found.status === 200 ? 409 : found.status
    return closedAnswer({ ...found, status: refused })
  }

  const fields = fieldsOf(req.body)
  const form = checkForm(fields, sandbox.clock.now(), takesBankAccountsIn(found.intent))
  if (form.kind === 'invalid') {
    return openAnswer(sandbox, found, 422, { fields, problems: form.problems })
  }

  const payment = take(sandbox, found.intent, form, requestId)
  if (payment.status === 'failed') {
    return openAnswer(sandbox, found, 422, { fields, declined: payment })
  }
  ledger.keepSession({ ...found.session, payment_id: payment.id })
  return htmlAnswer(303, '', { location: new URL(found.session.after_payment_url).href })
}

function take(
  sandbox: Sandbox,
  intent: PaymentIntent,
  form: Exclude<FormResult, { kind: 'invalid' }>,
  requestId: string,
): Payment {
  const origin = { requestId, idempotencyKey: null }
  return form.kind === 'card'
    ? payByCard(sandbox, intent, form.card, origin)
    : payByBankAccount(sandbox, intent, form.account, origin)
}

function open(
  { ledger, clock }: Sandbox,
  req: Request,
  takenOf: (open: Open) => Taken,
): Open | Closed {
  const session = ledger.session(String(req.params.session))
  const intent = session && ledger.get('payment_intent', session.payment_intent_id)
  if (!session || !intent) return UNKNOWN_SESSION
  return (
    closedPage(session, intent, takenOf({ session, intent }), clock.now()) ?? { session, intent }
  )
}

function openAnswer(
  { clock }: Sandbox,
  { session, intent }: Open,
  status: number,
  attempt: Attempt,
): Answer {
  const page = hostedPage(session, intent, clock.now(), attempt)
  // Browsers apply form-action to the redirect that answers a form as well.
  const shop = new URL(session.after_payment_url).origin
  return htmlAnswer(status, renderPage('hosted-page', page), pageHeaders(`'self' ${shop}`))
}

function closedAnswer({ status, page }: Closed): Answer {
  return htmlAnswer(status, renderPage('closed-page', page), pageHeaders("'none'"))
}
