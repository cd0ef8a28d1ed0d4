import type { RequestHandler, Router } from 'express'
import { maskCardNumbers } from '../../card-numbers.ts'
import { MINUTE, SECOND } from '../../clock.ts'
import type { AppContext } from '../../context.ts'
import { inTransaction } from '../../db/transaction.ts'
import { TooManyRequestsError } from '../../errors.ts'
import { mailOrderLink } from '../../mail/order-link.ts'
import { addressKey } from '../address-key.ts'
import { csrfProtection } from '../csrf.ts'
import { formBody, formFields } from '../form-fields.ts'
import { noStore } from '../headers.ts'
import { render } from '../render.ts'
import { siteRouter } from '../router.ts'
import { countOne } from '../shared-limit.ts'
import { readContact } from '../shop/contact-form.ts'
import { FIND_ORDER_PATH, type FindOrderForm, findOrderPage } from './find-order-page.ts'

const MOST_TRIES = 20
const TRIES_WINDOW = 15 * MINUTE

const LONGEST_NUMBER = 40

/** For who has lost the link of an order: it is mailed to the address that ordered. */
export function findOrderRoutes(ctx: AppContext): Router {
  const router = siteRouter()
  const { issue, check } = csrfProtection(ctx)

  router.get(FIND_ORDER_PATH, noStore, issue, showForm(ctx))
  router.post(FIND_ORDER_PATH, noStore, formBody, check, sendLink(ctx))

  return router
}

function showForm(ctx: AppContext): RequestHandler {
  return (req, res) => {
    render(res, 'orders/find', findOrderPage({ ctx, sent: req.query.sent === 'yes' }))
  }
}

/** The answer, and what it takes to give it, is the same whether there is such an order or not. */
function sendLink(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const form = readForm(formFields(req))
    if (form.numberProblem || form.emailProblem) {
      return render(res, 'orders/find', findOrderPage({ ctx, form }), 422)
    }

    // One transaction, so that both cases wait for the disk once.
    const { count, msLeft } = await inTransaction(ctx.db, async (trx) => {
      const key = `find-order:${addressKey(req.ip)}`
      const tries = await countOne({ db: trx, clock: ctx.clock }, key, TRIES_WINDOW)
      if (tries.count <= MOST_TRIES) await mailOrderLink(trx, form, ctx.clock.now())
      return tries
    })
    if (count > MOST_TRIES) {
      const seconds = Math.max(1, Math.ceil(msLeft / SECOND))
      throw new TooManyRequestsError('too many orders looked for from one address', seconds)
    }
    res.redirect(303, `${FIND_ORDER_PATH}?sent=yes`)
  }
}

function readForm(fields: Record<string, string>): FindOrderForm {
  const { contact, problems } = readContact(fields)
  const typed = maskCardNumbers((fields.number ?? '').slice(0, LONGEST_NUMBER)).toWellFormed()
  // Numbers are read out and typed in groups.
  const number = typed.replace(/[\s#-]/g, '').toUpperCase()

  return {
    number,
    ...(number === '' && { numberProblem: 'missing' }),
    email: contact.email,
    ...(problems.email && { emailProblem: problems.email }),
  }
}
