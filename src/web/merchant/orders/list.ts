import type { Request, RequestHandler, Response } from 'express'
import type { AppContext } from '../../../context.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { PageNotFoundError } from '../../../errors.ts'
import { findOpenJob } from '../../../jobs/queries.ts'
import { recordAct } from '../../../merchants/audit-log.ts'
import {
  NO_FILTER,
  type OrderCriteria,
  orderCriteria,
  type ReadFilter,
  readOrderFilter,
} from '../../../orders/order-filter.ts'
import { SearchTooSlowError, searchOrders } from '../../../orders/queries/desk-hits.ts'
import {
  type CappedCount,
  countBeside,
  countOrders,
  type ListFrom,
  listOrders,
} from '../../../orders/queries/desk-list.ts'
import { explainItem, findItem, listOpenItems } from '../../../orders/queries/desk-open-items.ts'
import { wordsFor } from '../../../words/words.ts'
import { formFields } from '../../form-fields.ts'
import { render } from '../../render.ts'
import { deskOf } from '../desk.ts'
import { type FoundOrders, orderListPage } from './list-page.ts'
import { readNote } from './note.ts'
import type { ItemProblem } from './open-items-part.ts'
import { filteredPath, ORDERS_PATH } from './paths.ts'

const ORDERS_ON_A_PAGE = 25
const ITEMS_ON_A_PAGE = 50

type ItemNotice = 'resolved' | 'resolved_before'

/** GET /merchant/orders: `status` (repeatable), `q`, `from`, `to`, `attention=1`, `after`, `before`. */
export function showOrders(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const named = req.query.notice
    const notice = named === 'resolved' || named === 'resolved_before' ? named : undefined
    await renderList(ctx, res, readOrderFilter(queryOf(req)), placeOf(req), { notice })
  }
}

/** The query string of a request, with its repeated names. */
export function queryOf(req: Request): URLSearchParams {
  const start = req.originalUrl.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : req.originalUrl.slice(start))
}

/** The list where it can be made, and what is wrong with the filter where it cannot. */
export async function renderList(
  ctx: AppContext,
  res: Response,
  read: ReadFilter,
  from: ListFrom | null,
  more: { itemProblem?: ItemProblem; notice?: ItemNotice | undefined } = {},
): Promise<void> {
  const visit = deskOf(res)
  const { merchantId, timeZone, language } = visit.shop
  const now = ctx.clock.now()
  const isWrong = Object.keys(read.problems).length > 0
  const [found, attention, items, openCheck] = await Promise.all([
    isWrong
      ? undefined
      : findOrders(ctx, merchantId, orderCriteria(read.filter, timeZone, now), from),
    countAttention(ctx, merchantId, timeZone, now),
    listOpenItems(ctx.db, merchantId, ITEMS_ON_A_PAGE + 1),
    findOpenJob(ctx.db, merchantId, 'check_orders'),
  ])
  const openItems = {
    items: items.slice(0, ITEMS_ON_A_PAGE),
    more: items.length > ITEMS_ON_A_PAGE,
  }

  const page = orderListPage({
    ...{ ctx, visit, read, found, openItems, openCheck, now },
    attention: {
      count: attention.count + openItems.items.length,
      more: attention.more || openItems.more,
    },
    itemProblem: more.itemProblem,
    notice: more.notice && wordsFor(language).deskOrders.openItems[more.notice],
  })
  render(res, 'merchant/orders/list', page, page.errors ? 422 : 200)
}

/** A page of the orders, and how many there are. */
export async function findOrders(
  ctx: AppContext,
  merchantId: string,
  criteria: OrderCriteria,
  from: ListFrom | null,
): Promise<FoundOrders | 'slow'> {
  try {
    const search = await searchOrders(ctx.db, merchantId, criteria)
    const [list, counted] = await Promise.all([
      listOrders(ctx.db, merchantId, search, from, ORDERS_ON_A_PAGE),
      countOrders(ctx.db, merchantId, search),
    ])
    return { list, count: countBeside(list, counted) }
  } catch (error) {
    if (error instanceof SearchTooSlowError) return 'slow'
    throw error
  }
}

/** Orders that a person has to look at, counted as far as lists count. */
async function countAttention(
  ctx: AppContext,
  merchantId: string,
  timeZone: string,
  now: Date,
): Promise<CappedCount> {
  const criteria = orderCriteria({ ...NO_FILTER, attention: true }, timeZone, now)
  return countOrders(ctx.db, merchantId, await searchOrders(ctx.db, merchantId, criteria))
}

function placeOf(req: Request): ListFrom | null {
  const { after, before } = req.query
  if (typeof after === 'string') return { cursor: after, direction: 'older' }
  if (typeof before === 'string') return { cursor: before, direction: 'newer' }
  return null
}

/** A person says what money was that no order explains. */
export function resolveItem(ctx: AppContext): RequestHandler {
  return async (req, res) => {
    const { user, shop } = deskOf(res)
    const id = String(req.params.item)
    const fields = formFields(req)
    const { note, problem } = readNote(fields[`note-${id}`] ?? fields.note)
    if (!(await findItem(ctx.db, shop.merchantId, id))) throw new PageNotFoundError('no such item')

    const filter = { ...NO_FILTER, attention: true }
    if (problem) {
      const read = { filter, typed: { from: '', to: '' }, problems: {} }
      return renderList(ctx, res, read, null, { itemProblem: { id, note, problem } })
    }
    const now = ctx.clock.now()
    const { merchantId } = shop
    const isKept = await inTransaction(ctx.db, async (trx) => {
      const item = await explainItem(trx, merchantId, id, note, now)
      // A form that is sent twice says the same again.
      if (!item) return (await findItem(trx, merchantId, id))?.resolution === note
      const data = { subject: item.subjectId, note }
      await recordAct(trx, { merchantId, actor: user.email, kind: 'item_explained', data }, now)
      return true
    })
    const notice: ItemNotice = isKept ? 'resolved' : 'resolved_before'
    res.redirect(303, filteredPath(ORDERS_PATH, filter, { notice }))
  }
}
